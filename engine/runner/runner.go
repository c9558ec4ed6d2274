// Package runner says what the engine asks of whatever runs flows: Metaflow,
// a plain command, later Prefect. A runner turns a resolved flow and a
// prepared place into a process, judges by its own evidence whether the
// attempt succeeded, and reads data versions and outputs of finished runs.
//
// It decides nothing about when a flow runs (engine/plan), prepares no place
// (engine/bundle, engine/environment), starts and ends no process
// (internal/process) and writes no record (engine/record).
package runner

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/process"
)

// Arguments are the evaluated arguments of a flow that belong to its runner
// (file, options, parameters, argv, …), by name, without marks. An argument
// that was not given is absent.
type Arguments map[string]cty.Value

// Runner is how one kind of flow is run.
type Runner interface {
	// Spec picks from the arguments what decides the result, under the labels
	// that the manifest shows: "entry", or "parameters.n_gram" for one that
	// has a name below its label. The arguments are in their hashed form and may
	// be unknown, wholly or in part. What only says how or where is left out.
	Spec(args Arguments) map[string]cty.Value

	// Refuses finds what of the arguments no attempt can ever be made with, as far
	// as they are known, in the order of their names. Command refuses the same.
	Refuses(args Arguments) []Refusal

	// Command is the process that runs the job. It may write into
	// job.Dir and job.Scratch.
	Command(job *Job) (process.Command, error)

	// Outcome judges an attempt whose process has ended. A flow that did not
	// succeed is a *Failure; any other error is the machine's.
	Outcome(job *Job, exit process.Exit) (*Run, error)

	// Differences compares a run of the job, made with Compare, with a recorded
	// one: by content, whatever the policy.
	Differences(job *Job, rec *record.Record, run *Run) ([]Difference, error)

	// Check says whether a recorded run still exists here and was successful.
	// root is the folder of flowrider.hcl, project the root of the flow's
	// project, both absolute. missing is empty if so, else it names what is not
	// there. err means that nobody can tell.
	Check(root, project string, rec *record.Record) (missing string, err error)
}

// Refusal is a member of an argument that is an object, which a runner does not
// take.
type Refusal struct {
	Argument, Member string
	Why              string // a sentence without its dot, which begins with the member and says what to write
	Meant            string // the name that is to be in its place; "" where that is not known
}

// Job is one attempt at a flow: its arguments as plain values and the place
// that was prepared for it.
type Job struct {
	Address string // flow.train["forest"], for messages
	Name    string // the flow's name, without block and key
	Attempt string // ULID of this attempt
	Root    string // the folder of flowrider.hcl, absolute
	Project string // the project's root, absolute; outputs are published there
	Dir     string // the bundle, absolute; the process's working folder
	Scratch string // a private folder of this attempt, outside the bundle

	Python string            // interpreter of the environment, absolute; "" without one
	Env    map[string]string // the child's environment, before the runner's own

	// Line, if not nil, is run in the place of the flow's own command line: a
	// program with its arguments (command), or what follows the flow file and its
	// options (metaflow). Args has not what it takes the place of.
	Line []string
	// Resume is the run that has failed or was stopped from which this one goes
	// on; "" begins from the beginning.
	Resume string
	// Compare says that the run is not to be kept: its outputs are digested,
	// and neither stored nor published.
	Compare bool

	Args       Arguments         // real values: what is passed
	Hashed     Arguments         // hashed form of the same
	Tags       []string          // tags for runners that have them
	Outputs    []Output          // declared outputs
	DataPolicy string            // content, run or key; "" is the runner's default
	ConfigHash string            // of this attempt, for the policy key
	Published  map[string]string // digest of what flowrider last published, by path below Project
}

// Output is a declared output of a flow.
type Output struct {
	Name     string
	Artifact string // metaflow: name of the artifact in the end task
	File     string // command: path below the bundle, a file or a folder
	Stdout   string // command: "json" or "text": what the process prints
	Publish  string // command: path below the project; "" for not published
}

// Run is a run that has succeeded.
type Run struct {
	ID          string
	Pathspec    string                   // the runner's own name for it
	Store       string                   // which store has it; a random ID for a local one
	DataVersion string                   // of the whole result
	Outputs     map[string]record.Output // by declared name
	Notes       []string                 // for the person: files that were displaced and the like
}

// Difference is a part of a result that two runs do not have in common. Old
// or New is "" where it is not there.
type Difference struct {
	Output   string `json:"output,omitempty"`   // the declared output
	Step     string `json:"step,omitempty"`     // metaflow: where the artifact was made
	Task     string `json:"task,omitempty"`     // metaflow: which task of a foreach
	Artifact string `json:"artifact,omitempty"` // metaflow
	Old      string `json:"old,omitempty"`      // digests
	New      string `json:"new,omitempty"`
}

// Failure is the error of a flow that did not succeed, as opposed to the
// machine's. Its text completes the sentence "flow.clean failed: …".
type Failure struct {
	Reason string
	Usage  bool // the runner refused its arguments; see the configuration
	// Refused says that the runner has not gone on with the run that the job was
	// to resume, and that nothing of the flow has run.
	Refused bool
}

func (f *Failure) Error() string { return f.Reason }

// Failf makes a Failure.
func Failf(format string, args ...any) *Failure {
	return &Failure{Reason: fmt.Sprintf(format, args...)}
}
