package apply

import (
	"time"

	multierror "github.com/hashicorp/go-multierror"

	"github.com/flowrider/flowrider/engine/plan"
)

// State is where a flow stands in an apply.
type State string

// The states. Each says what must hold before a flow enters it.
const (
	Waiting   State = "waiting"   // something that it needs is not done, or there is no room for it
	Preparing State = "preparing" // decided to run; its environment and bundle are being made
	Running   State = "running"   // its place is made and its config hash fixed
	Retrying  State = "retrying"  // an attempt has failed, and another one follows after a while
	Succeeded State = "succeeded" // it ran, and its record is durable
	Fresh     State = "fresh"     // nothing to do
	Reused    State = "reused"    // its record points to an older run, durably
	Failed    State = "failed"    // it ran or was prepared, without success; nothing recorded
	Blocked   State = "blocked"   // it cannot run, or something that it needs has failed or cannot run
	Cancelled State = "cancelled" // stopped, or not started any more
	Stale     State = "stale"     // more or something else would be done than the approved plan says; nothing was
)

// Ended says whether a flow's state is final.
func (s State) Ended() bool {
	return s != Waiting && s != Preparing && s != Running && s != Retrying
}

// Event is what apply tells as it goes. Progress, JSON and logs are made from
// events alone.
type Event struct {
	Type     string  `json:"type"` // flow, log, environment, hook or note
	Address  string  `json:"address,omitempty"`
	State    State   `json:"state,omitempty"`
	RunID    string  `json:"run_id,omitempty"`
	Duration float64 `json:"duration_s,omitempty"`
	Reason   string  `json:"reason,omitempty"` // why it failed, is blocked, or runs; which conflict it settles
	Cause    string  `json:"cause,omitempty"`  // of a blocked flow: what has failed or is blocked by itself, and is needed
	Log      string  `json:"log,omitempty"`    // path of its log below the root
	Tail     string  `json:"tail,omitempty"`   // of a failure: the end of its log

	Resumes *plan.Resumption `json:"resumes,omitempty"` // of a running flow: what it goes on with instead of beginning from the beginning

	Attempt  int     `json:"attempt,omitempty"`    // which attempt of this apply at the flow it is, from 1; left out for the only one
	Expected float64 `json:"expected_s,omitempty"` // of a running flow: how long its runs took before; of one that is retried: how long until then
	Saved    float64 `json:"saved_s,omitempty"`    // of a fresh or reused flow: how long the run took that need not be made
	Text     string  `json:"text,omitempty"`       // of a log: what the flow has printed since the last one, redacted and fit to be shown
	Dropped  int64   `json:"dropped,omitempty"`    // of a log: bytes before the text that were left out, since they came too fast

	Reasons []plan.Reason `json:"reasons,omitempty"` // of a flow that is stale: what is not as it was planned

	*Count           // of a flow alone
	Time   time.Time `json:"time"`
}

// Count says how far an apply is.
type Count struct {
	Done  int `json:"done"`  // flows that have ended
	Total int `json:"total"` // flows of this apply
}

// Summary counts how the flows ended.
type Summary struct {
	Succeeded int     `json:"succeeded"`
	Fresh     int     `json:"fresh"`
	Reused    int     `json:"reused"`
	Failed    int     `json:"failed"`
	Blocked   int     `json:"blocked"`
	Cancelled int     `json:"cancelled"`
	Stale     int     `json:"stale"`
	Duration  float64 `json:"duration_s"`
	Saved     float64 `json:"saved_s"` // how long the runs took that need not be made

	failures *multierror.Error
}

// Failures joins why flows, hooks and environments failed or, by themselves,
// could not run, in the order in which they did; nil if none has.
func (s *Summary) Failures() error { return s.failures.ErrorOrNil() }

func (s *Summary) count(state State) {
	switch state {
	case Succeeded:
		s.Succeeded++
	case Fresh:
		s.Fresh++
	case Reused:
		s.Reused++
	case Failed:
		s.Failed++
	case Blocked:
		s.Blocked++
	case Cancelled:
		s.Cancelled++
	case Stale:
		s.Stale++
	}
}
