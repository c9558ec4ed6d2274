package plan

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/schema"
)

// wanted is an evaluated import block.
type wanted struct {
	runID string
	block *schema.Import
}

// declareImports evaluates the import blocks. A run ID that is null imports
// nothing.
func (s *Session) declareImports() hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, block := range s.Config.Imports {
		address, moreDiags := s.importer(block)
		runID, ok, evenMore := s.importedRun(block)
		diags = append(append(diags, moreDiags...), evenMore...)
		if address != "" && ok {
			s.imports[address] = &wanted{runID, block}
		}
	}
	return diags
}

// importer is the address of the instance that takes the run of an import block; ""
// where that is wrong.
func (s *Session) importer(block *schema.Import) (string, hcl.Diagnostics) {
	to := block.Argument("to")
	address, diags := flowIn(&block.Block, "to")
	earlier := s.imports[address.String()]
	switch {
	case to == nil || diags.HasErrors():
	case s.instances[address.String()] == nil && s.Config.Flow(address.Name) != nil && !address.Keyed:
		diags = append(diags, problemAt(to, "Which instance?", fmt.Sprintf("%s has for_each: write %s[\"key\"] for one instance.", address, address)))
	case s.instances[address.String()] == nil:
		diags = append(diags, s.unknownFlow(to, address))
	case earlier != nil:
		at := earlier.block.DeclRange
		diags = append(diags, problemAt(to, "Imported twice", fmt.Sprintf("%s takes run %q by the block at %s:%d already.", address, earlier.runID, at.Filename, at.Start.Line)))
	default:
		return address.String(), nil
	}
	return "", diags
}

// importedRun is the run of an import block; ok is false where that is wrong, or null.
func (s *Session) importedRun(block *schema.Import) (runID string, ok bool, diags hcl.Diagnostics) {
	argument := block.Argument("run_id")
	if argument == nil {
		return "", false, nil // which is told elsewhere
	}
	value, diags := s.eval.Evaluate(argument.Expr, cty.String, nil)
	if !diags.HasErrors() && eval.Has(value.Real, eval.Sensitive) {
		diags = append(diags, problemAt(argument, "Sensitive value would be seen", "A run ID is recorded and shown everywhere."))
	}
	runID, ok = value.Text()
	return runID, ok && !diags.HasErrors(), diags
}

// findImported finds the run that an import block gives to a flow which has no
// record. With one, the block has done what it is for.
func (s *Session) findImported(flow *Flow) hcl.Diagnostics {
	w := s.imports[flow.Address]
	if w == nil || flow.Pin != nil || flow.ConfigHash == nil && Policy(flow) == runner.PolicyKey {
		return nil
	}
	problem := s.readRecord(flow)
	if flow.Selected != nil || problem != nil && (problem.Newer || problem.Sides != nil) {
		return nil
	}
	lacks := ""
	if flow.Adopted, lacks = s.adopt(flow, w.runID); lacks != "" {
		return hcl.Diagnostics{problemAt(w.block.Argument("run_id"), "Run cannot be imported",
			fmt.Sprintf("%s is to take run %q for its own, and %s.", flow.Address, w.runID, lacks))}
	}
	for _, note := range flow.Adopted.Notes {
		s.note(note)
	}
	return nil
}

// judgeImported takes the run of an import block where it is right; where it
// is not, its record is what the flow is compared with.
func (s *Session) judgeImported(flow *Flow) {
	if flow.Adopted == nil || flow.Selected != nil {
		return
	}
	flow.Selected = flow.Adopted.Record
	if flow.ConfigHash == nil {
		return // it may be right
	}
	if s.judgeSelected(flow); flow.Record != nil {
		flow.Verdict = Reuse
		flow.Reasons = []Reason{{Code: "imported", Detail: "run " + flow.Record.RunID + " is taken by an import block"}}
	}
}

// Import adopts a run for a flow. A good run that it has is kept, unless it is
// to be replaced. The reasons are the differences to the configuration of now;
// the adoption is nil where there is nothing to do.
func (s *Session) Import(flow *Flow, runID string, replace bool) (*Adoption, []Reason, error) {
	switch {
	case flow.Verdict == Blocked:
		return nil, nil, errors.New(flow.Reasons[0].Detail)
	case flow.Verdict == Pinned:
		return nil, nil, errors.New("it is pinned; take the pin away first")
	case flow.ConfigHash == nil:
		if e := environmentOf(flow); e != nil {
			if lock, stale := e.Locked(); lock == nil {
				return nil, nil, fmt.Errorf("its config hash is not known yet: %s", stale)
			}
		}
		return nil, nil, fmt.Errorf("its config hash is not known yet (%s): import or apply what it needs first", codesOf(flow.Reasons))
	}
	if old := flow.Selected; old != nil && s.lacks(flow, old) == "" {
		switch {
		case isRun(old, runID) && flow.Verdict == Fresh:
			return nil, nil, nil
		case isRun(old, runID):
			return nil, nil, fmt.Errorf("its record has that run already; flowrider accept %s takes it for the configuration of now", shellAddress(flow))
		case !replace:
			return nil, nil, fmt.Errorf("its record has run %s, which is good; --replace takes run %s in its place", old.RunID, runID)
		}
	}
	adoption, lacks := s.adopt(flow, runID)
	if lacks != "" {
		return nil, nil, fmt.Errorf("run %s cannot be imported: %s", runID, lacks)
	}
	compared := *flow
	if compared.Selected = adoption.Record; adoption.Record.CurrentHash() == *flow.ConfigHash {
		return adoption, nil, nil
	}
	return adoption, s.differences(&compared), nil
}
