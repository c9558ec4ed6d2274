package engine

import (
	"context"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/adopt"
	"github.com/flowrider/flowrider/engine/plan"
)

// Accept re-keys the selected records of the targets to the configuration of
// now, holding the apply lock.
func (p *Project) Accept(ctx context.Context, options plan.Options) ([]adopt.Adopted, hcl.Diagnostics, error) {
	_, unlock, err := p.lock(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer unlock()
	session, diags := p.Session(options)
	if diags.HasErrors() {
		return nil, diags, nil
	}
	return adopt.Accept(ctx, session, p.Records)
}

// Import records a run that was made elsewhere as the target's, holding the
// apply lock.
func (p *Project) Import(ctx context.Context, options plan.Options, runID string, replace bool) (*adopt.Adopted, hcl.Diagnostics, error) {
	_, unlock, err := p.lock(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer unlock()
	if _, err := p.Records.StoreID(); err != nil {
		return nil, nil, err
	}
	session, diags := p.Session(options)
	if diags.HasErrors() {
		return nil, diags, nil
	}
	return adopt.Import(ctx, session, p.Records, runID, replace)
}
