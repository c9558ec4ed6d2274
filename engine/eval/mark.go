package eval

import "github.com/zclconf/go-cty/cty"

// Three facts ride as cty marks through every expression of real values. They
// say that the hashed form may differ, and why.
type (
	// Run marks what comes from another flow's run.
	Run struct {
		Flow   string // address
		Output string // "" for the whole result
	}
	// Hook marks what comes from a hook, by its name.
	Hook string
	fact string
)

const (
	// Sensitive marks what is shown nowhere and never hashed.
	Sensitive fact = "sensitive"
	// Ambient marks what is passed and recorded and never hashed.
	Ambient fact = "ambient"
	// Local marks paths of this machine: recorded in their hashed form.
	Local fact = "local"
	// Changes marks, in hashed values only, an unknown that will not be what
	// any record has.
	Changes fact = "changes"
)

// standIn is the constant that is hashed in place of a sensitive or ambient
// value: of the same type and shape, so that every expression that can take
// the real value can take it too.
func standIn(v cty.Value, mark fact) cty.Value {
	v, _ = v.UnmarkDeep()
	return transform(v, func(_ cty.Path, leaf cty.Value) cty.Value {
		if !leaf.IsKnown() || leaf.IsNull() {
			return leaf
		}
		switch leaf.Type() {
		case cty.String:
			return cty.StringVal("(" + string(mark) + ")")
		case cty.Number:
			return cty.Zero
		case cty.Bool:
			return cty.False
		}
		return leaf
	})
}

// constantFact is the mark that makes a value count as a constant: "" for
// none, sensitive rather than ambient.
func constantFact(marks cty.ValueMarks) fact {
	if _, ok := marks[Sensitive]; ok {
		return Sensitive
	}
	if _, ok := marks[Ambient]; ok {
		return Ambient
	}
	return ""
}

// standIns is the hashed form of a value of which no more is known than its
// marks: a constant at and below each that asks for one.
func standIns(v cty.Value) cty.Value {
	plain, marked := v.UnmarkDeepWithPaths()
	for _, sensitive := range []bool{false, true} { // of a value that is both, the text is the sensitive one's
		for _, m := range marked {
			mark := constantFact(m.Marks)
			if mark == "" || (mark == Sensitive) != sensitive {
				continue
			}
			plain = transform(plain, func(path cty.Path, inner cty.Value) cty.Value {
				if path.Equals(m.Path) {
					return standIn(inner, mark)
				}
				return inner
			})
		}
	}
	return plain
}

func transform(v cty.Value, change func(cty.Path, cty.Value) cty.Value) cty.Value {
	out, err := cty.Transform(v, func(path cty.Path, inner cty.Value) (cty.Value, error) { return change(path, inner), nil })
	if err != nil {
		panic(err) // the function above gives none
	}
	return out
}

// Has says whether a mark stands anywhere in the value.
func Has(v cty.Value, mark any) bool {
	if v.Type().IsPrimitiveType() || v.Type().IsSetType() {
		return v.HasMark(mark)
	}
	_, marks := v.UnmarkDeep()
	_, found := marks[mark]
	return found
}

// marksIn are all marks in a value.
func marksIn(v cty.Value) cty.ValueMarks {
	if v.Type().IsPrimitiveType() { // cty's way through a value takes longer
		return v.Marks()
	}
	_, marks := v.UnmarkDeep()
	return marks
}

// isMarked says whether there is any mark in the value.
func isMarked(v cty.Value) bool {
	if v.Type().IsPrimitiveType() || v.Type().IsSetType() { // what is in a set has its marks at the set
		return v.IsMarked()
	}
	return v.ContainsMarked()
}
