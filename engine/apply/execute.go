package apply

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/flowrider/flowrider/engine/attempt"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
)

// start runs a prepared flow: process, judgement and record, in a worker.
func (l *loop) start(address string, decision *plan.Flow, made *attempt.Place) {
	log := record.LogPath(decision.Instance.Address, made.Attempt)
	l.set(address, Running, Event{Reason: codes(decision.Reasons), Resumes: decision.Resumes, Log: log, Expected: l.expected(address)})
	l.work(func() func() {
		noted := l.begun(decision, made, log)
		result := &result{err: l.tools.Records.PutAttempt(decision.Instance.Address, noted)}
		if result.err == nil {
			result = l.execute(decision, made, noted.Started, log)
		}
		noted.Ended = l.session.Now().UTC()
		if result.err != nil {
			noted.Failed, noted.Reason = !errors.Is(result.err, attempt.ErrStopped), l.session.Secrets().Text(result.err.Error())
			noted.RunID, noted.Unchanged = result.left.RunID, result.left.Unchanged
		} else {
			noted.RunID = result.run.ID
		}
		if err := l.tools.Records.PutAttempt(decision.Instance.Address, noted); err != nil {
			result.notes = append(result.notes, fmt.Sprintf("%s: the end of the attempt cannot be noted: %v", address, err))
		}
		return func() {
			l.finish(address, made, result, Event{Log: log, Duration: noted.Ended.Sub(noted.Started).Seconds()})
		}
	})
}

// result is how an attempt ended.
type result struct {
	run   *runner.Run
	rec   *record.Record // what references resolve to
	err   error
	tail  string
	notes []string
	left  attempt.Left // of a failure
}

// finish ends a flow by how its attempt ended. Its record is durable by now.
func (l *loop) finish(address string, made *attempt.Place, result *result, event Event) {
	l.note(result.notes)
	if result.err == nil {
		l.session.Settle(l.flows[address].decision, result.rec)
		l.discard(made)
		event.RunID = result.rec.RunID
		if result.run.ID != result.rec.RunID {
			event.Reason = "same result as before, which run " + result.run.ID + " confirms"
		}
		l.end(address, Succeeded, event)
		return
	}
	l.session.Fail(l.flows[address].decision)
	event.Reason, event.Tail = result.err.Error(), result.tail
	if errors.Is(result.err, attempt.ErrStopped) {
		event.Tail = ""
		l.end(address, Cancelled, event)
		return
	}
	l.end(address, Failed, event)
}

// execute runs the process, lets the runner judge it, and records a success.
func (l *loop) execute(decision *plan.Flow, made *attempt.Place, started time.Time, log string) *result {
	made.RemoveOlder() // bundles are kept after a failure until now
	job := l.maker.Job(decision, made)
	log = filepath.Join(l.session.Config.Root, filepath.FromSlash(log))
	ended, err := l.runOrResume(decision, job, made, log)
	if err != nil {
		return &result{err: err, tail: ended.Tail, notes: ended.Notes, left: ended.Left}
	}
	notes := ended.Notes
	rec, err := l.commit(decision, job, ended.Run, started)
	if err == nil {
		notes = append(notes, l.writeRunIDFile(decision, rec)...)
		notes = append(notes, l.notePlaced(decision, rec)...)
	}
	return &result{run: ended.Run, rec: rec, err: err, notes: notes}
}
