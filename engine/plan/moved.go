package plan

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// move is what a moved block says: whose record was from's has it under to
// now. From a whole flow to a whole flow it says so of each instance.
type move struct {
	from, to schema.Address
	block    *schema.Moved
}

// declareMoves reads the moved blocks and finds those that cannot be meant.
func (s *Session) declareMoves() hcl.Diagnostics {
	var diags hcl.Diagnostics
	var halves []*move // of which the rest is wrong
	for _, block := range s.Config.Moved {
		from, moreDiags := flowIn(&block.Block, "from")
		to, evenMore := flowIn(&block.Block, "to")
		diags = append(append(diags, moreDiags...), evenMore...)
		m := &move{from, to, block}
		if none := (schema.Address{}); from == none || to == none {
			halves = append(halves, m)
			continue
		}
		s.moves = append(s.moves, m)
	}
	for i, m := range s.moves {
		if problem := s.checkMove(s.moves[:i], halves, m); problem != nil {
			diags = append(diags, problem)
		}
	}
	for _, m := range halves {
		if m.to.Name != "" && s.Config.Flow(m.to.Name) == nil && !s.movedOn(halves, m) {
			diags = append(diags, s.unknownFlow(m.block.Argument("to"), m.to))
		}
	}
	return diags
}

// flowIn is the flow or instance that an argument of a block names; none where the
// argument is not there, or is wrong.
func flowIn(block *schema.Block, name string) (schema.Address, hcl.Diagnostics) {
	if argument := block.Argument(name); argument != nil {
		return eval.FlowAddress(argument)
	}
	return schema.Address{}, nil // which is told elsewhere
}

// movedOn says whether there is, or may be, a move from where another leads to.
func (s *Session) movedOn(halves []*move, m *move) bool {
	halves = slices.DeleteFunc(slices.Clone(halves), func(half *move) bool { return half == m })
	return moveFrom(s.moves, m.to) != nil || moveFrom(halves, m.to) != nil || moveFrom(halves, schema.Address{}) != nil
}

// checkMove finds what is wrong with a move after the earlier ones.
func (s *Session) checkMove(earlier, halves []*move, m *move) *hcl.Diagnostic {
	from, to := m.block.Argument("from"), m.block.Argument("to")
	if m.from == m.to {
		return problemAt(to, "Moved in a circle", fmt.Sprintf("%s is moved to itself. Take the block away, or correct one of the names.", m.from))
	}
	for _, other := range earlier {
		at := fmt.Sprintf("%s:%d", other.block.DeclRange.Filename, other.block.DeclRange.Start.Line)
		if other.from == m.from {
			return problemAt(from, "Moved twice", fmt.Sprintf("%s is moved to %s at %s already; a record has one name.", m.from, other.to, at))
		}
		if other.to == m.to {
			return problemAt(to, "Moved twice", fmt.Sprintf("%s takes the record of %s at %s already; write from %s to %s, and the move on from there.", m.to, other.from, at, m.from, other.from))
		}
	}
	for next, left := m, len(earlier); next != nil && left >= 0; next, left = moveFrom(earlier, next.to), left-1 {
		if next.to == m.from {
			return problemAt(to, "Moved in a circle", fmt.Sprintf("%s is moved to %s and, in the end, back again.", m.from, m.to))
		}
	}
	if s.stillDeclared(m) {
		return problemAt(from, "Still declared", fmt.Sprintf("%s is moved to %s and is still declared. Rename the flow, or take the moved block away.", m.from, m.to))
	}
	return s.checkMoveTarget(halves, m)
}

// stillDeclared says whether a record would be taken from a flow that needs it.
// A flow that has got a for_each leaves the record that it had before.
func (s *Session) stillDeclared(m *move) bool {
	return s.instances[m.from.String()] != nil || !m.from.Keyed && !m.to.Keyed && s.Config.Flow(m.from.Name) != nil
}

func (s *Session) checkMoveTarget(halves []*move, m *move) *hcl.Diagnostic {
	to := m.block.Argument("to")
	flow := s.Config.Flow(m.to.Name)
	switch {
	case s.instances[m.to.String()] != nil || s.movedOn(halves, m):
		return nil
	case flow != nil && !m.to.Keyed && !m.from.Keyed:
		return nil // all its instances
	case flow != nil && !m.to.Keyed:
		return problemAt(to, "Which instance?", fmt.Sprintf("%s has for_each: write %s[\"key\"] for one instance.", m.to, m.to))
	}
	return s.unknownFlow(to, m.to)
}

// unknownFlow is the problem of an argument that names no flow or instance
// there is.
func (s *Session) unknownFlow(argument *schema.Attribute, address schema.Address) *hcl.Diagnostic {
	var candidates []string
	for _, known := range s.Config.Names("flow") {
		candidates = append(candidates, "flow."+known)
	}
	for _, known := range s.Addresses() {
		if !s.instances[known.String()].Flow.Nameless {
			candidates = append(candidates, known.String())
		}
	}
	problem := problemAt(argument, "Unknown flow", fmt.Sprintf("There is no %s.", address))
	if best := diag.Suggest(address.String(), candidates); best != "" {
		problem.Detail += fmt.Sprintf(" Did you mean %s?", best)
		problem.Extra = diag.Suggestion(best)
	}
	return problem
}

// moveFrom is the move of a record that has this name, or nil.
func moveFrom(moves []*move, address schema.Address) *move {
	for _, m := range moves {
		if m.from == address || m.from == address.Whole() && !m.to.Keyed {
			return m
		}
	}
	return nil
}

// before is the name that a flow's record had before this one.
func (s *Session) before(address schema.Address) (former schema.Address, ok bool) {
	for _, m := range s.moves {
		if m.to == address {
			return m.from, true
		}
	}
	for _, m := range s.moves {
		if address.Keyed && m.to == address.Whole() && !m.from.Keyed {
			return m.from.Instance(address.Key), true
		}
	}
	return former, false
}

// formerly lists the names that a flow has had, newest first.
func (s *Session) formerly(address schema.Address) []schema.Address {
	var names []schema.Address
	for range s.moves { // which make no circle
		former, ok := s.before(address)
		if !ok {
			break
		}
		names = append(names, former)
		address = former
	}
	return names
}

// takenOver is what a flow takes over from a name that it had, where it has no
// record of its own; own is what is selected under its name. A record under an
// old name with the run of its own is what a move has left behind that was cut
// short.
func (s *Session) takenOver(address schema.Address, own record.Selection) (former schema.Address, selection record.Selection, problem *record.Problem) {
	for _, former := range s.formerly(address) {
		there, problem := s.tools.Records.Selection(former)
		switch {
		case problem != nil && problem.Newer:
			return former, record.Selection{}, problem
		case problem != nil:
			s.disbelieve(problem)
		case there.Record == nil:
		case own.Record == nil:
			return former, there.Renamed(address), nil
		case own.Committed().RunID == there.Committed().RunID:
			return former, own, nil
		}
	}
	return schema.Address{}, own, nil
}

// InUse lists the flows whose records are in use: those that are declared, and
// the old names of those that take over a record.
func (s *Session) InUse() []schema.Address {
	list := s.Addresses()
	for _, address := range list {
		if len(s.formerly(address)) == 0 {
			continue
		}
		own, _ := s.tools.Records.Selection(address)
		if former, selection, _ := s.takenOver(address, own); selection.Record != nil && former != (schema.Address{}) {
			list = append(list, former)
		}
	}
	return list
}

// names are all names that a flow has and has had.
func (s *Session) names(address string) map[string]bool {
	names := map[string]bool{address: true}
	if parsed, err := schema.ParseAddress(address); err == nil {
		for _, former := range s.formerly(parsed) {
			names[former.String()] = true
		}
	}
	return names
}
