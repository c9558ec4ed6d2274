package apply

import (
	"errors"
	"sync"
	"time"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/process"
)

// Journal is that of an apply, which is begun when the first process is about to
// be started: of a flow, of a hook, or of what makes an environment. The plan may
// not even be known then.
type Journal struct {
	begin func() (*record.Journal, error) // for any goroutine
	made  *record.Journal                 // nil before
	open  int                             // attempts that have ended without a final event
}

// NewJournal is the journal of an apply that writes these records.
func NewJournal(records *record.Store) *Journal {
	j := &Journal{}
	j.begin = sync.OnceValues(func() (made *record.Journal, err error) {
		made, err = records.BeginJournal()
		j.made = made
		return made, err
	})
	return j
}

// notAgain writes down that a flow is not tried once more, although it was to be.
func (j *Journal) notAgain(attempt, reason string) error { return j.made.Fail(attempt, reason) }

// ID begins the journal, and gives its ID, with which all processes of the apply
// are marked.
func (j *Journal) ID() (string, error) {
	made, err := j.begin()
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

// End closes the journal when no worker is left, if it was begun and is not closed
// yet. full is why the apply was stopped, if it was since nothing can be written
// any more: perhaps the journal has room for that. A fault of ours must not come
// here: what runs is not over then.
func (j *Journal) End(full error) error {
	if j.made == nil {
		return nil
	}
	made := j.made
	j.made = nil
	if full != nil {
		made.Stop(full.Error())
	}
	return made.End(j.open == 0)
}

// witness writes down how far an attempt has come. What the journal cannot take
// is kept as an error, and the attempt goes on: its record is the truth, and not
// the journal.
type witness struct {
	journal *record.Journal
	attempt string
	exit    record.Exit
	last    string // event
	err     error
}

// intend writes down that an attempt is about to be started, or does not let it
// be. The texts that explain its record are kept before: later there may be no
// room for them.
func (l *loop) intend(decision *plan.Flow, noted record.Attempt) (*witness, error) {
	if err := l.tools.Records.PutTexts(decision.Texts()); err != nil {
		return nil, err
	}
	journal, err := l.journal.begin()
	if err != nil {
		return nil, err
	}
	return &witness{journal: journal, attempt: noted.ID, last: record.Intended}, journal.Intend(decision.Instance.Address, noted)
}

func (w *witness) saw(event string, err error) {
	w.last, w.err = event, errors.Join(w.err, err)
}

func (w *witness) started(pid int) { w.saw(record.Started, w.journal.Start(w.attempt, pid)) }

// exited is told the end of the process, and the record that it gets if its run
// turns out to be good.
func (w *witness) exited(exit process.Exit, draft *record.Record) {
	w.exit = record.Exit{Code: exit.Code, Signal: int(exit.Signal)}
	if exit.Code == 0 {
		w.exit.Draft = draft
	}
	w.saw(record.Exited, w.journal.Exit(w.attempt, w.exit))
}

// failed writes down that there was no success, and says whether that is final.
// Where it was the machine that failed after the flow had not, the next apply
// may judge what the flow has left. again is when the flow is tried once more.
func (w *witness) failed(err error, reason string, again time.Time) (final bool) {
	_, judged := errors.AsType[*runner.Failure](err)
	if w.last == record.Verified || w.last == record.Exited && w.exit.Draft != nil && !judged {
		return false
	}
	if again.IsZero() {
		w.saw(record.Failed, w.journal.Fail(w.attempt, reason))
	} else {
		w.saw(record.Failed, w.journal.Retry(w.attempt, reason, again))
	}
	return true
}

// record records a success, durably, and gives the record that references
// resolve to. selected is false where it is in the history alone.
func (w *witness) record(records *record.Store, success record.Success) (rec *record.Record, selected bool, err error) {
	success = records.Witnessed(success)
	w.saw(record.Verified, w.journal.Verify(w.attempt, success))
	if selected, err = records.Commit(success); err != nil {
		return nil, false, err
	}
	rec = success.Records[len(success.Records)-1]
	w.saw(record.Committed, w.journal.Commit(w.attempt, rec))
	return rec, selected, nil
}
