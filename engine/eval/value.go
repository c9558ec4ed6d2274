// Package eval turns expressions into edges and values: which references make
// which dependencies, and what an expression is worth with what is known.
//
// Each hashed expression is evaluated twice: with the real values, which are
// passed, and with stand-ins, which are hashed. In the second a run is
// "@<data version>" wherever its ID stands in a text, and a sensitive or
// ambient value is a constant. Where that loses what the real value has, the
// real one counts (docs/decisions/0013). What is not known before something has run is
// cty's unknown in both.
//
// New is the entry point. The package runs nothing, calls no hook and decides
// no verdict (engine/plan); it reads files only for the functions that do.
package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/flowrider/flowrider/engine/manifest"
)

// Value is one expression's worth in both forms.
type Value struct {
	Real   cty.Value // with marks; what is passed
	Hashed cty.Value // what is hashed; carries no mark but Changes

	// What has been looked at once, since to look takes time.
	single bool           // the two are one, without marks
	apart  bool           // the two may differ
	flat   bool           // what is marked has no parts, so that it is no flow as a whole
	marks  cty.ValueMarks // all in the real form; nil where that is not known
	size   *size          // of the real form; nil where that is not known
}

// Plain is a value whose two forms are the same.
func Plain(v cty.Value) Value { return Value{Real: v, Hashed: v} }

// Absent says whether there is no value at all, as of an argument that is not
// written.
func (v Value) Absent() bool { return v.Real == cty.NilVal }

// split says whether the two forms may differ.
func (v Value) split() bool {
	return v.apart || !v.single && (v.Real.ContainsMarked() || v.Hashed.ContainsMarked())
}

// Has says whether a mark stands anywhere in the real form.
func (v Value) Has(mark any) bool {
	if v.marks != nil {
		return marked(v.marks, mark)
	}
	return !v.single && Has(v.Real, mark)
}

// Ambient is the value marked as ambient, its hashed form a constant.
func (v Value) Ambient() Value { return v.as(Ambient) }

// Sensitive is the value marked as sensitive, its hashed form a constant.
func (v Value) Sensitive() Value { return v.as(Sensitive) }

func (v Value) as(mark fact) Value {
	return Value{Real: v.Real.Mark(mark), Hashed: standIn(v.Hashed, mark)}
}

// Unmarked is the real value without marks.
func (v Value) Unmarked() cty.Value {
	real, _ := v.Real.UnmarkDeep()
	return real
}

// Source is where a leaf's value comes from: a Run or a Hook.
type Source any

// Use says that all at or below a path depends on a run or a hook.
type Use struct {
	At     manifest.Path
	Source Source
}

// Facts flattens a hashed value into manifest facts, one for each leaf.
func Facts(at manifest.Path, hashed cty.Value) []manifest.Fact {
	v, marks := hashed.Unmark()
	t := v.Type()
	switch {
	case !v.IsKnown():
		_, changes := marks[Changes]
		return []manifest.Fact{{Path: at, Unknown: true, Changes: changes}}
	case v.IsNull():
		return []manifest.Fact{{Path: at, Value: "null"}}
	case t.IsSetType() && !v.IsWhollyKnown():
		_, changes := marks[Changes] // the elements' marks stand at the set
		return []manifest.Fact{{Path: at, Unknown: true, Changes: changes}}
	case t.IsObjectType() || t.IsMapType():
		return elements(at, v, marks, "{}")
	case t.IsCollectionType() || t.IsTupleType():
		return elements(at, v, marks, "[]")
	}
	return []manifest.Fact{{Path: at, Value: CanonicalJSON(v)}}
}

func elements(at manifest.Path, v cty.Value, marks cty.ValueMarks, empty string) []manifest.Fact {
	var facts []manifest.Fact
	position := 0
	for it := v.ElementIterator(); it.Next(); position++ {
		key, element := it.Element()
		step := manifest.Index(position)
		if empty == "{}" {
			step = manifest.Key(key.AsString())
		}
		facts = append(facts, Facts(at.With(step), element.WithMarks(marks))...)
	}
	if len(facts) == 0 {
		facts = append(facts, manifest.Fact{Path: at, Value: empty})
	}
	return facts
}

// Uses says which paths of a value, placed at a path, depend on which runs
// and hooks.
func (v Value) Uses(at manifest.Path) []Use {
	_, marked := v.Real.UnmarkDeepWithPaths()
	var uses []Use
	for _, m := range marked {
		for mark := range m.Marks {
			switch mark.(type) {
			case Run, Hook:
				uses = append(uses, Use{At: pathOf(at, m.Path), Source: mark})
			}
		}
	}
	slices.SortFunc(uses, func(a, b Use) int {
		if order := a.At.Compare(b.At); order != 0 {
			return order
		}
		return strings.Compare(fmt.Sprint(a.Source), fmt.Sprint(b.Source))
	})
	return uses
}

// collapse replaces lists and objects that are ambient or sensitive as a whole
// by one constant in the hashed form, so that not even their shape counts. It
// is done last, where no expression takes the value apart any more. An object
// that is the whole argument stays one: runners and records take it by member.
func (v Value) collapse() Value {
	if v.single || v.marks != nil && constantFact(v.marks) == "" {
		return v
	}
	_, marked := v.Real.UnmarkDeepWithPaths()
	constants := map[string]string{}
	for _, m := range marked {
		mark := constantFact(m.Marks)
		if mark == "" || hasRun(m.Marks) {
			continue
		}
		if real := v.Unmarked(); len(m.Path) == 0 && real.IsKnown() && !real.IsNull() && (real.Type().IsObjectType() || real.Type().IsMapType()) {
			return Value{Real: v.Real, Hashed: constantMembers(real, mark)}
		}
		constants[pathOf(nil, m.Path).String()] = "(" + string(mark) + ")"
	}
	if len(constants) == 0 {
		return v
	}
	hashed := transform(v.Hashed, func(path cty.Path, value cty.Value) cty.Value {
		text := constants[pathOf(nil, path).String()]
		if text == "" || insideSet(path) || !isShaped(value) {
			return value
		}
		return cty.StringVal(text)
	})
	return Value{Real: v.Real, Hashed: hashed}
}

// constantMembers is the hashed form of an argument that is ambient or
// sensitive as a whole: the real one's names, and a constant for each.
func constantMembers(real cty.Value, mark fact) cty.Value {
	members := map[string]cty.Value{}
	for name, member := range real.AsValueMap() {
		switch {
		case isShaped(member) || !member.IsKnown() || member.IsNull():
			members[name] = cty.StringVal("(" + string(mark) + ")")
		default:
			members[name] = standIn(member, mark)
		}
	}
	return cty.ObjectVal(members)
}

// isShaped says whether a value has elements of its own.
func isShaped(v cty.Value) bool {
	t := v.Type()
	return v.IsKnown() && !v.IsNull() && (t.IsCollectionType() || t.IsTupleType() || t.IsObjectType())
}

func hasRun(marks cty.ValueMarks) bool {
	for mark := range marks {
		if _, ok := mark.(Run); ok {
			return true
		}
	}
	return false
}

// pathOf is a cty path below a manifest path. Elements of sets have no path
// of their own; their marks stand at the set.
func pathOf(at manifest.Path, path cty.Path) manifest.Path {
	for _, step := range path {
		switch step := step.(type) {
		case cty.GetAttrStep:
			at = at.With(manifest.Key(step.Name))
		case cty.IndexStep:
			switch key, _ := step.Key.Unmark(); {
			case !isIndex(key):
				return at
			case key.Type() == cty.String:
				at = at.With(manifest.Key(key.AsString()))
			default:
				index, _ := key.AsBigFloat().Int64()
				at = at.With(manifest.Index(int(index)))
			}
		}
	}
	return at
}

// insideSet says whether a path surely leads into a set, whose elements are
// their own keys.
func insideSet(path cty.Path) bool {
	for _, step := range path {
		if step, ok := step.(cty.IndexStep); ok && !isIndex(step.Key) {
			return true
		}
	}
	return false
}

// isIndex says whether a key is one of a map or a list.
func isIndex(key cty.Value) bool {
	return key.IsKnown() && !key.IsNull() && (key.Type() == cty.String || key.Type() == cty.Number)
}

// CanonicalJSON writes a wholly known value without marks: keys sorted, texts
// with no escapes beyond JSON's own. Equal values give equal bytes.
func CanonicalJSON(v cty.Value) string {
	t := v.Type()
	switch {
	case v.IsNull():
		return "null"
	case t == cty.String:
		return manifest.Quote(v.AsString())
	case t.IsObjectType() || t.IsMapType():
		var parts []string
		for it := v.ElementIterator(); it.Next(); {
			key, element := it.Element()
			parts = append(parts, manifest.Quote(key.AsString())+":"+CanonicalJSON(element))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case t.IsCollectionType() || t.IsTupleType():
		var parts []string
		for it := v.ElementIterator(); it.Next(); {
			_, element := it.Element()
			parts = append(parts, CanonicalJSON(element))
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	text, err := ctyjson.Marshal(v, t)
	if err != nil {
		panic("eval: " + err.Error()) // only unknown or capsule values fail
	}
	return string(text)
}
