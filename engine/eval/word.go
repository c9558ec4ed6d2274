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
	path, found := c.path(traversal.SourceRange())
	if !found {
		return advice{}, false
	}
	switch parent := path[len(path)-1].(type) {
	case *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr:
		if len(names) > 0 {
			break
		}
		other := fmt.Sprintf("${var.%s} for a variable of this configuration", text)
		if text == strings.ToUpper(text) {
			other = fmt.Sprintf("${env(%q)} for the value that it has where flowrider is called", text)
		}
		shells := fmt.Sprintf("$${%s}", text)
		return advice{fmt.Sprintf("Write %s to leave it to the shell, or %s.", shells, other), shells}, true
	case *hclsyntax.IndexExpr:
		if of, ok := parent.Collection.(*hclsyntax.ScopeTraversalExpr); ok {
			better := fmt.Sprintf("%s[%q]", written(of.Traversal), text)
			return advice{fmt.Sprintf("A key that is a text needs quotes: write %s.", better), better}, true
		}
	case nil, *hclsyntax.TupleConsExpr, *hclsyntax.ObjectConsExpr, *hclsyntax.FunctionCallExpr, *hclsyntax.ConditionalExpr:
		return c.asText(text, traversal.SourceRange()), true
	}
	return advice{}, false
}

// asText says what to write for a text without quotes. Where that is all that an
// argument has, it may lack more.
func (c *checker) asText(text string, at hcl.Range) advice {
	better, lacks := fmt.Sprintf("%q", text), "A text needs quotes"
	if c.in.Range() == at {
		switch c.want {
		case cty.List(cty.String):
			better, lacks = fmt.Sprintf("[%q]", text), "A text needs quotes, and a list of them brackets"
		case cty.Map(cty.String):
			if pair := asMap([]cty.Value{cty.StringVal(text)}, at); pair != "" && c.argument == "packages" {
				return advice{fmt.Sprintf("A package has a version, \"\" for any: write %s.", pair), pair}
			}
			fallthrough
		case cty.Number, cty.Bool:
			return advice{fmt.Sprintf("%s takes %s.", c.argument, described(c.want)), ""}
		}
	}
	return advice{fmt.Sprintf("%s: write %s.", lacks, better), better}
}

// bareText is a text without quotes of which signs have made an operation, such as
// data/raw.csv; "" where a name is no part of one. None of its words has a meaning.
func (c *checker) bareText(traversal hcl.Traversal) (text string, at hcl.Range) {
	path, _ := c.path(traversal.SourceRange())
	var whole hclsyntax.Expression
	for _, node := range slices.Backward(path) {
		if binary, ok := node.(*hclsyntax.BinaryOpExpr); ok && (binary.Op == hclsyntax.OpDivide || binary.Op == hclsyntax.OpSubtract) {
			whole = binary
		} else if unary, ok := node.(*hclsyntax.UnaryOpExpr); ok && unary.Op == hclsyntax.OpNegate {
			whole = unary
		} else {
			if isTemplate(node) {
				return "", at // it is in a text
			}
			break
		}
	}
	if whole == nil || slices.ContainsFunc(whole.Variables(), func(t hcl.Traversal) bool { return slices.Contains(roots, t.RootName()) }) {
		return "", at
	}
	at = whole.Range()
	source := c.source(at.Filename)
	if at.End.Byte > len(source) || strings.HasSuffix(at.Filename, ".json") {
		return "", at
	}
	return string(source[at.Start.Byte:at.End.Byte]), at
}

func isTemplate(node hclsyntax.Node) bool {
	switch node.(type) {
	case *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr:
		return true
	}
	return false
}

// path is what a reference stands in, from the outside; the first is nil.
func (c *checker) path(at hcl.Range) (path []hclsyntax.Node, found bool) {
	if c.in == nil {
		return nil, false
	}
	for _, node := range c.nodes(c.in) {
		f := &finder{at: at, path: []hclsyntax.Node{nil}}
		if _ = hclsyntax.Walk(node, f); f.found != nil {
			return f.found, true
		}
	}
	return nil, false
}

// finder looks for a reference at a place.
type finder struct {
	at    hcl.Range
	path  []hclsyntax.Node
	found []hclsyntax.Node // the path to it
}

// Enter takes note of a reference, and of what stands around it.
func (f *finder) Enter(node hclsyntax.Node) hcl.Diagnostics {
	if reference, ok := node.(*hclsyntax.ScopeTraversalExpr); ok && reference.SrcRange == f.at {
		f.found = slices.Clone(f.path)
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
