package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/diag"
)

// Explanation is everything there is to say of one flow's verdict.
type Explanation struct {
	*Flow
	Compared  *Compared  `json:"compared,omitempty"`  // the run that the reasons compare with
	Confirmed []Compared `json:"confirmed,omitempty"` // newer runs with the same result, which confirm the recorded one
	Remedies  []Remedy   `json:"remedies,omitempty"`  // each would make it up to date, or tells more
	Undo      []Remedy   `json:"undo,omitempty"`      // all of it would make the recorded run right again
	Manifest  []string   `json:"manifest"`            // a labelled fact a line; unknown ones end in "(known after apply)"

	Warnings []diag.Problem `json:"warnings,omitempty"` // as in a plan
}

// Compared is a run that an explanation names.
type Compared struct {
	RunID      string    `json:"run_id"`
	ConfigHash string    `json:"config_hash"`
	Finished   time.Time `json:"finished"`
}

// Explain says all there is to say of one of the plan's flows.
func (p *Plan) Explain(flow *Flow) *Explanation {
	rec := flow.Selected
	if flow.Record != nil {
		rec = flow.Record
	}
	e := explain(flow, rec)
	var pending []string
	for _, address := range flow.DependsOn {
		if upstream := p.Flow(address); upstream != nil && slices.Contains([]Verdict{Run, MayRun, Reuse}, upstream.Verdict) {
			pending = append(pending, address)
		}
	}
	e.Remedies, e.Undo = remedies(flow, pending)
	return e
}

// explain describes a flow beside a record, which may be nil.
func explain(flow *Flow, rec *record.Record) *Explanation {
	e := &Explanation{Flow: flow, Manifest: []string{}}
	for _, fact := range flow.Manifest.Facts() {
		value := fact.Value
		if fact.Unknown {
			value = "(known after apply)"
		}
		e.Manifest = append(e.Manifest, fact.Path.String()+" = "+value)
	}
	if rec != nil {
		hash, _, _, finished := rec.Current()
		e.Compared = &Compared{RunID: rec.RunID, ConfigHash: hash, Finished: finished}
		if len(rec.Equivalent) > 0 {
			e.Compared.Finished = rec.Finished()
		}
		for _, equivalent := range rec.Equivalent {
			e.Confirmed = append(e.Confirmed, Compared{RunID: equivalent.RunID, ConfigHash: equivalent.ConfigHash, Finished: equivalent.Finished})
		}
	}
	return e
}

// ExplainAgainst says how a decided flow differs from a run of its history,
// instead of from the selected record.
func (s *Session) ExplainAgainst(flow *Flow, runID string) (*Explanation, error) {
	rec := s.runOf(flow, runID)
	if rec == nil {
		return nil, fmt.Errorf("the history of %s has no run %s; flowrider history %s lists its runs, and flowrider import %s RUN_ID takes in one that was made by hand", flow.Address, runID, diag.ShellQuote(flow.Address), diag.ShellQuote(flow.Address))
	}
	explained := *flow
	explained.Selected, explained.Reasons = rec, []Reason{}
	if hash, _, _, _ := rec.Current(); flow.ConfigHash == nil || hash != *flow.ConfigHash {
		explained.Reasons = s.reasons(&explained, "")
	}
	return explain(&explained, rec), nil
}

// runOf is a run of a flow's history, or nil.
func (s *Session) runOf(flow *Flow, runID string) *record.Record {
	for _, entry := range s.History(flow.Address) {
		if entry.RunID == runID {
			return entry
		}
	}
	return nil
}

// History lists the runs of a flow, newest first, each as it was last
// recorded.
func (s *Session) History(address string) []*record.Record {
	var list []*record.Record
	seen := map[string]bool{}
	entries := s.entries()
	names := s.names(address)
	for i := len(entries) - 1; i >= 0; i-- {
		if entry := entries[i]; names[entry.Flow] && !seen[entry.RunID] {
			seen[entry.RunID] = true
			list = append(list, entry)
		}
	}
	slices.SortStableFunc(list, func(a, b *record.Record) int { return b.Started.Compare(a.Started) })
	return list
}
