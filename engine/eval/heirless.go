package eval

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/schema"
)

// Heirless are the profiles that nothing inherits, as flows with what can be evaluated
// without an instance.
func (e *Evaluator) Heirless() (list []*Instance, diags hcl.Diagnostics) {
	certain := func(block *schema.Block) *schema.Block {
		if block == nil {
			return nil
		}
		rest := *block
		rest.Arguments = nil
		for _, attribute := range block.Arguments {
			own := *attribute
			if merged, ok := own.Expr.(*schema.Merged); ok {
				own.Expr = merged.Parts[len(merged.Parts)-1] // the others are in other profiles
			}
			if !hasValue(&own) || own.Name == "secrets" || !e.everywhere(own.Expr) {
				continue
			}
			moreDiags := e.CheckKeys(own.Expr)
			if diags = append(diags, moreDiags...); !moreDiags.HasErrors() {
				rest.Arguments = append(rest.Arguments, &own)
			}
		}
		return &rest
	}
	for _, flow := range e.config.Heirless() {
		flow.Block = *certain(&flow.Block)
		flow.Bundle, flow.Retry, flow.Resources = certain(flow.Bundle), certain(flow.Retry), certain(flow.Resources)
		list = append(list, &Instance{Address: flow.Address, Flow: flow})
	}
	return list, diags
}
