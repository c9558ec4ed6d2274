package schema

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/limit"
)

// Merged is the expression of an object that a flow has in parts: what its
// profiles say, in the order in which it inherits them, and what it says
// itself. Later parts win, attribute by attribute.
type Merged struct{ Parts []hcl.Expression }

// Value merges the parts. One that is null adds nothing; one that is no object
// stands for all before it, and is told of where it is used.
func (m *Merged) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	all, marks := map[string]cty.Value{}, cty.ValueMarks{}
	var diags hcl.Diagnostics
	for _, part := range m.Parts {
		value, moreDiags := part.Value(ctx)
		if diags = append(diags, moreDiags...); moreDiags.HasErrors() {
			continue
		}
		plain, more := value.Unmark()
		switch t := plain.Type(); {
		case plain.IsNull():
			continue
		case !plain.IsKnown():
			return value, diags // nobody can tell what is in it
		case !t.IsObjectType() && !t.IsMapType():
			return value, diags
		}
		for mark := range more {
			marks[mark] = struct{}{}
		}
		for name, attribute := range plain.AsValueMap() {
			all[name] = attribute
		}
	}
	return cty.ObjectVal(all).WithMarks(marks), diags
}

// Variables are what the parts refer to.
func (m *Merged) Variables() []hcl.Traversal {
	var list []hcl.Traversal
	for _, part := range m.Parts {
		list = append(list, part.Variables()...)
	}
	return list
}

// Range is where the flow's own part stands, or the last of its profiles'.
func (m *Merged) Range() hcl.Range { return m.Parts[len(m.Parts)-1].Range() }

// StartRange is the start of Range.
func (m *Merged) StartRange() hcl.Range { return m.Parts[len(m.Parts)-1].StartRange() }

// Place is where an argument, or an attribute of it that is an object, is said
// last: in one of the profiles, or in the block itself.
func (b *Block) Place(name, attribute string) hcl.Range {
	argument := b.Argument(name)
	if _, ok := argument.Expr.(*Merged); ok {
		if pair, found := b.Attribute(name, attribute); found {
			return pair.Key.Range()
		}
	}
	return argument.Range()
}

// Element is where an element of an argument is written: the value of an
// object's attribute, or a text of a list. Where that is not to be found, it is
// the argument's value.
func (b *Block) Element(name, element string) hcl.Range {
	expr := b.Argument(name).Expr
	if element == "" {
		return expr.Range()
	}
	if pair, found := b.Attribute(name, element); found {
		return pair.Value.Range()
	}
	list, _ := hcl.ExprList(expr)
	for _, one := range list {
		if isText(one, element) {
			return one.Range()
		}
	}
	return expr.Range()
}

// Key is where the name of an attribute of an argument that is an object is
// written, or else the argument's value.
func (b *Block) Key(name, attribute string) hcl.Range {
	if pair, found := b.Attribute(name, attribute); found {
		return pair.Key.Range()
	}
	return b.Argument(name).Expr.Range()
}

// Attribute is where an attribute of an argument that is an object is said
// last. There is none to be found in what is no literal object.
func (b *Block) Attribute(name, attribute string) (hcl.KeyValuePair, bool) {
	parts := []hcl.Expression{b.Argument(name).Expr}
	if merged, ok := parts[0].(*Merged); ok {
		parts = merged.Parts
	}
	for _, part := range slices.Backward(parts) {
		if pair, found := MemberOf(part, attribute); found {
			return pair, true
		}
	}
	return hcl.KeyValuePair{}, false
}

// MemberOf is where an attribute of a literal object is written.
func MemberOf(expr hcl.Expression, name string) (hcl.KeyValuePair, bool) {
	pairs, _ := hcl.ExprMap(expr)
	for _, pair := range pairs {
		if isText(pair.Key, name) {
			return pair, true
		}
	}
	return hcl.KeyValuePair{}, false
}

// isText says whether an expression that refers to nothing is a text.
func isText(expr hcl.Expression, text string) bool {
	value, diags := limit.Value(expr, nil)
	return !diags.HasErrors() && value.IsKnown() && !value.IsNull() && value.Type() == cty.String && value.AsString() == text
}
