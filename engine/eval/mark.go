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
	out, err := cty.Transform(v, func(_ cty.Path, leaf cty.Value) (cty.Value, error) {
		if !leaf.IsKnown() || leaf.IsNull() {
			return leaf, nil
		}
		switch leaf.Type() {
		case cty.String:
			return cty.StringVal("(" + string(mark) + ")"), nil
		case cty.Number:
			return cty.Zero, nil
		case cty.Bool:
			return cty.False, nil
		}
		return leaf, nil
	})
	if err != nil {
		panic(err) // the function above gives none
	}
	return out
}

// Has says whether a mark stands anywhere in the value.
func Has(v cty.Value, mark any) bool {
	_, marks := v.UnmarkDeep()
	_, found := marks[mark]
	return found
}
