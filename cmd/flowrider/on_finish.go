package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/attempt"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/fault"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/schema"
)

// finished is what the command of on_finish reads.
type finished struct {
	FormatVersion string         `json:"format_version"`
	Flowrider     string         `json:"flowrider"`
	Workspace     string         `json:"workspace"`
	ExitCode      int            `json:"exit_code"`
	Summary       *apply.Summary `json:"summary"`
	Flows         []finishedNode `json:"flows"`  // in the order of the plan
	Others        []finishedNode `json:"others"` // hooks and environments that have failed
}

type finishedNode struct {
	Address  string      `json:"address"`
	State    apply.State `json:"state"`
	RunID    string      `json:"run_id,omitempty"`
	Duration float64     `json:"duration_s,omitempty"`
	Why      string      `json:"why,omitempty"`    // the codes of why it ran
	Reason   string      `json:"reason,omitempty"` // why it failed, is blocked or was cancelled
	Cause    string      `json:"cause,omitempty"`
	Log      string      `json:"log,omitempty"`
}

// finished is the report as the command of on_finish reads it.
func (r *report) finished() finished {
	f := finished{
		FormatVersion: plan.FormatVersion, Flowrider: schema.Version, Workspace: r.workspace, ExitCode: exitCode(r.err),
		Summary: r.summary, Flows: []finishedNode{}, Others: []finishedNode{},
	}
	for _, flow := range r.ended() {
		node := finishedNodeOf(flow.Event)
		node.Why = flow.why
		f.Flows = append(f.Flows, node)
	}
	for _, other := range r.others {
		f.Others = append(f.Others, finishedNodeOf(other))
	}
	return f
}

func finishedNodeOf(e apply.Event) finishedNode {
	return finishedNode{Address: e.Address, State: e.State, RunID: e.RunID, Duration: e.Duration, Reason: e.Reason, Cause: e.Cause, Log: e.Log}
}

// How long the command of on_finish may take, and how long if somebody waits
// for an apply to stop.
const (
	mostFinishing        = 60 * time.Second
	mostFinishingInHaste = 10 * time.Second
)

// onFinish runs the command that wants to know how an apply has ended, unless
// that was interrupted meanwhile: then it is ended. That it fails changes
// nothing, and is noted.
func onFinish(ctx context.Context, project *engine.Project, r *report, note func(string)) {
	argv := project.Config.Settings.OnFinish
	if len(argv) == 0 || r.summary == nil {
		return
	}
	limit := mostFinishing
	if ctx.Err() != nil { // of an apply that was interrupted, too
		ctx, limit = context.Background(), mostFinishingInHaste
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := runOnFinish(ctx, project.Config.Root, argv, r.finished()); err != nil {
		note(fmt.Sprintf("on_finish: %v; the apply is as it was", err))
	}
}

// lookedFor says where a program was looked for.
func lookedFor(name, path string) string {
	switch {
	case filepath.IsAbs(name):
		return "as it is written"
	case strings.Contains(name, "/"):
		return "in the root folder, the one with " + schema.FileName
	}
	return "on the PATH of flowrider, " + path
}

func runOnFinish(ctx context.Context, root string, argv []string, told finished) error {
	input, err := json.Marshal(told)
	if err != nil {
		return err
	}
	env := map[string]string{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		env[name] = value
	}
	path, err := process.LookPath(argv[0], env, root)
	if err != nil {
		return fmt.Errorf("%w (looked for %s)", err, lookedFor(argv[0], env["PATH"]))
	}
	started, err := process.Start(process.Command{Path: path, Args: argv[1:], Dir: root, Env: env},
		process.Options{Marker: attempt.NewID(time.Now()), Log: os.Stderr, Secrets: secrets, Input: append(input, '\n')})
	if err != nil {
		return err
	}
	fault.Go(func() {
		<-ctx.Done()
		started.Stop(process.Grace{Interrupt: -1, Terminate: 2 * time.Second}) // no harm if it has ended
	})
	exited := started.Wait()
	switch {
	case exited.Stopped:
		return fmt.Errorf("%s was ended, since it took too long or was interrupted", argv[0])
	case exited.Signal != 0:
		return fmt.Errorf("%s was ended by %s", argv[0], exited.Signal)
	case exited.Code != 0:
		return fmt.Errorf("%s ended with exit code %d", argv[0], exited.Code)
	}
	return nil
}
