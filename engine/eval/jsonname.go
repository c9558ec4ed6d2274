package eval

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/flowrider/flowrider/internal/limit"
	"github.com/flowrider/flowrider/schema"
)

// markedName is the mistake of a name in a JSON object of which more is to be known
// than its text: HCL's JSON has no place for that.
func markedName(expr hcl.Expression, ctx *hcl.EvalContext) *hcl.Diagnostic {
	if merged, ok := expr.(*schema.Merged); ok {
		for _, part := range merged.Parts {
			if problem := markedName(part, ctx); problem != nil {
				return problem
			}
		}
		return nil
	}
	if _, native := hcl.UnwrapExpression(expr).(hclsyntax.Node); native {
		return nil
	}
	if pairs, diags := hcl.ExprMap(expr); !diags.HasErrors() {
		for _, pair := range pairs {
			if name, diags := limit.Value(pair.Key, ctx); !diags.HasErrors() && name.IsMarked() {
				subject := pair.Key.Range()
				return &hcl.Diagnostic{
					Severity: hcl.DiagError, Summary: "Unsuitable name", Subject: &subject,
					Detail: "In JSON a name cannot be made of what is sensitive or ambient, or of what a flow or a hook gives. Write this block in a file whose name ends in .flow.hcl, with the name as (EXPRESSION).",
				}
			}
			if problem := markedName(pair.Value, ctx); problem != nil {
				return problem
			}
		}
	} else if list, diags := hcl.ExprList(expr); !diags.HasErrors() {
		for _, element := range list {
			if problem := markedName(element, ctx); problem != nil {
				return problem
			}
		}
	}
	return nil
}
