package schema

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Named is one element of an argument that names blocks and is not evaluated,
// such as depends_on, after and inherits.
type Named struct {
	Traversal hcl.Traversal // nil where the element names nothing
	Text      string        // of one that is a text in HCL's native form
	Subject   hcl.Range
}

// NamedList are the elements of such an argument; ok is false where it is no
// list. JSON files write a flow as "flow.a" or "${flow.a}".
func NamedList(expr hcl.Expression) (list []Named, ok bool) {
	elements, diags := hcl.ExprList(expr)
	if diags.HasErrors() {
		return nil, false
	}
	for _, element := range elements {
		named := Named{Traversal: NamedTraversal(element), Subject: element.Range()}
		if text, ok := element.(*hclsyntax.TemplateExpr); ok && text.IsStringLiteral() {
			named.Text = text.Parts[0].(*hclsyntax.LiteralValueExpr).Val.AsString()
		}
		list = append(list, named)
	}
	return list, true
}

// NamedTraversal is what an expression names; nil if it names nothing.
func NamedTraversal(expr hcl.Expression) hcl.Traversal {
	expr = hcl.UnwrapExpression(expr)
	if wrap, ok := expr.(*hclsyntax.TemplateWrapExpr); ok {
		expr = wrap.Wrapped
	}
	if traversal, diags := hcl.AbsTraversalForExpr(expr); !diags.HasErrors() {
		return traversal
	}
	text, ok := LiteralText(expr)
	if !ok || !strings.HasPrefix(text, "${") || !strings.HasSuffix(text, "}") {
		return nil
	}
	start := expr.Range().Start
	start.Column, start.Byte = start.Column+len(`"${`), start.Byte+len(`"${`)
	traversal, diags := hclsyntax.ParseTraversalAbs([]byte(strings.TrimSpace(text[2:len(text)-1])), expr.Range().Filename, start)
	if diags.HasErrors() {
		return nil
	}
	return traversal
}

// LiteralText is a text of a JSON file as it stands there, before anything in
// it is taken for a template.
func LiteralText(expr hcl.Expression) (string, bool) {
	switch expr.(type) {
	case hclsyntax.Node, *Simple, *Merged:
		return "", false
	}
	value, diags := expr.Value(nil)
	if diags.HasErrors() || value.IsNull() || value.Type() != cty.String {
		return "", false
	}
	return value.AsString(), true
}
