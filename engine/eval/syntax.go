package eval

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/flowrider/flowrider/schema"
)

// checkFunctions finds calls of functions that there are not, and texts of
// JSON files that are no templates.
func (c *checker) checkFunctions(expr hcl.Expression) {
	if _, simple := expr.(*schema.Simple); simple {
		return // it calls nothing
	}
	for _, node := range c.nodes(expr) {
		hclsyntax.VisitAll(node, func(node hclsyntax.Node) hcl.Diagnostics {
			if call, ok := node.(*hclsyntax.FunctionCallExpr); ok {
				c.checkCall(call)
			}
			return nil
		})
	}
}

// calls says whether one of the functions is called anywhere in an expression.
func calls(node hclsyntax.Node, is func(function string) bool) (found bool) {
	hclsyntax.VisitAll(node, func(node hclsyntax.Node) hcl.Diagnostics {
		call, ok := node.(*hclsyntax.FunctionCallExpr)
		found = found || ok && is(call.Name)
		return nil
	})
	return found
}

func (c *checker) source(name string) []byte {
	if c.config == nil || c.config.Sources[name] == nil {
		return nil
	}
	return c.config.Sources[name].Bytes
}

// nodes is the native syntax of an expression: itself, or the templates in
// the texts of a JSON file, parsed as HCL does when it evaluates them.
func (c *checker) nodes(expr hcl.Expression) []hclsyntax.Node {
	if node, ok := hcl.UnwrapExpression(expr).(hclsyntax.Node); ok {
		return []hclsyntax.Node{node}
	}
	if text, ok := schema.LiteralText(expr); ok {
		at := expr.Range()
		template, diags := schema.ParseText(expr, text, c.source(at.Filename))
		if diags.HasErrors() {
			if c.config != nil && !c.told[at] { // else nobody reads them, or they are there
				c.told[at] = true
				c.diags = append(c.diags, diags...)
			}
			return nil
		}
		return []hclsyntax.Node{template}
	}
	var all []hclsyntax.Node
	if merged, ok := expr.(*schema.Merged); ok {
		for _, part := range merged.Parts {
			all = append(all, c.nodes(part)...)
		}
	} else if pairs, diags := hcl.ExprMap(expr); !diags.HasErrors() {
		for _, pair := range pairs {
			all = append(append(all, c.nodes(pair.Key)...), c.nodes(pair.Value)...)
		}
	} else if list, diags := hcl.ExprList(expr); !diags.HasErrors() {
		for _, element := range list {
			all = append(all, c.nodes(element)...)
		}
	}
	return all
}
