package engine

import (
	"context"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/attempt"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/verify"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/schema"
)

// Verify runs a fresh flow once more and compares the results, holding the
// apply lock.
func (p *Project) Verify(ctx context.Context, address schema.Address, stopping attempt.Stopping) (*verify.Result, hcl.Diagnostics, error) {
	if err := p.Records.Prepare(); err != nil {
		return nil, nil, err
	}
	lock, err := durable.Lock(filepath.Join(p.Config.Root, record.Local, "lock"))
	if err != nil {
		return nil, nil, err
	}
	defer lock.Unlock()
	if err := process.BecomeSubreaper(); err != nil {
		return nil, nil, err
	}
	session, diags := p.Session(plan.Options{Targets: []schema.Address{address}})
	if diags.HasErrors() {
		return nil, diags, nil
	}
	planned, diags := session.Plan(ctx)
	if diags.HasErrors() {
		return nil, diags, nil
	}
	result, err := verify.Flow(ctx, p.maker(session), planned.Flow(address.String()), stopping)
	return result, diags, err
}
