package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// Stand-ins lose what the real values have where an expression takes a run ID
// or a digest apart, compares it, or removes duplicates: substr() of every run
// ID is "@cont", and three runs with equal content are one element of a set.
// So each leaf that depends on runs is held to its real value. If that is the
// hashed value with whole texts in place of their stand-ins, the hashed value
// counts. If it is not, the real value counts, with stand-ins in place of the
// whole texts: never a wrong skip, at worst a run too many.

// faithful is the value with a hashed form that loses nothing.
func (v Value) faithful() Value {
	if hasRun(v.marks) {
		v.Hashed = counted(v.Real, v.Hashed, nil)
	}
	return v
}

// counted is what counts of a value: the hashed form as far as it is faithful.
func counted(real, hashed cty.Value, outer cty.ValueMarks) cty.Value {
	real, own := real.Unmark()
	marks := union(outer, own)
	plain, changes := hashed.Unmark()
	switch {
	case !plain.IsKnown() || !real.IsKnown():
		return hashed
	case isShaped(real) && isShaped(plain):
		if out, same := countedElements(real, plain, marks); same {
			return out.WithMarks(changes)
		}
	case !hasRun(marks) || isFaithful(real, plain, marks):
		return hashed
	}
	if _, inner := real.UnmarkDeep(); !hasRun(union(marks, inner)) {
		return hashed
	}
	return literal(real, hashed, marks)
}

// isFaithful says whether a leaf's hashed value loses nothing.
func isFaithful(real, hashed cty.Value, marks cty.ValueMarks) bool {
	s := standsOf(marks)
	switch {
	case isShaped(real) || isShaped(hashed):
		return false
	case real.IsNull() || hashed.IsNull():
		return real.IsNull() && hashed.IsNull()
	case real.Type() == cty.String && hashed.Type() == cty.String:
		return s.explain(real.AsString(), hashed.AsString())
	}
	return real.RawEquals(hashed) || s.mask != "" && real.Type() == hashed.Type() // a number has a constant of its own
}

// countedElements goes through two values of one shape; false if they are not.
func countedElements(real, hashed cty.Value, marks cty.ValueMarks) (out cty.Value, same bool) {
	if real.Type().IsSetType() || hashed.Type().IsSetType() {
		return hashed, real.Type().IsSetType() && hashed.Type().IsSetType() && pair(real, hashed, marks)
	}
	named := isNamed(real)
	if named != isNamed(hashed) || real.LengthInt() != hashed.LengthInt() {
		return hashed, false
	}
	members, taken, changed := []member{}, map[string]bool{}, false
	for it, position := real.ElementIterator(), 0; it.Next(); position++ {
		key, element := it.Element()
		name, there := keyIn(hashed, key, named, marks)
		if !there || named && taken[name] {
			return hashed, false
		}
		before := elementOf(hashed, name, position, named)
		after := counted(element, before, marks)
		changed = changed || !after.RawEquals(before)
		members, taken[name] = append(members, member{name, after}), true
	}
	if !changed {
		return hashed, true
	}
	return build(members, named), true
}

// member is an element of an object or map, or of a list.
type member struct {
	name  string
	value cty.Value
}

// isNamed says whether a value's elements have names.
func isNamed(v cty.Value) bool { return v.Type().IsObjectType() || v.Type().IsMapType() }

// keyIn is the name in the hashed form of what has a key in the real one.
func keyIn(hashed, key cty.Value, named bool, marks cty.ValueMarks) (name string, there bool) {
	if !named {
		return "", true
	}
	if name = key.AsString(); hasName(hashed, name) {
		return name, true
	}
	name = standsOf(marks).replace(name)
	return name, hasName(hashed, name)
}

func hasName(v cty.Value, name string) bool {
	if v.Type().IsObjectType() {
		return v.Type().HasAttribute(name)
	}
	return v.HasIndex(cty.StringVal(name)).True()
}

func elementOf(v cty.Value, name string, position int, named bool) cty.Value {
	switch {
	case !named:
		return v.Index(cty.NumberIntVal(int64(position)))
	case v.Type().IsObjectType():
		return v.GetAttr(name)
	}
	return v.Index(cty.StringVal(name))
}

// pair says whether each element of a set is faithful to one of the other.
func pair(real, hashed cty.Value, marks cty.ValueMarks) bool {
	if !hashed.IsWhollyKnown() || !real.IsWhollyKnown() {
		return true // it is not hashed
	}
	left := hashed.AsValueSlice()
	for it := real.ElementIterator(); it.Next(); {
		_, element := it.Element()
		at := slices.IndexFunc(left, func(v cty.Value) bool { return counted(element, v, marks).RawEquals(v) })
		if at < 0 {
			return false
		}
		left = slices.Delete(left, at, at+1)
	}
	return len(left) == 0
}

// literal is a real value as it counts where its hashed form is not faithful.
// hashed is cty.NilVal where there is none.
func literal(real, hashed cty.Value, outer cty.ValueMarks) cty.Value {
	real, own := real.Unmark()
	marks := union(outer, own)
	s := standsOf(marks)
	switch {
	case !real.IsKnown():
		return cty.UnknownVal(real.Type())
	case isShaped(real):
		return literalElements(real, marks)
	case real.IsNull():
		return real
	case real.Type() == cty.String:
		text := "(" + string(s.mask) + ")"
		if plain, _ := hashed.Unmark(); hashed != cty.NilVal && plain.IsKnown() && !plain.IsNull() && plain.Type() == cty.String {
			text = plain.AsString()
		}
		return cty.StringVal(s.literal(real.AsString(), text))
	case s.mask != "":
		return standIn(real, s.mask)
	}
	return real
}

// literalElements are the elements of a value, those of a set sorted by what
// counts of them. Names that have become the same are numbered.
func literalElements(real cty.Value, marks cty.ValueMarks) cty.Value {
	s, named := standsOf(marks), isNamed(real)
	var members []member
	for it := real.ElementIterator(); it.Next(); {
		key, element := it.Element()
		m := member{value: literal(element, cty.NilVal, marks)}
		if named {
			m.name = s.replace(key.AsString())
		}
		members = append(members, m)
	}
	if named || real.Type().IsSetType() {
		slices.SortStableFunc(members, func(a, b member) int {
			return strings.Compare(a.name+"\x00"+sortKey(a.value), b.name+"\x00"+sortKey(b.value))
		})
	}
	taken := map[string]bool{}
	for i, m := range members {
		for n := 2; taken[members[i].name]; n++ {
			members[i].name = fmt.Sprintf("%s#%d", m.name, n)
		}
		taken[members[i].name] = named
	}
	return build(members, named)
}

func sortKey(v cty.Value) string {
	if !v.IsWhollyKnown() {
		return ""
	}
	return CanonicalJSON(v)
}

// build makes an object or a list of members that need not have one type.
func build(members []member, named bool) cty.Value {
	list, object := []cty.Value{}, map[string]cty.Value{}
	for _, m := range members {
		list, object[m.name] = append(list, m.value), m.value
	}
	if named {
		return cty.ObjectVal(object)
	}
	return cty.TupleVal(list)
}

func union(a, b cty.ValueMarks) cty.ValueMarks {
	all := cty.ValueMarks{}
	for _, marks := range []cty.ValueMarks{a, b} {
		for mark := range marks {
			all[mark] = struct{}{}
		}
	}
	return all
}
