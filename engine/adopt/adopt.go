// Package adopt records, for the configuration of now, runs that were not made
// with it: Accept those that are selected already, Import those that were made
// elsewhere. Such a record is marked asserted, since somebody says what
// flowrider has not seen.
//
// What the record of such a run says is engine/plan's; this package walks,
// writes and runs nothing. Its caller holds the apply lock.
package adopt

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
)

// Adopted is one flow whose record was made or found good.
type Adopted struct {
	Address string        `json:"address"`
	RunID   string        `json:"run_id"`
	Changed bool          `json:"changed"` // false: there was nothing to do
	Reasons []plan.Reason `json:"reasons"` // what differs and is accepted
	Notes   []string      `json:"notes,omitempty"`
}

// Accept re-keys the selected records of the session's targets, in the order of
// the graph: each is decided after the ones before it were accepted. A flow
// that cannot be accepted is an error, and does not keep others from it.
func Accept(ctx context.Context, session *plan.Session, records *record.Store) ([]Adopted, hcl.Diagnostics, error) {
	list := []Adopted{}
	var failures []error
	diags := session.Walk(ctx, func(flow *plan.Flow) {
		if !session.Named(flow) || mistaken(flow) {
			return
		}
		rec, reasons, err := session.Accept(flow)
		if err == nil && rec != nil {
			err = put(records, flow, rec, flow.Texts())
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", flow.Address, err))
			return
		}
		adopted := Adopted{Address: flow.Address, Changed: rec != nil, Reasons: append([]plan.Reason{}, reasons...)}
		if rec == nil {
			rec = flow.Selected
		} else {
			session.Settle(flow, rec)
		}
		adopted.RunID = rec.RunID
		list = append(list, adopted)
	})
	return list, diags, errors.Join(failures...)
}

// mistaken says whether a flow's configuration has a mistake, which is told by
// its diagnostic.
func mistaken(flow *plan.Flow) bool { return flow.Verdict == plan.Blocked && len(flow.Reasons) == 0 }

// put records a run as a success of the flow: the history comes first, since a
// selected record is always in it.
func put(records *record.Store, flow *plan.Flow, rec *record.Record, texts map[string]string) error {
	if flow.ConfigHash != nil && rec.CurrentHash() == *flow.ConfigHash {
		rec = rec.SharedAs(flow.SharedHash)
	}
	if err := records.PutTexts(texts); err != nil {
		return err
	}
	if err := records.Append(rec); err != nil {
		return err
	}
	return records.SelectHere(rec, flow.Elsewhere, flow.MovedFrom)
}
