package schema

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// duplicateKeys finds the keys that a literal object has twice, wherever it stands in
// a file: HCL takes the last one, and says so in JSON alone.
func duplicateKeys(body hcl.Body) (diags hcl.Diagnostics) {
	native, ok := body.(*hclsyntax.Body)
	if !ok {
		return nil
	}
	for _, argument := range native.Attributes {
		for _, key := range duplicateKeysIn(argument.Expr) {
			diags = append(diags, key.problem())
		}
	}
	for _, block := range native.Blocks {
		diags = append(diags, duplicateKeys(block.Body)...)
	}
	slices.SortFunc(diags, func(a, b *hcl.Diagnostic) int { return a.Subject.Start.Byte - b.Subject.Start.Byte })
	return diags
}

// DuplicateKeys are the keys that a literal object has twice, anywhere in an expression.
func DuplicateKeys(expr hclsyntax.Expression) (names []string) {
	for _, key := range duplicateKeysIn(expr) {
		names = append(names, key.name)
	}
	return names
}

// duplicateKey is a key where it stands again.
type duplicateKey struct {
	name  string
	place hcl.Range
	first int // line on which it stands before
}

func (k duplicateKey) problem() *hcl.Diagnostic {
	detail := fmt.Sprintf("This object has the key %q already", k.name)
	if k.first != k.place.Start.Line {
		detail += fmt.Sprintf(", on line %d", k.first)
	}
	return syntaxProblem(k.place, "Duplicate key", detail+". Take one of them away.")
}

// duplicateKeysIn looks only where an object can stand, which takes less time than to
// visit all.
func duplicateKeysIn(expr hclsyntax.Expression) (list []duplicateKey) {
	in := func(parts ...hclsyntax.Expression) {
		for _, part := range parts {
			list = append(list, duplicateKeysIn(part)...)
		}
	}
	switch expr := expr.(type) {
	case *hclsyntax.ObjectConsExpr:
		list = duplicateItems(expr)
		for _, item := range expr.Items {
			in(item.ValueExpr)
		}
	case *hclsyntax.TupleConsExpr:
		in(expr.Exprs...)
	case *hclsyntax.FunctionCallExpr:
		in(expr.Args...)
	case *hclsyntax.ConditionalExpr:
		in(expr.TrueResult, expr.FalseResult)
	case *hclsyntax.ForExpr:
		in(expr.CollExpr, expr.ValExpr)
	case *hclsyntax.ParenthesesExpr:
		in(expr.Expression)
	case *hclsyntax.TemplateWrapExpr:
		in(expr.Wrapped)
	case *hclsyntax.TemplateExpr:
		in(expr.Parts...)
	case *hclsyntax.RelativeTraversalExpr:
		in(expr.Source)
	case *hclsyntax.IndexExpr:
		in(expr.Collection)
	}
	return list
}

func duplicateItems(object *hclsyntax.ObjectConsExpr) (list []duplicateKey) {
	if differ(object.Items) {
		return nil
	}
	first := make(map[string]int, len(object.Items)) // its line
	for _, item := range object.Items {
		name, ok := literalKey(item.KeyExpr)
		if !ok {
			continue
		}
		place := item.KeyExpr.Range()
		line, taken := first[name]
		if !taken {
			first[name] = place.Start.Line
			continue
		}
		list = append(list, duplicateKey{name, place, line})
	}
	return list
}

// differ says whether the keys of an object are few, and all others: most are.
func differ(items []hclsyntax.ObjectConsItem) bool {
	const few = 8
	if len(items) > few {
		return false
	}
	var names [few]string
	for i, item := range items {
		name, ok := literalKey(item.KeyExpr)
		if !ok || slices.Contains(names[:i], name) {
			return false
		}
		names[i] = name
	}
	return true
}
