package main

import (
	"fmt"
	"io"
	"time"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/diag"
)

// openApply is an apply in status: one that runs now, one that died, or the last
// one if it was stopped by a full disk.
type openApply struct {
	Apply     string        `json:"apply"` // ULID
	Workspace string        `json:"workspace"`
	Running   bool          `json:"running"` // as far as can be seen from here
	PID       int           `json:"pid"`
	Began     time.Time     `json:"began"`
	Stopped   string        `json:"stopped,omitempty"` // why it has started nothing any more: the disk took nothing
	Flows     []openAttempt `json:"flows"`             // at which it is, or was
}

// openAttempt is an attempt whose end is not written down.
type openAttempt struct {
	Address string     `json:"address"`
	Attempt string     `json:"attempt"`
	State   string     `json:"state"` // running, exited, verified or retrying
	Log     string     `json:"log"`
	Started time.Time  `json:"started"`
	Reason  string     `json:"reason,omitempty"` // of one that is retried: why it has failed
	Again   *time.Time `json:"again,omitempty"`  // and when the next one begins, or later
}

// openApplies lists the applies that are not over, oldest first. What cannot be
// read of them is named.
func openApplies(project *engine.Project) (list []openApply, problems []string) {
	applies, damaged := project.Records.Applies()
	for _, problem := range damaged {
		problems = append(problems, problem.Error())
	}
	list = []openApply{}
	for i, apply := range applies {
		if apply.Ended && (apply.Stopped == "" || i < len(applies)-1) {
			continue
		}
		shown := openApply{apply.ID, apply.Workspace, apply.Alive(), apply.PID, apply.Began, apply.Stopped, []openAttempt{}}
		for _, tried := range apply.Open() {
			state := "running"
			if tried.Last == record.Exited || tried.Last == record.Verified {
				state = tried.Last
			}
			shown.Flows = append(shown.Flows, openAttempt{Address: tried.Flow, Attempt: tried.ID, State: state, Log: tried.Log, Started: tried.Started})
		}
		for _, tried := range apply.Retried() {
			shown.Flows = append(shown.Flows, openAttempt{tried.Flow, tried.ID, "retrying", tried.Log, tried.Started, tried.Reason, tried.Again})
		}
		list = append(list, shown)
	}
	return list, problems
}

// what says in words how far an attempt has come: while its apply runs, and
// after that has died.
var what = map[bool]map[string]string{
	true: {"running": "is running", record.Exited: "is judged", record.Verified: "is recorded"},
	false: {
		"running":       "was running; the next apply ends what is left of it, and it counts as unfinished",
		record.Exited:   "had ended; the next apply looks whether its run is good",
		record.Verified: "had succeeded; the next apply records it without another run",
	},
}

func (a openAttempt) what(running bool) string {
	if a.State != "retrying" {
		return what[running][a.State]
	}
	when := "and waits for its turn to be tried again"
	if a.Again.After(time.Now()) {
		when = "and is tried again at " + a.Again.Local().Format(time.TimeOnly)
	}
	return fmt.Sprintf("has failed (%s), %s", diag.Printable(firstLine(a.Reason)), when)
}

func writeApplies(w io.Writer, applies []openApply) {
	for _, apply := range applies {
		began := apply.Began.Local().Format(time.DateTime)
		switch {
		case apply.Running:
			fmt.Fprintf(w, "Process %d has been applying since %s.\n", apply.PID, began)
		case apply.Stopped != "":
			fmt.Fprintf(w, "The apply of %s was stopped: %s.\n", began, diag.Printable(apply.Stopped))
		default:
			fmt.Fprintf(w, "The apply of %s has not finished, and does not run any more (process %d).\n", began, apply.PID)
		}
		for _, flow := range apply.Flows {
			fmt.Fprintf(w, "  %s %s (flowrider logs %s)\n", diag.Printable(flow.Address), flow.what(apply.Running), diag.ShellQuote(flow.Address))
		}
		fmt.Fprintln(w)
	}
}
