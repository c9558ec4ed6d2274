package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/schema"
)

// Pin is what holds a flow to one of its runs, and what it keeps from
// happening.
type Pin struct {
	RunID   string   `json:"run_id"`
	Reason  string   `json:"reason,omitempty"`
	WouldBe Verdict  `json:"would_be"` // the verdict without the pin
	Reasons []Reason `json:"reasons"`  // of that verdict

	record *record.Record // of the pinned run
}

// pin is an evaluated pin block.
type pin struct {
	runID, reason string
	argument      *schema.Attribute
}

// declarePins evaluates the pins of all instances. A run ID that is null pins
// nothing.
func (s *Session) declarePins(instances []*eval.Instance) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, instance := range instances {
		values, moreDiags := s.eval.Settled(instance.Flow.Pin, instance.Each)
		diags = append(diags, moreDiags...)
		runID, ok := values["run_id"].Text()
		if !ok {
			continue
		}
		p := &pin{runID: runID, argument: instance.Flow.Pin.Argument("run_id")}
		p.reason, _ = values["reason"].Text()
		s.pins[instance.Address.String()] = p
	}
	return diags
}

// PinnedRuns lists the IDs of the runs that flows are pinned to, sorted.
func (s *Session) PinnedRuns() []string {
	var list []string
	for _, p := range s.pins {
		list = append(list, p.runID)
	}
	slices.Sort(list)
	return list
}

// pinned are the addresses of pinned instances.
func (s *Session) pinned() map[string]bool {
	set := map[string]bool{}
	for address := range s.pins {
		set[address] = true
	}
	return set
}

// settleUnwalked puts in what the records say of everything before a pinned
// flow that this walk does not reach: its arguments refer to that, and nothing
// is walked on its account. Of others all is walked.
func (s *Session) settleUnwalked(address string) {
	if s.pins[address] == nil {
		return
	}
	for _, node := range s.order {
		if node == address {
			return
		}
		if !s.Wanted[node] {
			s.settleRecorded(node)
		}
	}
}

// findPinned finds the run that a flow is pinned to. That it is not there is a
// mistake at the pin, and never the same as no pin.
func (s *Session) findPinned(flow *Flow) hcl.Diagnostics {
	p := s.pins[flow.Address]
	if p == nil {
		return nil
	}
	flow.Pin = &Pin{RunID: p.runID, Reason: p.reason}
	lacks := ""
	if rec := s.recordOf(flow, p.runID); rec != nil {
		flow.Pin.record, lacks = rec, s.lacks(flow, rec)
	} else if flow.Adopted, lacks = s.adoptUnseen(flow, p.runID); flow.Adopted != nil {
		flow.Pin.record = flow.Adopted.Record
	}
	if lacks == "" {
		return nil
	}
	if attempt := s.tools.Records.LastAttempt(flow.Instance.Address); attempt != nil && attempt.ID == p.runID && attempt.Failed {
		lacks = "that attempt failed: " + attempt.Reason
	}
	return hcl.Diagnostics{problemAt(p.argument, "Pinned run is not there",
		fmt.Sprintf("%s is pinned to run %q, and %s. flowrider history %s lists its runs.", flow.Address, p.runID, lacks, shellAddress(flow)))}
}

// lacks says what is wrong with a recorded run, as the end of a sentence; ""
// if it is there, was successful and can be the flow's.
func (s *Session) lacks(flow *Flow, rec *record.Record) string {
	missing, err := s.check(flow, rec)
	switch {
	case err != nil:
		return fmt.Sprintf("whether it still exists cannot be told: %v", err)
	case missing != "" && rec.Flow != flow.Address:
		return fmt.Sprintf("that is a run of %s, which %s cannot go by: %s", rec.Flow, flow.Address, missing)
	case missing != "":
		return "its result is missing: " + missing
	}
	adopter, ok := s.tools.Runners[flow.Runner].(runner.Adopter)
	if ok && !s.names(flow.Address)[rec.Flow] {
		if _, err := adopter.Given(s.adoptedJob(flow), cmp.Or(rec.Pathspec, rec.RunID)); err != nil {
			return unread(err)
		}
	}
	return ""
}

// recordOf is a record of a run, whatever its config hash: the selected one, or
// one of the history. There one of the flow itself comes before that of another
// flow, whose run this one has reused, and one that the run has made before one
// that somebody has asserted; among those, the one that was confirmed last. It
// is nil if none is known.
func (s *Session) recordOf(flow *Flow, runID string) *record.Record {
	if own, _ := s.tools.Records.Selection(flow.Instance.Address); own.Record != nil && isRun(own.Record, runID) {
		return own.Record
	}
	worth := func(rec *record.Record) (points int) {
		if rec.Flow == flow.Address {
			points += 2
		}
		if !rec.Asserted {
			points++
		}
		return points
	}
	better := func(a, b *record.Record) bool {
		_, _, _, finished := a.Current()
		_, _, _, before := b.Current()
		return worth(a) > worth(b) || worth(a) == worth(b) && !finished.Before(before)
	}
	var found *record.Record
	for _, entry := range s.entries() { // which are in no order of time
		if isRun(entry, runID) && entry.Runner == flow.Runner && (found == nil || better(entry, found)) {
			found = entry
		}
	}
	return found
}

// judgePin holds a pinned flow to its run, and says what it would have been.
func (s *Session) judgePin(flow *Flow) {
	if flow.Pin == nil {
		return
	}
	free := *flow
	s.take(&free, s.judgeForced, s.judgeUnknown, s.judgeConflict, s.judgeSelected, s.judgeHistory, s.judgeTwin, s.judgeRun)
	flow.Pin.WouldBe, flow.Pin.Reasons = free.Verdict, append([]Reason{}, free.Reasons...)
	flow.Verdict = Pinned
	flow.Reasons = []Reason{{Code: "pinned", Detail: flow.Pin.Reason}}
	flow.Record = flow.Pin.record
	if flow.Selected != nil && flow.Selected.RunID == flow.Record.RunID {
		flow.Record = flow.Selected
	}
	flow.RunID = &flow.Record.RunID
}
