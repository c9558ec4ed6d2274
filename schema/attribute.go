package schema

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Attribute is an argument, or a local value, as it is written. What its value
// refers to is found once, while files are read side by side: a large
// configuration is looked through for it many times.
type Attribute struct {
	hcl.Attribute
	Traversals []hcl.Traversal // what its value refers to, as Traversals gives them
	Simple     bool            // as Traversals says
}

// setExpr puts another value in.
func (a *Attribute) setExpr(expr hcl.Expression) {
	a.Expr = expr
	a.Traversals, a.Simple = Traversals(expr)
}

// attributes takes over what HCL has found, in source order.
func attributes(found map[string]*hcl.Attribute) []*Attribute {
	all := make([]Attribute, len(found))
	list := make([]*Attribute, 0, len(found))
	for _, attribute := range found {
		one := &all[len(list)]
		one.Attribute = *attribute
		one.setExpr(attribute.Expr)
		list = append(list, one)
	}
	sortArguments(list)
	return list
}

// Traversals are the references in an expression, as its Variables are. It is
// simple if it is a literal or a reference, or a text, a list or an object of
// such. JSON's expressions never are: their texts are templates.
func Traversals(expr hcl.Expression) (list []hcl.Traversal, isSimple bool) {
	return addTraversals(expr, nil)
}

func addTraversals(expr hcl.Expression, list []hcl.Traversal) (all []hcl.Traversal, isSimple bool) {
	isSimple = true
	add := func(part hcl.Expression) {
		var ok bool
		list, ok = addTraversals(part, list)
		isSimple = isSimple && ok
	}
	switch expr := expr.(type) {
	case *hclsyntax.LiteralValueExpr:
	case *hclsyntax.ScopeTraversalExpr:
		list = append(list, expr.Traversal)
	case *hclsyntax.TemplateWrapExpr:
		return addTraversals(expr.Wrapped, list)
	case *hclsyntax.TemplateExpr:
		for _, part := range expr.Parts {
			add(part)
		}
	case *hclsyntax.TupleConsExpr:
		for _, element := range expr.Exprs {
			add(element)
		}
	case *hclsyntax.ObjectConsExpr:
		for _, item := range expr.Items {
			if !hasLiteralKey(item) {
				add(item.KeyExpr)
			}
			add(item.ValueExpr)
		}
	default:
		return append(list, expr.Variables()...), false
	}
	return list, isSimple
}

func hasLiteralKey(item hclsyntax.ObjectConsItem) bool {
	_, ok := LiteralKey(item.KeyExpr)
	return ok
}

// LiteralKey is the key of an object where it is a word or a text.
func LiteralKey(expr hcl.Expression) (name string, ok bool) {
	key, ok := expr.(*hclsyntax.ObjectConsKeyExpr)
	if !ok || key.ForceNonLiteral {
		return "", false
	}
	switch wrapped := key.Wrapped.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return wrapped.Traversal.RootName(), len(wrapped.Traversal) == 1
	case *hclsyntax.TemplateExpr:
		if !wrapped.IsStringLiteral() {
			return "", false
		}
		text := wrapped.Parts[0].(*hclsyntax.LiteralValueExpr).Val
		if text.Type() != cty.String || text.IsNull() {
			return "", false
		}
		return text.AsString(), true
	}
	return "", false
}
