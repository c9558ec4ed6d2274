package plan

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/eval"
)

// Locals finds what is wrong with local values, those too that nothing refers to.
// Everything has been walked.
func (s *Session) Locals() hcl.Diagnostics { return s.eval.Locals() }

// Profiles finds what is wrong with the values in profiles, and in those that nothing
// inherits all that would be wrong in a flow.
func (s *Session) Profiles() hcl.Diagnostics {
	diags := s.eval.Profiles()
	heirless, moreDiags := s.eval.Heirless()
	diags = append(diags, moreDiags...)
	for _, profile := range heirless {
		_, moreDiags := s.termsOf(profile)
		diags = append(diags, moreDiags...)
		resolved, moreDiags := s.eval.Flow(profile)
		if diags = append(diags, moreDiags...); !moreDiags.HasErrors() {
			flow := &Flow{Address: profile.Address.String(), Runner: profile.Flow.Kind, Instance: profile, Resolved: resolved}
			if profile.Flow.Argument("shell") == nil { // an heir may have it, and what argv must be depends on it
				delete(resolved.Arguments, "argv")
			}
			diags = append(diags, s.checkArguments(flow)...)
		}
	}
	return diags
}

// Evaluate is what an expression that stands nowhere in the configuration is
// worth, with what is known of flows and hooks: after Plan, what it has found.
func (s *Session) Evaluate(expr hcl.Expression) (eval.Value, hcl.Diagnostics) {
	s.settleRest()
	if diags := eval.CheckExpression(s.Config, expr); diags.HasErrors() {
		return eval.UnknownValue, diags
	}
	if diags := s.eval.CheckKeys(expr); diags.HasErrors() {
		return eval.UnknownValue, diags
	}
	return s.eval.Evaluate(expr, cty.DynamicPseudoType, nil)
}
