package plan

import (
	"fmt"
	"strings"

	"github.com/flowrider/flowrider/engine/record"
)

// conflict is a flow's record that git could not merge: two branches have run
// the flow.
//
// Of the two sides and the history, in this order, the record that has the
// current configuration and whose run is here is taken; without one, the flow
// runs. Until then ours stands for the record: it is what this branch had.
type conflict struct {
	problem *record.Problem
	asked   bool         // whether its sides were looked at: not where the flow runs in any case
	taken   *record.Side // the one that decides the verdict, if one does
}

// conflictOf looks at the sides of a record that git could not merge; nil if a
// problem is of another kind.
func (s *Session) conflictOf(flow *Flow, problem *record.Problem) *conflict {
	if problem == nil || problem.Sides == nil {
		return nil
	}
	if !problem.Whole() && s.tools.Unmerged != nil {
		ours, theirs := s.tools.Unmerged(problem.Path)
		problem.Complete(flow.Instance.Address, ours, theirs)
	}
	return &conflict{problem: problem}
}

// stand is the record that stands for one in conflict; nil if no side is
// known.
func (c *conflict) stand() *record.Record {
	for _, rec := range c.known() {
		return rec
	}
	return nil
}

// known are the records of the sides that are known; without a conflict there
// are none.
func (c *conflict) known() []*record.Record {
	var list []*record.Record
	if c != nil {
		for _, side := range c.problem.Sides {
			if side.Record != nil {
				list = append(list, side.Record)
			}
		}
	}
	return list
}

// judgeConflict takes the side of a conflict that has the flow's configuration
// and whose run is here.
func (s *Session) judgeConflict(flow *Flow) {
	if flow.conflict == nil {
		return
	}
	flow.conflict.asked = true
	for i, side := range flow.conflict.problem.Sides {
		if side.Record == nil {
			continue
		}
		if as := side.Record.As(*flow.ConfigHash); as != nil {
			flow.missing = s.find(flow, []*record.Record{as})
		}
		if flow.Record != nil {
			flow.conflict.taken = &flow.conflict.problem.Sides[i]
		}
		if flow.decided() {
			return
		}
	}
}

// nameConflict puts the conflict before the other reasons, with what is
// selected in its place.
func (f *Flow) nameConflict() {
	if f.conflict == nil {
		return
	}
	var sides []string
	for _, side := range f.conflict.problem.Sides {
		sides = append(sides, side.String())
	}
	detail := strings.Join(sides, " against ") + " in " + f.conflict.problem.Path
	switch side := f.Settles(); {
	case f.Verdict == Pinned:
		detail += fmt.Sprintf(": run %s, to which it is pinned, is selected", f.Record.RunID)
	case side != nil:
		detail += ": " + side.Name + " is selected"
	case f.Record != nil:
		detail += fmt.Sprintf(": run %s of the history is selected", f.Record.RunID)
	case f.Verdict == Run && f.conflict.asked && f.outdated == nil:
		detail += ": neither has this configuration and a run that is here, so it runs"
	}
	f.nameProblem(Reason{Code: codeConflict, Detail: detail})
}

const codeConflict = "record_conflict"

// Settled says which conflict of its record a flow's verdict settles, and how;
// "" where there is none.
func (f *Flow) Settled() string {
	for _, reason := range f.Reasons {
		if reason.Code == codeConflict {
			return "which settles the conflict of " + reason.Detail
		}
	}
	return ""
}

// Settles is the side of a conflict that is selected; nil where none is.
func (f *Flow) Settles() *record.Side {
	if f.conflict == nil || f.Verdict == Pinned {
		return nil
	}
	return f.conflict.taken
}
