package schema

import (
	"strconv"
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

	Many hcl.Traversal        // of whose instances Key picks one
	Key  hclsyntax.Expression // nil where the key is a literal, or there is none
}

// NamedList are the elements of such an argument; ok is false where it is no
// list. JSON files write a flow as "flow.a" or "${flow.a}".
func NamedList(expr hcl.Expression) (list []Named, ok bool) {
	elements, diags := hcl.ExprList(expr)
	if diags.HasErrors() {
		return nil, false
	}
	for _, element := range elements {
		list = append(list, NamedBy(element))
	}
	return list, true
}

// NamedBy is an expression as such an element.
func NamedBy(expr hcl.Expression) Named {
	named := Named{Traversal: NamedTraversal(expr), Subject: expr.Range()}
	if text, ok := hcl.UnwrapExpression(expr).(*hclsyntax.TemplateExpr); ok && text.IsStringLiteral() {
		named.Text = text.Parts[0].(*hclsyntax.LiteralValueExpr).Val.AsString()
	}
	if index, ok := namingSyntax(expr).(*hclsyntax.IndexExpr); ok {
		if many, ok := index.Collection.(*hclsyntax.ScopeTraversalExpr); ok {
			named.Many, named.Key = many.Traversal, index.Key
		}
	}
	return named
}

// namingSyntax is the native syntax of an element: in JSON that of its text, or of the
// "${…}" that it is.
func namingSyntax(expr hcl.Expression) hclsyntax.Expression {
	native, _ := hcl.UnwrapExpression(expr).(hclsyntax.Expression)
	if wrap, ok := native.(*hclsyntax.TemplateWrapExpr); ok {
		return wrap.Wrapped
	}
	inner, at, ok := interpolated(expr)
	if !ok {
		inner, ok = LiteralText(expr)
		at = expr.Range()
		at.Start.Column, at.Start.Byte = at.Start.Column+len(`"`), at.Start.Byte+len(`"`)
	}
	if ok {
		if parsed, diags := hclsyntax.ParseExpression([]byte(inner), at.Filename, at.Start); !diags.HasErrors() {
			return parsed
		}
	}
	return native
}

// interpolated is what stands in a text of a JSON file that is nothing but "${…}".
func interpolated(expr hcl.Expression) (inner string, at hcl.Range, ok bool) {
	text, ok := LiteralText(expr)
	if !ok || !strings.HasPrefix(text, "${") || !strings.HasSuffix(text, "}") {
		return "", at, false
	}
	at = expr.Range()
	at.Start.Column, at.Start.Byte = at.Start.Column+len(`"${`), at.Start.Byte+len(`"${`)
	return strings.TrimSpace(text[2 : len(text)-1]), at, true
}

// Meant is the address of a block of a kind that an element is about: a reference to
// it, or its name or address as a text or as a word. ok is false where it is about
// none.
func (n Named) Meant(kind string) (address Address, ok bool) {
	traversal := n.Traversal
	if n.Text != "" {
		traversal, _ = hclsyntax.ParseTraversalAbs([]byte(n.Text), "", hcl.InitialPos)
	}
	if len(traversal) == 0 {
		return address, false
	}
	if len(traversal) == 1 {
		return Address{Block: kind, Name: traversal.RootName()}, traversal.RootName() != kind
	}
	if first, ok := traversal[1].(hcl.TraverseAttr); ok && len(traversal) > 2 && IsKind(kind, first.Name) {
		traversal = append(traversal[:1:1], traversal[2:]...)
	}
	name, ok := traversal[1].(hcl.TraverseAttr)
	address = Address{Block: kind, Name: name.Name}
	if index, keyed := traversal[len(traversal)-1].(hcl.TraverseIndex); keyed && index.Key.Type() == cty.String {
		address = address.Instance(index.Key.AsString())
	}
	return address, ok && traversal.RootName() == kind
}

// InList is an address as a list of nothing else, as it is written in a place of a file.
func (a Address) InList(in hcl.Range) string {
	return As(in, "["+a.String()+"]", "["+strconv.Quote(a.String())+"]")
}

// NamedTraversal is what an expression names; nil if it names nothing.
func NamedTraversal(expr hcl.Expression) hcl.Traversal {
	expr = hcl.UnwrapExpression(expr)
	if _, ok := expr.(*hclsyntax.LiteralValueExpr); ok {
		return nil // true, false and null are names to HCL
	}
	if wrap, ok := expr.(*hclsyntax.TemplateWrapExpr); ok {
		expr = wrap.Wrapped
	}
	if traversal, diags := hcl.AbsTraversalForExpr(expr); !diags.HasErrors() {
		return traversal
	}
	inner, at, ok := interpolated(expr)
	if !ok {
		return nil
	}
	traversal, diags := hclsyntax.ParseTraversalAbs([]byte(inner), at.Filename, at.Start)
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
