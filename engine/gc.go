package engine

import (
	"context"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/gc"
	"github.com/flowrider/flowrider/engine/plan"
)

// GCOptions say what to clear up.
type GCOptions struct {
	DryRun    bool          // look only
	Records   bool          // records of flows that are not declared any more, too
	OlderThan time.Duration // what is younger stays
}

// GC finds what this machine keeps and nothing refers to any more, and removes
// it, holding the apply lock. A lock that somebody else holds is a
// *durable.Held.
func (p *Project) GC(ctx context.Context, options GCOptions) (*gc.Garbage, hcl.Diagnostics, error) {
	session, diags := p.Session(plan.Options{NoHooks: true})
	if diags.HasErrors() {
		return nil, diags, nil
	}
	if !options.DryRun {
		unlock, err := p.hold(ctx)
		if err != nil {
			return nil, nil, err
		}
		defer unlock()
	}
	collector := &gc.Collector{Root: p.Config.Root, Records: p.Records, Blobs: p.blobs}
	garbage, err := collector.Find(gc.Options{
		Declared: session.InUse(), Pinned: session.PinnedRuns(),
		Records: options.Records, OlderThan: options.OlderThan, Now: time.Now(),
	})
	if err != nil || options.DryRun {
		return garbage, nil, err
	}
	return garbage, nil, collector.Remove(garbage)
}
