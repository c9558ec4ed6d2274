package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/flowrider/flowrider/engine/record"
)

// Explanation is everything there is to say of one flow's verdict.
type Explanation struct {
	*Flow
	Manifest []string  `json:"manifest"`           // a labelled fact a line; unknown ones end in "(known after apply)"
	Compared *Compared `json:"compared,omitempty"` // the run that the reasons compare with
}

// Compared is the run that an explanation compares with.
type Compared struct {
	RunID      string    `json:"run_id"`
	ConfigHash string    `json:"config_hash"`
	Finished   time.Time `json:"finished"`
}

// Explain says all there is to say of a decided flow. With a run ID its
// reasons are the differences to that run of the flow's history, instead of
// those to the selected record.
func (s *Session) Explain(flow *Flow, against string) (*Explanation, error) {
	explained := *flow
	rec := flow.Selected
	if against != "" {
		if rec = s.runOf(flow, against); rec == nil {
			return nil, fmt.Errorf("the history of %s has no run %s; flowrider history %s lists its runs", flow.Address, against, flow.Address)
		}
		explained.Selected = rec
		explained.Reasons = []Reason{}
		if hash, _, _, _ := rec.Current(); flow.ConfigHash == nil || hash != *flow.ConfigHash {
			explained.Reasons = s.reasons(&explained, "")
		}
	}
	e := &Explanation{Flow: &explained, Manifest: []string{}}
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
	}
	return e, nil
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
