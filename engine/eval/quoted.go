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

// passedOn are the arguments that pass values on, which a text passes as it stands.
var passedOn = map[string]bool{"args": true, "argv": true, "env": true, "kwargs": true, "parameters": true, "secrets": true, "value": true}

// checkQuoted warns of texts that are references to what there is: nothing depends on
// what they name.
func (c *checker) checkQuoted(expr hcl.Expression, where place) {
	if simple, ok := expr.(*schema.Simple); !passedOn[c.argument] || ok && !mayBeReference(simple.Term) {
		return
	}
	for _, node := range c.nodes(expr) {
		for _, text := range wholeTexts(node) {
			at := text.Range()
			traversal := textReference(text)
			if traversal == nil || c.told[at] || !c.wouldDo(traversal, where) {
				continue
			}
			c.told[at] = true
			better := schema.As(at, written(traversal), fmt.Sprintf("\"${%s}\"", written(traversal)))
			c.report(at, "Text in place of a reference", fmt.Sprintf("%s this is a text, which refers to nothing: write %s for the value.", schema.As(at, "In quotes", "Without ${ }"), better), better)
			c.diags[len(c.diags)-1].Severity = hcl.DiagWarning
		}
	}
}

// mayBeReference says whether a text somewhere in a term begins like a reference.
func mayBeReference(term schema.Term) bool {
	switch term := term.(type) {
	case schema.Literal:
		if term.Value.Type() != cty.String || term.Value.IsNull() {
			return false
		}
		root, _, ok := strings.Cut(strings.TrimPrefix(term.Value.AsString(), "$"), ".")
		return ok && slices.Contains(roots, root)
	case schema.List:
		return slices.ContainsFunc(term, mayBeReference)
	case schema.Object:
		return slices.ContainsFunc(term, func(member schema.Member) bool { return mayBeReference(member.Term) })
	}
	return false
}

// wholeTexts are the texts without templates that a node is, or has as elements.
func wholeTexts(node hclsyntax.Node) (texts []*hclsyntax.TemplateExpr) {
	switch node := node.(type) {
	case *hclsyntax.TemplateExpr:
		if node.IsStringLiteral() {
			texts = append(texts, node)
		}
	case *hclsyntax.TupleConsExpr:
		for _, element := range node.Exprs {
			texts = append(texts, wholeTexts(element)...)
		}
	case *hclsyntax.ObjectConsExpr:
		for _, item := range node.Items {
			texts = append(texts, wholeTexts(item.ValueExpr)...)
		}
	case *hclsyntax.ConditionalExpr:
		texts = append(wholeTexts(node.TrueResult), wholeTexts(node.FalseResult)...)
	case *hclsyntax.FunctionCallExpr: // concat() and merge()
		for _, argument := range node.Args {
			if _, isText := argument.(*hclsyntax.TemplateExpr); !isText {
				texts = append(texts, wholeTexts(argument)...)
			}
		}
	}
	return texts
}

// textReference is what a text refers to, once it has no quotes, or has the braces that
// a $ lacks; nil if it is no reference.
func textReference(text *hclsyntax.TemplateExpr) hcl.Traversal {
	literal, ok := text.Parts[0].(*hclsyntax.LiteralValueExpr)
	if !ok || !mayBeReference(schema.Literal{Value: literal.Val}) {
		return nil
	}
	source := strings.TrimPrefix(literal.Val.AsString(), "$")
	traversal, diags := hclsyntax.ParseTraversalAbs([]byte(source), text.Range().Filename, text.Range().Start)
	if diags.HasErrors() {
		return nil
	}
	return traversal
}

// wouldDo says whether a reference to a value could stand in a place.
func (c *checker) wouldDo(traversal hcl.Traversal, where place) bool {
	reference := schema.NewReference(traversal)
	switch reference.Address.Block {
	case "environment", "project":
		return false // which are no values
	case "flow":
		if len(reference.Rest()) == 0 {
			return false // nor is a whole one
		}
	}
	trial := &checker{config: c.config, later: c.later, functions: c.functions, names: c.names, told: map[hcl.Range]bool{}, own: c.own, flow: c.flow}
	trial.checkReference(reference, where)
	return len(trial.diags) == 0 && reference.Address.Whole() != c.own
}
