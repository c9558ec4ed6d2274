package runner

import (
	"time"

	"github.com/zclconf/go-cty/cty"
)

// Adopter is a runner that can read a run that flowrider did not start.
type Adopter interface {
	// Given says with what a run was started. A run that is not there, did not
	// succeed or is none of the job's flow is a *Failure, whose text goes on a
	// sentence; any other error means that nobody can tell.
	Given(job *Job, runID string) (*Given, error)

	// Adopt reads the result of a run that Given has found. The parameters of
	// the job are the run's by now.
	Adopt(job *Job, given *Given) (*Run, error)
}

// Given is with what a run was started, against what its flow would be started
// with now.
type Given struct {
	RunID    string
	Pathspec string
	Started  time.Time
	Duration time.Duration

	Parameters map[string]cty.Value // all that could be read, by the name that they are passed by
	Differ     []string             // passed now, and not what the run had; sorted
	Unread     []string             // passed now, and it cannot be read what the run had; sorted
	Unset      []string             // the run had them, and they are not passed now; sorted
}
