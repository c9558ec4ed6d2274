package eval

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/schema"
)

// Profiles finds what is wrong with the values in profiles, those too that no flow
// inherits. What depends on an instance is looked at where there is one.
func (e *Evaluator) Profiles() (diags hcl.Diagnostics) {
	for _, profile := range e.config.Profiles {
		for _, attribute := range profile.Arguments {
			expr, moreDiags := e.withoutInstance(attribute)
			if expr != nil {
				_, moreDiags = e.Evaluate(expr, profile.Type(attribute.Name), nil)
			}
			diags = append(diags, moreDiags...)
		}
	}
	return diags
}

// Heirless are the profiles that nothing inherits, as flows with what can be evaluated
// without an instance.
func (e *Evaluator) Heirless() (list []*Instance, diags hcl.Diagnostics) {
	kept := func(block *schema.Block) *schema.Block {
		if block == nil {
			return nil
		}
		rest := *block
		rest.Arguments = nil
		for _, attribute := range block.Arguments {
			expr, moreDiags := e.withoutInstance(attribute)
			if diags = append(diags, moreDiags...); expr != nil {
				own := *attribute
				own.Expr = expr
				rest.Arguments = append(rest.Arguments, &own)
			}
		}
		return &rest
	}
	for _, flow := range e.config.Heirless() {
		flow.Block = *kept(&flow.Block)
		flow.Bundle, flow.Retry, flow.Resources = kept(flow.Bundle), kept(flow.Retry), kept(flow.Resources)
		list = append(list, &Instance{Address: flow.Address, Flow: flow})
	}
	return list, diags
}

// withoutInstance is what a profile itself says of an argument, if that can be evaluated
// without an instance; else nil.
func (e *Evaluator) withoutInstance(attribute *schema.Attribute) (hcl.Expression, hcl.Diagnostics) {
	own := attribute.Expr
	if merged, ok := own.(*schema.Merged); ok {
		own = merged.Parts[len(merged.Parts)-1] // the others are in other profiles
	}
	if !hasValue(attribute) || attribute.Name == "secrets" || !e.everywhere(own) {
		return nil, nil
	}
	if diags := e.CheckKeys(own); diags.HasErrors() {
		return nil, diags
	}
	return own, nil
}

// everywhere says whether a value is the same in all instances, and all that it
// refers to is there: some of it may have been left out for its mistakes.
func (e *Evaluator) everywhere(expr hcl.Expression) bool {
	return !slices.ContainsFunc(schema.References(expr), func(reference *schema.Reference) bool {
		block := reference.Address.Block
		return !reference.Complete() || block == "each" || !slices.Contains(roots, block) || schema.IsDeclared(block) && !e.config.Has(reference.Address.Whole())
	})
}
