package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// target works out which nodes are walked: the targets with everything they
// need, or all flows with what they need, without those that are left out and
// what needs them.
func (s *Session) target() hcl.Diagnostics {
	if s.Options.Approved != nil {
		s.targetApproved()
		return nil
	}
	var diags, moreDiags hcl.Diagnostics
	if s.excluded, diags = s.choose(s.Options.Exclude, "--exclude", nil); diags.HasErrors() {
		return diags
	}
	left := s.Graph.Dependents(slices.Collect(maps.Keys(s.excluded))...)
	s.named, diags = s.choose(s.Options.Targets, "target", left)
	s.forced, moreDiags = s.choose(s.Options.Replace, "--replace", left)
	diags = append(diags, moreDiags...)
	var nodes []string
	for _, node := range s.order {
		if s.named[node] || s.forced[node] || len(s.Options.Targets) == 0 && s.instances[node] != nil {
			nodes = append(nodes, node)
		}
	}
	if len(s.Options.Targets) == 0 {
		nodes = append(nodes, s.hooksOfOutputs()...)
	}
	s.noteLeft(nodes, left)
	s.walk(nodes, left)
	return diags
}

// walk makes nodes and what they need wanted, without those that are left out.
func (s *Session) walk(nodes []string, left map[string]bool) {
	nodes = slices.DeleteFunc(nodes, func(node string) bool { return left[node] })
	if s.Wanted = s.Graph.Closure(nodes...); s.Options.Explain {
		s.Wanted = s.Graph.Before(nodes...)
	}
}

// choose is what targets name, as nodes: flows with their instances, and what
// + adds. A target that names nothing, or nothing that is not left out, is a
// mistake.
func (s *Session) choose(targets []Target, what string, left map[string]bool) (map[string]bool, hcl.Diagnostics) {
	var diags hcl.Diagnostics
	chosen := map[string]bool{}
	for _, target := range targets {
		nodes := s.namedBy(target)
		if len(nodes) == 0 {
			diags = append(diags, s.unknownTarget(target, what))
			continue
		}
		if !slices.ContainsFunc(nodes, func(node string) bool { return !left[node] }) {
			diags = append(diags, s.leftTarget(target, nodes, what))
			continue
		}
		for _, node := range s.around(target, nodes) {
			chosen[node] = true
		}
	}
	return chosen, diags
}

// namedBy are the nodes of the flows and instances that a target names: by its
// address, or else by its glob.
func (s *Session) namedBy(target Target) []string {
	if nodes := s.nodesOf(target.is); len(nodes) > 0 {
		return nodes
	}
	return s.nodesOf(target.isLike)
}

// nodesOf are the nodes of flows with an address of some kind, and of all
// instances of such flows.
func (s *Session) nodesOf(is func(schema.Address) bool) []string {
	var nodes []string
	for _, flow := range s.Config.Flows {
		if whole := flow.Address.String(); is(flow.Address) && s.Graph.Has(whole) && s.instances[whole] == nil {
			nodes = append(nodes, whole) // of one with for_each
		}
	}
	for _, address := range s.Addresses() {
		if is(address) || is(address.Whole()) {
			nodes = append(nodes, address.String())
		}
	}
	return nodes
}

// around adds to nodes the flows that + stands for.
func (s *Session) around(target Target, nodes []string) []string {
	added := map[string]bool{}
	if target.Upstream {
		added = s.Graph.Closure(nodes...)
	}
	if target.Downstream {
		maps.Copy(added, s.Graph.Dependents(nodes...))
	}
	for _, node := range s.order {
		if added[node] && s.instances[node] != nil {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// Named says whether a flow is one of the targets, and not only needed by
// them.
func (s *Session) Named(flow *Flow) bool { return s.named[flow.Address] }

// noteLeft says which flows would be walked and are left out only since they
// need one that --exclude names.
func (s *Session) noteLeft(nodes []string, left map[string]bool) {
	would := s.Graph.Closure(nodes...)
	var list []string
	for _, node := range s.order {
		if would[node] && left[node] && !s.excluded[node] && s.instances[node] != nil {
			list = append(list, node)
		}
	}
	if count := len(list); count > mostNamed {
		list = append(list[:mostNamed], fmt.Sprintf("and %d more", count-mostNamed))
	}
	if len(list) > 0 {
		s.note("left out too, since they need what --exclude leaves out: " + strings.Join(list, ", "))
	}
}

// mostNamed is how many flows one note names.
const mostNamed = 10

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
func (s *Session) hooksOf(argument *schema.Attribute, seen map[string]bool) []string {
	if argument == nil {
		return nil
	}
	var nodes []string
	for _, reference := range schema.References(argument.Expr) {
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

// givenAs says how a target was given: by itself, or with a flag.
func givenAs(what string) string {
	if what == "target" {
		return "as a target"
	}
	return "with " + what
}

func (s *Session) unknownTarget(target Target, what string) *hcl.Diagnostic {
	given := givenAs(what)
	problem := &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "Unknown target",
		Detail: fmt.Sprintf("There is no %s, which is given %s.", target, given),
	}
	switch {
	case target.glob != nil:
		problem.Detail = fmt.Sprintf("No flow has an address like %s, which is given %s.", target, given)
	case what == "target" && s.Options.OrFile:
		problem.Detail = fmt.Sprintf("There is no %s, which is given %s, and there is no file of that name.", target, given)
	}
	if unread := s.Config.Unread(target.address); target.glob == nil && unread != "" {
		problem.Detail += " " + unread
		return problem
	}
	var candidates []string
	for _, flow := range s.Config.Flows {
		candidates = append(candidates, flow.Address.String())
	}
	for _, known := range s.Addresses() {
		candidates = append(candidates, known.String())
	}
	if best := diag.Suggest(strings.NewReplacer("*", "", "?", "").Replace(target.String()), candidates); best != "" {
		problem.Detail += fmt.Sprintf(" Did you mean %s?", best)
		problem.Extra = diag.Suggestion(best)
	} else if len(candidates) > 0 && len(candidates) <= 20 {
		problem.Detail += " " + diag.There(candidates)
	}
	return problem
}

// leftTarget is the mistake of a target of which nothing is walked.
func (s *Session) leftTarget(target Target, nodes []string, what string) *hcl.Diagnostic {
	given := givenAs(what)
	problem := &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "Target left out",
		Detail: fmt.Sprintf("%s is given %s, and --exclude leaves it out.", target, given),
	}
	needs := s.Graph.Closure(nodes...)
	for _, node := range s.order {
		if s.excluded[node] && needs[node] && !slices.Contains(nodes, node) {
			problem.Detail = fmt.Sprintf("%s is given %s, and needs %s, which --exclude leaves out with all that needs it.", target, given, node)
			break
		}
	}
	return problem
}

// replaced says whether an instance is forced to run.
func (s *Session) replaced(address schema.Address) bool {
	if approved := s.Options.Approved; approved != nil {
		return slices.Contains(approved.Replace, address.String()) || slices.Contains(approved.Replace, address.Whole().String())
	}
	return s.forced[address.String()]
}
