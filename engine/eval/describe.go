package eval

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// described says what a value of a type is, in the words of whoever writes
// one.
func described(t cty.Type) string {
	switch {
	case t == cty.String:
		return `a text, as in "a"`
	case t == cty.Number:
		return "a number"
	case t == cty.Bool:
		return "true or false"
	case t == cty.List(cty.String) || t == cty.Set(cty.String):
		return `a list of texts, as in ["a", "b"]`
	case t == cty.List(cty.Number) || t == cty.Set(cty.Number):
		return "a list of numbers, as in [1, 2]"
	case t == cty.Map(cty.String):
		return `a map of texts, as in { a = "b" }`
	case t == cty.Map(cty.Number):
		return "a map of numbers, as in { a = 1 }"
	}
	return "of the type " + typeexpr.TypeString(t)
}

// misfit is what of a value does not fit a type.
type misfit struct {
	path cty.Path  // to the part that does not, in the value
	part cty.Value // that part, with what it is marked with inside
	want cty.Type  // what the part must be; none where nothing of it may be told
	must string    // what the part must be, or have
	all  string    // what the value must be
}

// misfitsOf finds the parts of a value that do not fit, one at least where there is
// err, which is what cty says of the first. Of a value that is sensitive, not even
// names are told.
func misfitsOf(v cty.Value, want cty.Type, err error) []misfit {
	if err == nil {
		return nil
	}
	whole := misfit{all: "be " + described(want), part: cty.DynamicVal}
	whole.must = whole.all
	if Has(v, Sensitive) {
		return []misfit{whole}
	}
	m := misfits{whole: whole}
	if m.find(v, want); len(m.found) > 0 {
		return m.found
	}
	if strings.HasPrefix(whole.all, "be of the type") { // cty knows better
		whole.must += ": " + err.Error()
	}
	return []misfit{whole}
}

// misfits are those that were found so far.
type misfits struct {
	whole misfit
	path  cty.Path // to the part that is looked at
	found []misfit
}

func (m *misfits) add(part cty.Value, want cty.Type, must string) {
	one := m.whole
	one.path, one.part, one.want, one.must = slices.Clone(m.path), part, want, must
	m.found = append(m.found, one)
}

func (m *misfits) find(v cty.Value, want cty.Type) {
	v, _ = v.Unmark()
	if _, err := convertTo(v, want); err == nil || len(m.found) > diag.Most {
		return
	}
	t, known := v.Type(), v.IsKnown() && !v.IsNull()
	named, wantsNamed := t.IsObjectType() || t.IsMapType(), want.IsObjectType() || want.IsMapType()
	listed, wantsListed := t.IsTupleType() || t.IsListType() || t.IsSetType(), want.IsTupleType() || want.IsListType() || want.IsSetType()
	switch {
	case known && named && wantsNamed:
		m.findNamed(v, want)
	case known && listed && wantsListed && !(want.IsTupleType() && want.Length() != v.LengthInt()):
		for i, element := range v.AsValueSlice() {
			part := want
			if want.IsTupleType() {
				part = want.TupleElementType(i)
			} else {
				part = want.ElementType()
			}
			m.findIn(cty.IndexStep{Key: cty.NumberIntVal(int64(i))}, element, part)
		}
	default:
		m.add(v, want, "be "+described(want))
	}
}

const missingAttribute = "have the attribute "

func (m *misfits) findNamed(v cty.Value, want cty.Type) {
	members := v.AsValueMap()
	if want.IsMapType() {
		for _, name := range slices.Sorted(maps.Keys(members)) {
			m.findIn(cty.IndexStep{Key: cty.StringVal(name)}, members[name], want.ElementType())
		}
		return
	}
	for _, name := range slices.Sorted(maps.Keys(want.AttributeTypes())) {
		member, there := members[name]
		switch {
		case there:
			m.findIn(cty.IndexStep{Key: cty.StringVal(name)}, member, want.AttributeType(name))
		case !want.AttributeOptional(name):
			m.add(cty.DynamicVal, want, fmt.Sprintf(missingAttribute+"%q, %s", name, described(want.AttributeType(name))))
		}
	}
}

// findIn looks into a part.
func (m *misfits) findIn(step cty.PathStep, v cty.Value, want cty.Type) {
	m.path = append(m.path, step)
	m.find(v, want)
	m.path = m.path[:len(m.path)-1]
}

// unfit is a message on a part of a value that does not fit, and where it stands.
type unfit struct {
	misfit
	detail string
	place  hcl.Range
}

// unfits are the messages on a value that is called what: one for each part that
// is written somewhere, and one for all others, at the whole.
func unfits(misfits []misfit, what string, expr hcl.Expression) (list []unfit) {
	whole, others := -1, 0
	for _, m := range misfits {
		detail, place, written := m.of(what, expr)
		switch {
		case written:
		case whole >= 0:
			others++
			continue
		default:
			whole = len(list)
		}
		list = append(list, unfit{m, detail, place})
	}
	if others > 0 {
		list[whole].detail = fmt.Sprintf("%s; %s not fit either.", strings.TrimSuffix(list[whole].detail, "."), more(others))
	}
	return list
}

func more(count int) string {
	if count == 1 {
		return "1 more does"
	}
	return fmt.Sprintf("%d more do", count)
}

// of is the message on a value that is called what. place is where the part is
// written, or else the whole.
func (m misfit) of(what string, expr hcl.Expression) (detail string, place hcl.Range, written bool) {
	if part := partOf(expr, m.path); part != nil && len(m.path) > 0 {
		return fmt.Sprintf("This must %s.", m.must), part.Range(), true
	}
	if expr != nil {
		place = expr.Range()
	}
	if len(m.path) == 0 {
		return fmt.Sprintf("%s must %s.", what, m.must), place, false
	}
	return fmt.Sprintf("%s must %s: its element %s must %s.", what, m.all, strings.TrimPrefix(writtenPath(m.path), "."), m.must), place, false
}

// writtenPath is a path as an author writes it, behind what it begins at.
func writtenPath(path cty.Path) string {
	var text strings.Builder
	for _, step := range path {
		switch key := step.(cty.IndexStep).Key; {
		case key.Type() == cty.Number:
			index, _ := key.AsBigFloat().Int64()
			fmt.Fprintf(&text, "[%d]", index)
		case hclsyntax.ValidIdentifier(key.AsString()):
			text.WriteString("." + key.AsString())
		default:
			fmt.Fprintf(&text, "[%q]", key.AsString())
		}
	}
	return text.String()
}

// partOf is where a part of a value is written; nil where that is not to be
// seen.
func partOf(expr hcl.Expression, path cty.Path) hcl.Expression {
	for _, step := range path {
		if expr == nil {
			return nil
		}
		var key cty.Value
		switch step := step.(type) {
		case cty.IndexStep:
			key = step.Key
		case cty.GetAttrStep:
			key = cty.StringVal(step.Name)
		}
		var part hcl.Expression
		if key.Type() == cty.Number {
			list, _ := hcl.ExprList(expr)
			if index, _ := key.AsBigFloat().Int64(); int(index) < len(list) {
				part = list[index]
			}
		} else {
			if pair, found := schema.MemberOf(expr, key.AsString()); found {
				part = pair.Value
			}
		}
		expr = part
	}
	return expr
}
