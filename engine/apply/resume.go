package apply

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/flowrider/flowrider/engine/attempt"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/diag"
)

// begun is an attempt that is about to start, with all that another one has to
// know of it to go on with its run, should nobody see its end.
func (l *loop) begun(decision *plan.Flow, made *attempt.Place, log string) record.Attempt {
	noted := record.Attempt{
		ID: made.Attempt, Log: log, Started: l.session.Now().UTC(),
		ConfigHash: *decision.ConfigHash, Given: l.session.Given(decision),
	}
	if last := l.tools.Records.LastAttempt(decision.Instance.Address); last != nil {
		noted.Number = last.Number
	}
	noted.Number++
	noted.Unchanged = noted.Given != "" && made.Steady(decision)
	if decision.Resumes != nil {
		noted.Origin = decision.Resumes.RunID
	}
	return noted
}

// runOrResume goes on with what the flow's last attempt has left, if there is
// something. Where the runner refuses, the flow begins from the beginning, in
// the same log, and what is noted of the attempt does not name that run any more.
func (l *loop) runOrResume(decision *plan.Flow, job *runner.Job, made *attempt.Place, noted *record.Attempt, witness *witness, watch attempt.Watch) (attempt.Ended, error) {
	log := &attempt.Log{Path: filepath.Join(l.session.Config.Root, filepath.FromSlash(noted.Log))}
	defer log.Close()
	if decision.Resumes == nil {
		return l.maker.Run(l.ctx, decision, job, made, log, watch)
	}
	job.Resume = decision.Resumes.RunID
	ended, err := l.maker.Run(l.ctx, decision, job, made, log, watch)
	failure, failed := errors.AsType[*runner.Failure](err)
	switch {
	case failed && failure.Refused:
		notes := append(ended.Notes, fmt.Sprintf("%s: run %s cannot be gone on with (%s); it begins from the beginning", decision.Address, job.Resume, failure.Reason))
		job.Resume, noted.Origin = "", ""
		witness.saw(record.Intended, witness.journal.Intend(decision.Instance.Address, *noted))
		ended, err = l.maker.Run(l.ctx, decision, job, made, log, watch)
		ended.Notes = append(notes, ended.Notes...)
	case failed:
		ended.Notes = append(ended.Notes, fmt.Sprintf("%s: it has gone on with run %s; to begin from the beginning, flowrider apply --no-resume %s", decision.Address, job.Resume, diag.ShellQuote(decision.Address)))
	}
	return ended, err
}
