package plan

import (
	"fmt"
	"path/filepath"

	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
)

// Resumption is a run that has failed or was stopped, with which an apply goes
// on instead of beginning from the beginning.
type Resumption struct {
	RunID string `json:"run_id"`
	Step  string `json:"step,omitempty"` // in which that run has ended; "" where that cannot be told
}

// String completes the sentence "flow.clean …".
func (r *Resumption) String() string {
	if r.Step == "" {
		return fmt.Sprintf("goes on with run %s", r.RunID)
	}
	return fmt.Sprintf("resumes from step %s of run %s", r.Step, r.RunID)
}

// resumption is what is left of a flow's last attempt to go on with, or nil. All
// that the run was made of has to be just what it would be made of now: its
// config hash, and the values that it was given, which a run that goes on gets
// from the first one. A run ID may have the same hash and be another one.
//
// In doubt the flow begins from the beginning.
func (s *Session) resumption(flow *Flow) *Resumption {
	resumer, can := s.tools.Runners[flow.Runner].(runner.Resumer)
	if !can || s.Options.NoResume || flow.ConfigHash == nil || !wantsResume(flow) {
		return nil
	}
	if s.latest == nil {
		s.latest = s.tools.Records.LatestAttempts()
	}
	last := s.latest(flow.Instance.Address)
	if last == nil || last.Succeeded() || !last.Unchanged || last.ConfigHash != *flow.ConfigHash || last.Given == "" || last.Given != s.Given(flow) {
		return nil
	}
	newest := last.RunID
	if newest == "" { // nobody saw its end
		work := filepath.Join(s.Config.Root, filepath.FromSlash(record.ScratchPath(flow.Instance.Address, last.ID)))
		newest = resumer.Started(work)
	}
	for _, id := range []string{newest, last.Origin} {
		if id == "" {
			continue
		}
		if step, ok := resumer.Resumable(s.adoptedJob(flow), id); ok {
			return &Resumption{RunID: id, Step: step}
		}
	}
	return nil
}

// wantsResume says whether a flow may go on with an older run at all. Where
// time counts in its result, what was done earlier is too old.
func wantsResume(flow *Flow) bool {
	if resume, ok := flow.Resolved.Arguments["resume"]; ok && !resume.True() {
		return false
	}
	_, expires := flow.Resolved.Arguments["expires_after"]
	return !expires && !isVolatile(flow)
}

// Given is the digest of the values that decide the result of a flow's run, as
// they are passed; "" for runs that nobody can go on with, and while one is not
// known. Other than in the config hash, a run ID or a path is itself here, and
// what is ambient counts.
func (s *Session) Given(flow *Flow) string {
	if _, can := s.tools.Runners[flow.Runner].(runner.Resumer); !can {
		return ""
	}
	real := runner.Arguments{}
	for name, value := range flow.Resolved.Arguments {
		real[name] = value.Unmarked()
	}
	m := manifest.New(s.spec(flow, real))
	if !m.Known() {
		return ""
	}
	return m.Hash()
}
