package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/diag"
)

// Accept re-keys a flow's selected record to the configuration of now, without
// a run: somebody says that the run would come out the same. The reasons are
// the differences that are accepted. The record is nil where there are none.
func (s *Session) Accept(flow *Flow) (*record.Record, []Reason, error) {
	old := flow.Selected
	switch {
	case flow.Verdict == Blocked:
		return nil, nil, errors.New(flow.Reasons[0].Detail)
	case flow.Verdict == Pinned:
		return nil, nil, errors.New("it is pinned, so there is nothing to accept; take the pin away first")
	case flow.Verdict == Fresh:
		return nil, nil, nil
	case flow.conflict != nil:
		return nil, nil, errors.New("git could not merge its record; flowrider apply settles that first")
	case old == nil && flow.damaged != nil:
		return nil, nil, fmt.Errorf("its record is not believed (%w), so there is no run that could be accepted", flow.damaged)
	case old == nil:
		return nil, nil, errors.New("it has no record, so there is no run that could be accepted")
	case flow.ConfigHash == nil:
		return nil, nil, fmt.Errorf("its config hash is not known yet (%s): accept or apply %s", codesOf(flow.Reasons), s.unsettled(flow))
	}
	if missing, err := s.check(flow, old); missing != "" || err != nil {
		return nil, nil, fmt.Errorf("run %s cannot be accepted: %w", old.RunID, errors.Join(lacking(missing), err))
	}
	hash, _, _, finished := old.Current()
	if hash == *flow.ConfigHash {
		return nil, nil, fmt.Errorf("there is nothing to accept: run %s had the configuration of now, and it is to run for another reason (%s)", old.RunID, codesOf(flow.Reasons))
	}
	if rec := s.madeWith(flow, old.RunID); rec != nil {
		return rec, s.differences(flow), nil
	}
	rec := *old
	rec.ConfigHash, rec.SharedHash, rec.Components, rec.Inputs, rec.Asserted = *flow.ConfigHash, "", flow.Manifest.Components(), flow.Inputs, true
	if n := len(rec.Equivalent); n > 0 { // what has confirmed it last goes on to say since when it is good
		rec.Equivalent = []record.Equivalent{{
			RunID: rec.Equivalent[n-1].RunID, ConfigHash: rec.ConfigHash, Components: rec.Components, Inputs: rec.Inputs, Finished: finished,
		}}
	}
	return &rec, s.differences(flow), nil
}

// differences are the reasons for which a flow's record is not the one of now,
// without how its last attempt ended.
func (s *Session) differences(flow *Flow) []Reason {
	var list []Reason
	for _, reason := range s.reasons(flow, "") {
		if reason.Code != "previous_failed" {
			list = append(list, reason)
		}
	}
	return list
}

// unsettled are the flows that a flow needs and that are not settled, for a person
// who wants to accept it.
func (s *Session) unsettled(flow *Flow) string {
	var list []string
	for _, address := range flow.DependsOn {
		if upstream := s.decided[address]; upstream != nil && upstream.Record == nil {
			list = append(list, address)
		}
	}
	if len(list) == 0 {
		return "what it needs first"
	}
	return strings.Join(list, " and ") + " first; several are accepted in one go: flowrider accept " + shellWords(append(list, flow.Address))
}

func shellWords(addresses []string) string {
	var quoted []string
	for _, address := range addresses {
		quoted = append(quoted, diag.ShellQuote(address))
	}
	return strings.Join(quoted, " ")
}

func codesOf(reasons []Reason) string {
	var codes []string
	for _, reason := range reasons {
		codes = append(codes, reason.Code)
	}
	return strings.Join(codes, ", ")
}

// lacking is what a run lacks as an error; nil for nothing.
func lacking(missing string) error {
	if missing == "" {
		return nil
	}
	return errors.New("its result is missing: " + missing)
}
