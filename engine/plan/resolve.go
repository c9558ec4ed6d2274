package plan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// Resolve evaluates one instance without deciding about any: what it refers to
// is what the selected records say, whether up to date or not. build is called
// for the environments of hooks before they are called. The arguments named
// without are not looked at.
func (s *Session) Resolve(ctx context.Context, address schema.Address, build func(*Environment) error, without ...string) (*Flow, hcl.Diagnostics, error) {
	var diags hcl.Diagnostics
	for _, node := range s.order {
		switch instance := s.instances[node]; {
		case !s.Wanted[node]:
		case s.IsHook(node):
			if err := s.buildFor(node, build); err != nil {
				return nil, diags, err
			}
			diags = append(diags, s.CallHooks(ctx, node)...)
		case instance == nil:
		case instance.Address != address:
			s.settleRecorded(node)
		case diags.HasErrors():
			return nil, diags, nil
		default:
			flow, moreDiags := s.resolve(instance, without)
			return flow, append(diags, moreDiags...), nil
		}
	}
	panic("plan: " + address.String() + " is not among the targets")
}

// buildFor builds the environment of a hook.
func (s *Session) buildFor(node string, build func(*Environment) error) error {
	for _, need := range s.Graph.Needs(node) {
		if e := s.EnvironmentOf(need); e != nil {
			if err := build(e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Session) resolve(instance *eval.Instance, without []string) (*Flow, hcl.Diagnostics) {
	flow := &Flow{Address: instance.Address.String(), Runner: instance.Flow.Kind, Instance: instance}
	var diags hcl.Diagnostics
	s.settleUnwalked(flow.Address)
	if flow.Resolved, diags = s.eval.Flow(instance); diags.HasErrors() {
		return flow, diags
	}
	for _, name := range without {
		delete(flow.Resolved.Arguments, name)
	}
	s.lookUp(flow)
	diags = append(diags, s.checkArguments(flow)...)
	if !diags.HasErrors() {
		diags = append(diags, s.describe(flow)...)
	}
	if !diags.HasErrors() {
		diags = append(diags, s.checkFile(flow)...)
	}
	if !diags.HasErrors() {
		diags = append(diags, s.checkKnown(flow)...)
	}
	return flow, diags
}

// checkKnown names the arguments that are not known, and what they wait for.
func (s *Session) checkKnown(flow *Flow) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, name := range slices.Sorted(maps.Keys(flow.Resolved.Arguments)) {
		argument := flow.Instance.Flow.Argument(name)
		if flow.Resolved.Arguments[name].Unmarked().IsWhollyKnown() || argument == nil {
			continue
		}
		diags = append(diags, problemAt(argument, "Not known yet", fmt.Sprintf("%s needs %s, which is not known: %s.", flow.Address, name, s.waitsFor(flow, name))))
	}
	return diags
}

// waitsFor says which flows and hooks an argument has no value of yet.
func (s *Session) waitsFor(flow *Flow, argument string) string {
	var missing []string
	for _, use := range flow.Uses {
		if use.At.Label() != argument {
			continue
		}
		text := ""
		switch source := use.Source.(type) {
		case eval.Run:
			if s.results[source.Flow] == nil {
				text = s.withoutRecord(source.Flow) + "; run flowrider apply " + diag.ShellQuote(source.Flow)
			}
		case eval.Hook:
			if !s.Known("hook." + string(source)) {
				text = fmt.Sprintf("hook.%s cannot be called yet", string(source))
			}
		}
		if text != "" && !slices.Contains(missing, text) {
			missing = append(missing, text)
		}
	}
	if len(missing) == 0 {
		return "it depends on something that has not run yet; run flowrider apply " + diag.ShellQuote(flow.Address)
	}
	return strings.Join(missing, "; ")
}

// withoutRecord says why a flow has no record that counts.
func (s *Session) withoutRecord(address string) string {
	if _, problem := s.tools.Records.Selection(s.instances[address].Address); problem != nil {
		return fmt.Sprintf("the record of %s is not believed: %v", address, problem)
	}
	return address + " has no record"
}

// Standing is the record that a resolved flow goes by, if its run was made of
// what the flow is now and is there: that of the run that it is pinned to, or
// the selected one. Whether apply would run the flow all the same, since it is
// volatile or expired, does not count.
func (s *Session) Standing(flow *Flow) (*record.Record, error) {
	address := diag.ShellQuote(flow.Address)
	rec, pin := flow.Selected, s.pins[flow.Address]
	if pin != nil {
		rec = s.recordOf(flow, pin.runID)
	}
	switch {
	case rec == nil && pin != nil:
		return nil, fmt.Errorf("%s is pinned to run %s, which has no record yet; run flowrider apply %s first", flow.Address, pin.runID, address)
	case rec == nil:
		return nil, fmt.Errorf("%s; run flowrider apply %s first", s.withoutRecord(flow.Address), address)
	case flow.ConfigHash == nil:
		return nil, fmt.Errorf("%s depends on something that has no record; run flowrider apply %s first", flow.Address, address)
	case rec.CurrentHash() != *flow.ConfigHash && pin != nil:
		return nil, fmt.Errorf("%s is pinned to run %s, which is of another configuration (flowrider explain %s says what differs)", flow.Address, rec.RunID, address)
	case rec.CurrentHash() != *flow.ConfigHash:
		return nil, fmt.Errorf("%s is not up to date: run %s was made of something else (flowrider explain %s says what differs); run flowrider apply %s first", flow.Address, rec.RunID, address, address)
	}
	missing, err := s.check(flow, rec)
	switch {
	case err != nil:
		return nil, fmt.Errorf("whether run %s of %s still exists cannot be told: %w", rec.RunID, flow.Address, err)
	case missing != "":
		return nil, fmt.Errorf("the recorded result of %s is missing: %s; run flowrider apply %s first", flow.Address, missing, address)
	}
	return rec, nil
}
