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

// bareWord says what to write for a name that nothing has: often it is a text
// without quotes, or a variable of the shell.
func (c *checker) bareWord(traversal hcl.Traversal) (advice, bool) {
	names := attributes(traversal[1:])
	if c.in == nil || len(names) < len(traversal)-1 {
		return advice{}, false
	}
	text := written(traversal)
	parent, found := c.parent(traversal.SourceRange())
	if !found {
		return advice{}, false
	}
	switch parent := parent.(type) {
	case *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr:
		if len(names) == 0 && text == strings.ToUpper(text) {
			ours := fmt.Sprintf("$${%s}", text)
			return advice{fmt.Sprintf("Write %s to leave it to the shell, or ${env(%q)} for the value that it has where flowrider is called.", ours, text), ours}, true
		}
	case *hclsyntax.IndexExpr:
		if of, ok := parent.Collection.(*hclsyntax.ScopeTraversalExpr); ok {
			better := fmt.Sprintf("%s[%q]", written(of.Traversal), text)
			return advice{fmt.Sprintf("A key that is a text needs quotes: write %s.", better), better}, true
		}
	case nil, *hclsyntax.TupleConsExpr, *hclsyntax.ObjectConsExpr, *hclsyntax.FunctionCallExpr, *hclsyntax.ConditionalExpr:
		better := fmt.Sprintf("%q", text)
		return advice{fmt.Sprintf("A text needs quotes: write %s.", better), better}, true
	}
	return advice{}, false
}

// parent is what a reference stands in; nil for one that is all of the expression.
func (c *checker) parent(at hcl.Range) (node hclsyntax.Node, found bool) {
	for _, node := range c.nodes(c.in) {
		f := &finder{at: at}
		if _ = hclsyntax.Walk(node, f); f.found {
			return f.parent, true
		}
	}
	return nil, false
}

// finder looks for a reference at a place.
type finder struct {
	at     hcl.Range
	path   []hclsyntax.Node
	parent hclsyntax.Node
	found  bool
}

// Enter takes note of a reference, and of what stands around it.
func (f *finder) Enter(node hclsyntax.Node) hcl.Diagnostics {
	if reference, ok := node.(*hclsyntax.ScopeTraversalExpr); ok && reference.SrcRange == f.at {
		f.found = true
		if len(f.path) > 0 {
			f.parent = f.path[len(f.path)-1]
		}
	}
	f.path = append(f.path, node)
	return nil
}

// Exit leaves a node.
func (f *finder) Exit(hclsyntax.Node) hcl.Diagnostics {
	f.path = f.path[:len(f.path)-1]
	return nil
}

// quotedWords is a variable's value as it was typed, with the quotes that are missing
// in it; "" if those are not what it lacks.
func quotedWords(variable *schema.Variable, text string) string {
	text = strings.ReplaceAll(text, "'", `"`)
	expr, diags := hclsyntax.ParseExpression([]byte(text), "", hcl.InitialPos)
	if diags.HasErrors() {
		return ""
	}
	words := expr.Variables()
	slices.SortFunc(words, func(a, b hcl.Traversal) int { return b.SourceRange().Start.Byte - a.SourceRange().Start.Byte })
	for _, word := range words {
		if len(attributes(word[1:])) < len(word)-1 {
			return ""
		}
		at := word.SourceRange()
		text = text[:at.Start.Byte] + `"` + text[at.Start.Byte:at.End.Byte] + `"` + text[at.End.Byte:]
	}
	if expr, diags = hclsyntax.ParseExpression([]byte(text), "", hcl.InitialPos); diags.HasErrors() {
		return ""
	}
	value, diags := valueIn(expr, cty.DynamicPseudoType, nil)
	if _, err := fitVariable(variable, value); err != nil || diags.HasErrors() || value.Type() == cty.String {
		return ""
	}
	return text
}
