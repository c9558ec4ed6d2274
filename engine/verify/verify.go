// Package verify runs a flow once more with what its recorded run was made of and
// compares the results, so that its author learns whether it is deterministic
// before relying on it.
//
// Flow is the entry point. It records, stores and publishes nothing, and
// decides no verdict (engine/plan): a volatile, expired or pinned flow can be
// verified like any other while its record fits the configuration. The caller
// holds the apply lock, since there are never two attempts of one flow at once.
package verify

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/flowrider/flowrider/engine/attempt"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
)

// Result is how the results of the recorded run and of the new one compare.
type Result struct {
	Flow        string              `json:"flow"`
	Equal       bool                `json:"equal"`
	RunID       string              `json:"run_id"`   // the recorded run
	NewRunID    string              `json:"new_run"`  // the one that was compared with it
	Pathspec    string              `json:"pathspec"` // of the new run, where the runner keeps it
	ConfigHash  string              `json:"config_hash"`
	Outputs     []Output            `json:"outputs"`
	Differences []runner.Difference `json:"differences"`
	Duration    float64             `json:"duration_s"`
	Notes       []string            `json:"notes,omitempty"`
}

// Output is a declared output of the flow.
type Output struct {
	Name  string `json:"name"`
	Equal bool   `json:"equal"`
}

// Failed is the error of a flow whose new run did not succeed.
type Failed struct {
	Flow string
	Err  error
	Tail string // the end of its log
	Log  string // slash path below the root
}

func (f *Failed) Error() string { return fmt.Sprintf("%s failed: %v", f.Flow, f.Err) }

func (f *Failed) Unwrap() error { return f.Err }

// Flow runs a resolved flow once more and compares.
func Flow(ctx context.Context, maker *attempt.Maker, flow *plan.Flow) (*Result, error) {
	rec, err := maker.Session.Standing(flow)
	if err != nil {
		return nil, fmt.Errorf("%w, and only a recorded result can be verified", err)
	}
	if flow.Runner == "command" && len(flow.Instance.Flow.Outputs) == 0 {
		return nil, fmt.Errorf("%s declares no outputs, so there is nothing to compare", flow.Address)
	}
	root := maker.Session.Config.Root
	work := filepath.Join(root, filepath.FromSlash(record.WorkPath(flow.Instance.Address)))
	made, err := maker.Make(ctx, flow, work, attempt.NewID(maker.Session.Now()))
	if err != nil {
		return nil, err
	}
	defer made.Remove()
	if made.Listing.Digest != flow.Listing.Digest {
		return nil, fmt.Errorf("the files of %s have changed just now, so that it is not up to date any more", flow.Address)
	}
	job := maker.Job(flow, made)
	job.Compare, job.DataPolicy = true, runner.PolicyContent
	log, started := record.LogPath(flow.Instance.Address, made.Attempt), time.Now()
	out := &attempt.Log{Path: filepath.Join(root, filepath.FromSlash(log))}
	defer out.Close()
	ended, err := maker.Run(ctx, flow, job, made, out, attempt.Watch{})
	if damaged := (*attempt.DamagedInput)(nil); errors.Is(err, attempt.ErrStopped) || errors.As(err, &damaged) {
		return nil, err // nothing that the flow did
	}
	if err != nil {
		return nil, &Failed{Flow: flow.Address, Err: err, Tail: ended.Tail, Log: log}
	}
	differences, err := maker.Runners[flow.Runner].Differences(job, rec, ended.Run)
	if err != nil {
		return nil, err
	}
	r := result(flow, ended, differences, time.Since(started))
	r.RunID = rec.RunID
	return r, nil
}

func result(flow *plan.Flow, ended attempt.Ended, differences []runner.Difference, took time.Duration) *Result {
	r := &Result{
		Flow: flow.Address, Equal: len(differences) == 0, NewRunID: ended.Run.ID, Pathspec: ended.Run.Pathspec,
		ConfigHash: *flow.ConfigHash, Outputs: []Output{}, Differences: differences, Duration: took.Round(time.Millisecond).Seconds(), Notes: ended.Notes,
	}
	differs := map[string]bool{}
	for _, difference := range differences {
		differs[difference.Output] = true
	}
	for _, output := range flow.Instance.Flow.Outputs {
		r.Outputs = append(r.Outputs, Output{Name: output.Name, Equal: !differs[output.Name]})
	}
	if r.Differences == nil {
		r.Differences = []runner.Difference{}
	}
	return r
}
