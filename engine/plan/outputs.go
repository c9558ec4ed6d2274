package plan

import (
	"context"
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/eval"
)

// settleRest puts in, for all that this walk has not decided, what the selected
// records say, whether up to date or not. Flows without a record stay unknown.
func (s *Session) settleRest() {
	for _, node := range s.order {
		s.settleRecorded(node)
	}
}

// settleRecorded puts in what is recorded of a node that this walk has not
// decided.
func (s *Session) settleRecorded(node string) {
	if s.IsHook(node) && !s.Known(node) && !s.answered(s.hookBlocks[hookName(node)]) {
		s.leaveUnknown(hookName(node))
	}
	instance := s.instances[node]
	if instance == nil || s.decided[node] != nil {
		return
	}
	s.settleUnwalked(node)
	flow := &Flow{Address: node, Runner: instance.Flow.Kind, Instance: instance}
	flow.Resolved, _ = s.eval.Flow(instance) // what cannot be evaluated stays unknown
	s.lookUp(flow)
	s.decided[node] = flow
	if flow.Selected == nil {
		s.Fail(flow)
		return
	}
	s.Settle(flow, flow.Selected)
}

// Outputs evaluates the outputs of the whole configuration, in source order,
// with what is known: from this walk, or else from the records.
func (s *Session) Outputs() ([]NamedValue, hcl.Diagnostics) {
	s.settleRest()
	var list []NamedValue
	var diags hcl.Diagnostics
	for _, output := range s.Config.Outputs {
		values, moreDiags := s.eval.Block(&output.Block)
		diags = append(diags, moreDiags...)
		if value, ok := values["value"]; ok {
			if eval.Has(value.Real, eval.Sensitive) && !values["sensitive"].True() && !output.Partial {
				diags = append(diags, problemAt(output.Argument("value"), "Sensitive value would be seen",
					fmt.Sprintf("The output %q is made of a sensitive value. Write sensitive = true, and it is hidden, or leave the value out.", output.Address.Name)))
			}
			list = append(list, NamedValue{Name: output.Address.Name, Value: value})
		}
	}
	return list, diags
}

// CallOutputHooks calls the hooks that outputs of the configuration refer to,
// without walking the flows.
func (s *Session) CallOutputHooks(ctx context.Context) hcl.Diagnostics {
	var diags hcl.Diagnostics
	wanted := map[string]bool{}
	for _, output := range s.Config.Outputs {
		for _, node := range s.hooksOf(output.Argument("value"), map[string]bool{}) {
			wanted[node] = true
		}
	}
	s.settleRest()
	for _, node := range s.order {
		if block := s.hookBlocks[hookName(node)]; block != nil && (wanted[node] || wanted[block.Address.Whole().String()]) {
			diags = append(diags, s.CallHooks(ctx, node)...)
		}
	}
	return diags
}

// NamedValue is an output of the whole configuration.
type NamedValue struct {
	Name  string
	Value eval.Value
}
