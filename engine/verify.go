package engine

import (
	"context"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/verify"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/schema"
)

// Verify runs a flow that has a recorded result once more and compares the
// results, holding the apply lock. References to other flows are those of the
// selected records.
func (p *Project) Verify(ctx context.Context, address schema.Address) (*verify.Result, hcl.Diagnostics, error) {
	unlock, err := p.hold(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer unlock()
	if err := process.BecomeSubreaper(); err != nil {
		return nil, nil, err
	}
	session, diags := p.Session(plan.Options{Targets: []plan.Target{plan.At(address)}, Locked: true})
	if diags.HasErrors() {
		return nil, diags, nil
	}
	maker := p.maker(session)
	flow, diags, err := session.Resolve(ctx, address, func(e *plan.Environment) error { return maker.Build(ctx, e) })
	if diags.HasErrors() || err != nil {
		return nil, diags, err
	}
	result, err := verify.Flow(ctx, maker, flow)
	return result, diags, err
}
