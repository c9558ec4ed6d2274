package engine

import (
	"context"
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/record"
)

// enterWorkspace goes on with the records of one workspace: the given one,
// else the selected one. Any name that is a valid one may be given, so that a
// machine that has never seen prod may apply to it.
func (p *Project) enterWorkspace(given string) hcl.Diagnostics {
	name, err := given, record.CheckWorkspace(given)
	if given == "" {
		name, err = p.Records.SelectedWorkspace()
	}
	if err == nil {
		err = CheckTwin(p.Records, name)
	}
	if err != nil {
		return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Unsuitable workspace", Detail: err.Error() + "."}}
	}
	p.Records = p.Records.In(name)
	return nil
}

// CheckTwin refuses a workspace whose name differs only in case from a known
// one.
func CheckTwin(records *record.Store, name string) error {
	if twin := records.WorkspaceTwin(name); twin != "" {
		return fmt.Errorf("%s and the workspace %s differ only in case, and some file systems would keep their records in one folder; use %s, or another name", name, twin, twin)
	}
	return nil
}

// DeleteWorkspace removes the records of a workspace, holding the apply lock.
// A lock that somebody else holds is a *durable.Held.
func (p *Project) DeleteWorkspace(ctx context.Context, name string) error {
	unlock, err := p.hold(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return p.Records.In(name).DeleteWorkspace()
}
