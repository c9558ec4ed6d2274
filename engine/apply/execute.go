package apply

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/flowrider/flowrider/engine/attempt"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/process"
)

// start runs a prepared flow: process, judgement and record, in a worker.
func (l *loop) start(address string, decision *plan.Flow, made *attempt.Place) {
	log := record.LogPath(decision.Instance.Address, made.Attempt)
	f := l.flows[address]
	why := f.because(decision)
	f.tries++
	f.retried = ""
	nth, tidy := f.nth(), l.giveUp(address)
	l.set(address, Running, Event{Reason: why, Resumes: decision.Resumes, Log: log, Expected: l.expected(address), Attempt: nth})
	l.work(func() func() {
		noted := l.begun(decision, made, log)
		noted.Try = nth
		result := l.execute(decision, made, &noted, tidy)
		noted = l.noteEnd(decision, noted, result)
		return func() {
			l.finish(address, made, result, Event{Log: noted.Log, Duration: noted.Ended.Sub(noted.Started).Seconds(), Attempt: nth})
		}
	})
}

// noteEnd keeps how an attempt ended as the flow's last.
func (l *loop) noteEnd(decision *plan.Flow, noted record.Attempt, result *result) record.Attempt {
	noted.Ended = l.session.Now().UTC()
	if result.err != nil {
		noted.Failed, noted.Reason = !errors.Is(result.err, attempt.ErrStopped), l.session.Secrets().Text(result.err.Error())
		noted.RunID, noted.Unchanged = result.left.RunID, result.left.Unchanged
	} else {
		noted.RunID = result.run.ID
	}
	if _, err := os.Stat(filepath.Join(l.session.Config.Root, filepath.FromSlash(noted.Log))); errors.Is(err, fs.ErrNotExist) {
		noted.Log = "" // nothing was started
	}
	if err := l.tools.Records.PutAttempt(decision.Instance.Address, noted); err != nil {
		result.notes = append(result.notes, fmt.Sprintf("%s: the end of the attempt cannot be noted: %v", decision.Address, err))
		result.halt = errors.Join(result.halt, err)
	}
	return noted
}

// result is how an attempt ended.
type result struct {
	run   *runner.Run
	rec   *record.Record // what references resolve to
	err   error
	again time.Time // of a failure: when the flow is tried once more; zero if it is not
	tail  string
	notes []string
	left  attempt.Left // of a failure
	open  bool         // the journal has no final event: the next apply goes on with it
	halt  error        // what could not be written, whatever has become of the flow
}

// finish ends a flow by how its attempt ended. Its record is durable by now.
func (l *loop) finish(address string, made *attempt.Place, result *result, event Event) {
	l.note(result.notes)
	l.heed(result.halt)
	if result.open {
		l.journal.open++
	}
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
	if event.Tail = result.tail; l.retry(address, made.Attempt, result, event) {
		return
	}
	l.session.Fail(l.flows[address].decision)
	if errors.Is(result.err, attempt.ErrStopped) {
		event.Reason, event.Tail = result.err.Error(), ""
		l.end(address, Cancelled, event)
		return
	}
	l.failed(address, result.err, event)
}

// execute runs the process, lets the runner judge it, and records a success.
func (l *loop) execute(decision *plan.Flow, made *attempt.Place, noted *record.Attempt, tidy func(*record.Journal, *attempt.Place)) *result {
	witness, err := l.intend(decision, *noted)
	if err != nil {
		return &result{err: err}
	}
	tidy(witness.journal, made) // bundles are kept after a failure until now
	job := l.maker.Job(decision, made)
	var draft *record.Record
	ended, err := l.runOrResume(decision, job, made, noted, witness, attempt.Watch{
		Started: witness.started,
		Printed: func(text string, dropped int64) {
			l.emit(Event{Type: "log", Address: decision.Address, Text: text, Dropped: dropped, Time: time.Now()})
		},
		Exited: func(exit process.Exit) {
			draft = l.draft(decision, job, *noted)
			witness.exited(exit, draft)
		},
	})
	again := l.again(decision.Address, max(1, noted.Try), ended, err)
	result := l.conclude(decision, draft, ended.Run, err, witness, again)
	result.tail, result.left, result.notes = ended.Tail, ended.Left, append(ended.Notes, result.notes...)
	return result
}

// judge judges an attempt whose process has ended before this apply began, and
// records a success.
func (l *loop) judge(decision *plan.Flow, made *attempt.Place, witness *witness) *result {
	run, err := l.maker.Judge(l.ctx, decision, made, witness.exit.Draft.OriginRunID)
	if err != nil && l.ctx.Err() != nil {
		err = attempt.ErrStopped // and not the run's fault, whatever it says
	}
	result := l.conclude(decision, witness.exit.Draft, run, err, witness, time.Time{})
	if run != nil {
		result.notes = append(run.Notes, result.notes...)
	}
	return result
}

// conclude records a run that is good, or writes down that there is none.
func (l *loop) conclude(decision *plan.Flow, draft *record.Record, run *runner.Run, err error, witness *witness, again time.Time) *result {
	result := &result{run: run, err: err, again: again}
	selected := false
	if err == nil {
		defer l.makeRoom(decision.Address)()
		result.rec, selected, result.err = witness.record(l.tools.Records, l.success(decision, l.complete(draft, run)))
	}
	switch {
	case result.err == nil && selected:
		result.notes = append(l.writeRunIDFile(decision, result.rec), l.notePlaced(decision, result.rec)...)
	case result.err == nil:
		result.notes = append(l.notePlaced(decision, result.rec), fmt.Sprintf("%s: run %s has succeeded; its record has changed since it was begun, so the run is kept in the history alone; to see what counts now, flowrider plan %s",
			decision.Address, result.rec.RunID, diag.ShellQuote(decision.Address)))
	default:
		result.open = !witness.failed(result.err, l.session.Secrets().Text(result.err.Error()), again)
	}
	result.halt = witness.err
	return result
}
