package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/flowrider/flowrider/engine/record"
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
		return nil, nil, fmt.Errorf("its config hash is not known yet (%s): accept or apply what it needs first", codesOf(flow.Reasons))
	}
	if missing, err := s.check(flow, old); missing != "" || err != nil {
		return nil, nil, fmt.Errorf("run %s cannot be accepted: %w", old.RunID, errors.Join(lacking(missing), err))
	}
	hash, _, _, finished := old.Current()
	if hash == *flow.ConfigHash {
		return nil, nil, fmt.Errorf("its configuration is the one that run %s had (%s), and nothing else can be accepted", old.RunID, codesOf(flow.Reasons))
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
