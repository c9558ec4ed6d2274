package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/schema"
)

// orderOnly are the arguments that make an edge and no value.
var orderOnly = map[string]bool{"depends_on": true, "after": true}

// orderItem is one element of depends_on or after.
type orderItem struct {
	traversal hcl.Traversal // nil where the element names nothing
	subject   hcl.Range
}

// orderList are the elements of depends_on or after; ok is false where the
// argument is no list. JSON files write a flow as "flow.a" or "${flow.a}".
func orderList(expr hcl.Expression) (items []orderItem, ok bool) {
	list, diags := hcl.ExprList(expr)
	if diags.HasErrors() {
		return nil, false
	}
	for _, element := range list {
		items = append(items, orderItem{traversal: orderTraversal(element), subject: element.Range()})
	}
	return items, true
}

// FlowAddress reads an argument that names a flow or an instance. It is not
// evaluated, so that a flow may be named that is not declared any more.
func FlowAddress(argument *hcl.Attribute) (schema.Address, hcl.Diagnostics) {
	traversal := orderTraversal(argument.Expr)
	if traversal != nil {
		if reference, ok := parseReference(traversal); ok && reference.Address.Block == "flow" && len(reference.Rest) == 0 {
			return reference.Address, nil
		}
	}
	subject := argument.Expr.Range()
	return schema.Address{}, hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: "Unsuitable value", Subject: &subject,
		Detail: fmt.Sprintf("The argument %q names a flow or one of its instances, as in flow.a or flow.train[\"forest\"].", argument.Name),
	}}
}

func orderTraversal(element hcl.Expression) hcl.Traversal {
	if wrap, ok := element.(*hclsyntax.TemplateWrapExpr); ok {
		element = wrap.Wrapped
	}
	if traversal, diags := hcl.AbsTraversalForExpr(element); !diags.HasErrors() {
		return traversal
	}
	text, ok := literalText(element)
	if !ok || !strings.HasPrefix(text, "${") || !strings.HasSuffix(text, "}") {
		return nil
	}
	start := element.Range().Start
	start.Column, start.Byte = start.Column+len(`"${`), start.Byte+len(`"${`)
	traversal, diags := hclsyntax.ParseTraversalAbs([]byte(strings.TrimSpace(text[2:len(text)-1])), element.Range().Filename, start)
	if diags.HasErrors() {
		return nil
	}
	return traversal
}

// literalText is a text of a JSON file as it stands there, before anything in
// it is taken for a template.
func literalText(expr hcl.Expression) (string, bool) {
	if _, native := expr.(hclsyntax.Node); native {
		return "", false
	}
	value, diags := expr.Value(nil)
	if diags.HasErrors() || value.IsNull() || value.Type() != cty.String {
		return "", false
	}
	return value.AsString(), true
}

// attributeReferences lists what an argument refers to, in source order.
func attributeReferences(attribute *hcl.Attribute) []Reference {
	if !orderOnly[attribute.Name] {
		return References(attribute.Expr)
	}
	var list []Reference
	items, _ := orderList(attribute.Expr)
	for _, item := range items {
		if item.traversal == nil {
			continue
		}
		if reference, ok := parseReference(item.traversal); ok {
			list = append(list, reference)
		}
	}
	slices.SortStableFunc(list, func(a, b Reference) int { return a.Range.Start.Byte - b.Range.Start.Byte })
	return list
}
