package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/attempt"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/fault"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/schema"
)

// ownLine are the arguments of which a flow's own command line is made, by
// runner: with another one nobody looks at them.
var ownLine = map[string][]string{
	"command":  {"argv", "shell", "tags"},
	"metaflow": {"parameters", "run_options", "tags"},
}

// Exec runs a command line in a private place of a flow, as apply would make
// it, with the standard streams of this program; nil is the flow's own one.
// References to other flows are those of the selected records. Nothing is
// recorded, and no lock is held: it may run beside an apply. end, when closed,
// asks the process to terminate.
func (p *Project) Exec(ctx context.Context, address schema.Address, line []string, end <-chan struct{}) (process.Exit, hcl.Diagnostics, error) {
	var exit process.Exit
	session, diags := p.Session(plan.Options{Targets: []plan.Target{plan.At(address)}, Locked: true})
	if diags.HasErrors() {
		return exit, diags, nil
	}
	maker := p.maker(session)
	var without []string
	if line != nil {
		without = ownLine[session.Instance(address.String()).Flow.Kind]
	}
	flow, diags, err := session.Resolve(ctx, address, func(e *plan.Environment) error { return maker.Build(ctx, e) }, without...)
	if diags.HasErrors() || err != nil {
		return exit, diags, err
	}
	made, remove, err := p.execPlace(ctx, maker, flow)
	if err != nil {
		return exit, diags, err
	}
	defer remove()
	notes, err := maker.CheckReads(flow, made)
	for _, note := range notes {
		fmt.Fprintln(p.log, "note: "+note)
	}
	if err != nil {
		return exit, diags, err
	}
	job := maker.Job(flow, made)
	job.Line = line
	exit, err = foreground(maker, flow, job, end)
	if err == nil && exit.Code == 0 {
		err = maker.CheckReadsAgain(flow, made)
	}
	return exit, diags, err
}

// maker makes the attempts of verify and exec.
func (p *Project) maker(session *plan.Session) *attempt.Maker {
	return &attempt.Maker{Session: session, Runners: p.runners(), Blobs: p.blobs, Python: p.python, Log: p.log}
}

// execPlace makes the place of one exec in a folder that no apply clears. The
// lock beside it says that it is in use: what a killed exec has left behind is
// removed by the next one.
func (p *Project) execPlace(ctx context.Context, maker *attempt.Maker, flow *plan.Flow) (*attempt.Place, func(), error) {
	if err := p.Records.Prepare(); err != nil {
		return nil, nil, err
	}
	folder := filepath.Join(p.Config.Root, record.Local, "exec")
	left, _ := os.ReadDir(folder) // none yet
	for _, entry := range left {
		id, isLock := strings.CutSuffix(entry.Name(), ".lock")
		if !isLock {
			continue
		}
		if lock, err := durable.Lock(filepath.Join(folder, entry.Name())); err == nil {
			removeExec(filepath.Join(folder, id), lock)
		}
	}
	id := attempt.NewID(maker.Session.Now())
	lock, err := durable.Lock(filepath.Join(folder, id+".lock"))
	if err != nil {
		return nil, nil, err
	}
	made, err := maker.Make(ctx, flow, folder, id)
	if err != nil {
		removeExec(filepath.Join(folder, id), lock)
		return nil, nil, err
	}
	return made, func() {
		made.Remove()
		removeExec(made.Dir, lock)
	}, nil
}

// removeExec removes a place with all that is beside it, and its lock last.
func removeExec(place string, lock *durable.Locked) {
	folder, id := filepath.Split(place)
	there, _ := os.ReadDir(folder)
	for _, entry := range there {
		if name := entry.Name(); strings.HasPrefix(name, id) && name != id+".lock" {
			os.RemoveAll(filepath.Join(folder, name))
		}
	}
	os.Remove(place + ".lock")
	lock.Unlock()
}

// foreground runs a job's process as if a person had started it.
func foreground(maker *attempt.Maker, flow *plan.Flow, job *runner.Job, end <-chan struct{}) (process.Exit, error) {
	hide, err := maker.Deliver(flow, job)
	if err != nil {
		return process.Exit{}, err
	}
	defer hide()
	command, err := maker.Runners[flow.Runner].Command(job)
	if err != nil {
		return process.Exit{}, attempt.Placed(flow, err)
	}
	if err := process.BecomeSubreaper(); err != nil {
		return process.Exit{}, err
	}
	started, err := process.Start(command, process.Options{Marker: job.Attempt, Terminal: true})
	if err != nil {
		return process.Exit{}, err
	}
	ended, grace := make(chan struct{}), attempt.Grace(flow)
	defer close(ended)
	fault.Go(func() {
		select {
		case <-end:
			grace.Interrupt = -1
			started.Stop(grace)
		case <-ended:
		}
	})
	return started.Wait(), nil
}
