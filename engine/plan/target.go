package plan

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// target works out which nodes are walked: the targets with everything they
// need, or all flows with what they need.
func (s *Session) target() hcl.Diagnostics {
	if s.Options.Approved != nil {
		s.targetApproved()
		return nil
	}
	var diags hcl.Diagnostics
	var nodes []string
	for _, address := range s.Options.Targets {
		diags = append(diags, s.checkAddress(address, "target")...)
		nodes = append(nodes, address.String())
	}
	for _, address := range s.Options.Replace {
		diags = append(diags, s.checkAddress(address, "--replace")...)
		nodes = append(nodes, address.String())
	}
	if len(s.Options.Targets) == 0 {
		for _, node := range s.order {
			if s.instances[node] != nil {
				nodes = append(nodes, node)
			}
		}
		nodes = append(nodes, s.hooksOfOutputs()...)
	}
	if s.Wanted = s.Graph.Closure(nodes...); s.Options.Explain {
		s.Wanted = s.Graph.Before(nodes...)
	}
	return diags
}

// hooksOfOutputs are the hooks that outputs of the configuration refer to.
func (s *Session) hooksOfOutputs() []string {
	var nodes []string
	for _, output := range s.Config.Outputs {
		nodes = append(nodes, s.hooksOf(output.Argument("value"), map[string]bool{})...)
	}
	return nodes
}

// hooksOf are the hooks that an expression refers to, through local values
// too: those of outputs are called although no flow needs them.
func (s *Session) hooksOf(argument *hcl.Attribute, seen map[string]bool) []string {
	if argument == nil {
		return nil
	}
	var nodes []string
	for _, reference := range eval.References(argument.Expr) {
		switch reference.Address.Block {
		case "hook":
			nodes = append(nodes, reference.Address.String())
		case "local":
			if local := s.Config.Local(reference.Address.Name); local != nil && !seen[local.Address.Name] {
				seen[local.Address.Name] = true
				nodes = append(nodes, s.hooksOf(local.Attribute, seen)...)
			}
		}
	}
	return nodes
}

func (s *Session) checkAddress(address schema.Address, what string) hcl.Diagnostics {
	if address.Block == "flow" && s.Graph.Has(address.String()) {
		return nil
	}
	problem := &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "Unknown target",
		Detail: fmt.Sprintf("There is no %s, which is given as a %s.", address, what),
	}
	if what != "target" {
		problem.Detail = fmt.Sprintf("There is no %s, which is given with %s.", address, what)
	}
	if what == "target" && s.Options.OrFile {
		problem.Detail = fmt.Sprintf("There is no %s, which is given as a target, and there is no file of that name.", address)
	}
	var candidates []string
	for _, flow := range s.Config.Flows {
		candidates = append(candidates, flow.Address.String())
	}
	for _, known := range s.Addresses() {
		candidates = append(candidates, known.String())
	}
	if best := diag.Suggest(address.String(), candidates); best != "" {
		problem.Detail += fmt.Sprintf(" Did you mean %s?", best)
		problem.Extra = diag.Suggestion(best)
	} else if len(candidates) > 0 && len(candidates) <= 20 {
		problem.Detail += " " + diag.Listing("There is", candidates)
	}
	return hcl.Diagnostics{problem}
}

// replaced says whether an instance is forced to run.
func (s *Session) replaced(address schema.Address) bool {
	if approved := s.Options.Approved; approved != nil {
		return slices.Contains(approved.Replace, address.String()) || slices.Contains(approved.Replace, address.Whole().String())
	}
	for _, forced := range s.Options.Replace {
		if forced == address || forced == address.Whole() {
			return true
		}
	}
	return false
}
