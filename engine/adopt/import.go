package adopt

import (
	"context"
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
)

// Import records a run that was made elsewhere as one of the session's target.
// Where that has a good run, it is kept unless it is to be replaced.
func Import(ctx context.Context, session *plan.Session, records *record.Store, runID string, replace bool) (*Adopted, hcl.Diagnostics, error) {
	var adopted *Adopted
	var failure error
	diags := session.Walk(ctx, func(flow *plan.Flow) {
		if !session.Named(flow) || mistaken(flow) {
			return
		}
		adoption, reasons, err := session.Import(flow, runID, replace)
		switch {
		case err != nil:
			failure = fmt.Errorf("%s: %w", flow.Address, err)
		case adoption == nil:
			adopted = &Adopted{Address: flow.Address, RunID: runID, Reasons: []plan.Reason{}}
		default:
			rec := adoption.Record
			adopted = &Adopted{Address: flow.Address, RunID: rec.RunID, Changed: true, Reasons: append([]plan.Reason{}, reasons...), Notes: adoption.Notes}
			failure = put(records, flow, rec, adoption.Texts())
		}
	})
	return adopted, diags, failure
}
