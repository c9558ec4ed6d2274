package eval

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// Most expressions are literals, or lists and objects of literals and
// references. Those are recognised here, since HCL's general way through them
// takes longer than all else that is done with them.

// traversals are the references in an expression, as its Variables are, added to
// a list. simple says that it is made of literals, references, texts, lists and
// objects alone. JSON's never are: their texts are templates.
func traversals(expr hcl.Expression, list []hcl.Traversal) (all []hcl.Traversal, simple bool) {
	simple = true
	add := func(part hcl.Expression) {
		var ok bool
		list, ok = traversals(part, list)
		simple = simple && ok
	}
	switch expr := expr.(type) {
	case *hclsyntax.LiteralValueExpr:
	case *hclsyntax.ScopeTraversalExpr:
		list = append(list, expr.Traversal)
	case *hclsyntax.TemplateWrapExpr:
		return traversals(expr.Wrapped, list)
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
			if _, ok := literalKey(item.KeyExpr); !ok {
				add(item.KeyExpr)
			}
			add(item.ValueExpr)
		}
	default:
		return append(list, expr.Variables()...), false
	}
	return list, simple
}

// literalKey is the key of an object where it is a word or a text.
func literalKey(expr hcl.Expression) (name string, ok bool) {
	key, ok := expr.(*hclsyntax.ObjectConsKeyExpr)
	if !ok || key.ForceNonLiteral {
		return "", false
	}
	if word := hcl.ExprAsKeyword(key.Wrapped); word != "" {
		return word, true
	}
	if text, ok := literalValue(key.Wrapped); ok && text.Type() == cty.String && !text.IsNull() {
		return text.AsString(), true
	}
	return "", false
}

// literalValue is what an expression is worth that refers to nothing and calls
// nothing. ok is false for any other, and for one that HCL should look at.
func literalValue(expr hcl.Expression) (value cty.Value, ok bool) {
	switch expr := expr.(type) {
	case *hclsyntax.LiteralValueExpr:
		return expr.Val, true
	case *hclsyntax.TemplateExpr:
		if !expr.IsStringLiteral() {
			return cty.NilVal, false
		}
		value, ok := literalValue(expr.Parts[0])
		return value, ok && value.Type() == cty.String && !value.IsNull()
	case *hclsyntax.TupleConsExpr:
		elements := make([]cty.Value, len(expr.Exprs))
		for i, element := range expr.Exprs {
			if elements[i], ok = literalValue(element); !ok {
				return cty.NilVal, false
			}
		}
		return cty.TupleVal(elements), true
	case *hclsyntax.ObjectConsExpr:
		attributes := make(map[string]cty.Value, len(expr.Items))
		for _, item := range expr.Items {
			name, ok := literalKey(item.KeyExpr)
			if !ok {
				return cty.NilVal, false
			}
			if attributes[name], ok = literalValue(item.ValueExpr); !ok {
				return cty.NilVal, false
			}
		}
		return cty.ObjectVal(attributes), true
	}
	return cty.NilVal, false
}

// short is how many bytes a literal has in its file at most that is surely
// within all limits on values.
const short = 256

// literalOf is what a literal is worth as a type. ok is false where there is
// more to say of it than its value: that it is unsuitable, or how large it is.
func literalOf(expr hcl.Expression, want cty.Type) (value cty.Value, ok bool) {
	if at := expr.Range(); at.End.Byte-at.Start.Byte > short {
		return cty.NilVal, false
	}
	if value, ok = literalValue(expr); !ok || want == cty.DynamicPseudoType || value.Type() == want {
		return value, ok
	}
	value, err := convert.Convert(value, want)
	return value, err == nil
}
