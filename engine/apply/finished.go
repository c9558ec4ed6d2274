package apply

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/flowrider/flowrider/engine/attempt"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/durable"
)

// takeUp goes on with an attempt whose apply died, or whose disk was full, after
// its process had ended well and before its run was judged: nothing is run
// again. The run must be of what would be run now, and count if it is good.
// Where its runner says that it is no success, the flow is run after all; where
// nobody could tell, it is left for the next apply.
func (l *loop) takeUp(address string, decision *plan.Flow) bool {
	at := l.newestFinished(address, decision)
	forced := slices.ContainsFunc(decision.Reasons, func(r plan.Reason) bool { return r.Code == "forced" })
	if at < 0 || forced || l.session.Outdated(decision, l.options.Finished[at].Exit.Draft) != nil {
		return false
	}
	tried := l.options.Finished[at]
	l.options.Finished = slices.Delete(slices.Clone(l.options.Finished), at, at+1)
	work := filepath.Join(l.session.Config.Root, filepath.FromSlash(record.WorkPath(decision.Instance.Address)))
	made := l.maker.Left(decision, work, tried.ID)
	tidy := l.giveUp(address) // what is older
	l.set(address, Running, Event{Reason: "its process has ended already; its run is judged now", Log: tried.Log})
	l.settling(func() func() {
		result := &result{}
		witness, err := l.intend(decision, tried.Attempt)
		if err == nil {
			witness.saw(record.Exited, witness.journal.Exit(tried.ID, tried.Exit))
			witness.exit = tried.Exit
			tidy(witness.journal, made)
			result = l.judge(decision, made, witness)
		} else {
			result.err = err
		}
		_, again := errors.AsType[*runner.Failure](result.err)
		if !again {
			l.noteEnd(decision, tried.Attempt, result)
		}
		if result.open && !durable.IsFull(result.err) && !errors.Is(result.err, attempt.ErrStopped) {
			result.notes = append(result.notes, fmt.Sprintf("%s: the next apply looks at its run once more; to make another one, flowrider apply --replace %s", address, diag.ShellQuote(address)))
		}
		return func() {
			if again {
				l.note([]string{fmt.Sprintf("%s: what its last attempt has left is no success (%v); it runs again", address, result.err)})
				l.release(tried.ID)
				l.queue(address, decision)
				return
			}
			l.finish(address, made, result, Event{Log: tried.Log, Duration: tried.Exit.Draft.Duration})
		}
	})
	return true
}

// newestFinished is the place of the newest attempt that a flow may take up; -1 if
// there is none.
func (l *loop) newestFinished(address string, decision *plan.Flow) int {
	newest := -1
	for i, tried := range l.options.Finished {
		same := tried.Flow == address && decision.ConfigHash != nil && tried.ConfigHash == *decision.ConfigHash
		if same && (newest < 0 || tried.After(&l.options.Finished[newest].Attempt)) {
			newest = i
		}
	}
	return newest
}

// giveUp gives up what earlier attempts at a flow have left for this apply,
// since another run is about to be made. tidy is for its worker, once the
// journal says so.
func (l *loop) giveUp(address string) (tidy func(*record.Journal, *attempt.Place)) {
	var given []string
	l.options.Finished = slices.DeleteFunc(slices.Clone(l.options.Finished), func(tried *record.Tried) bool {
		if tried.Flow == address {
			given = append(given, tried.ID)
		}
		return tried.Flow == address
	})
	l.release(given...)
	open := l.options.Open
	return func(journal *record.Journal, made *attempt.Place) {
		for _, id := range given {
			journal.Fail(id, "another run was made in its place") // else its place is found to be gone
		}
		made.RemoveOlder(open)
	}
}

// release says that nobody needs the places of attempts any more.
func (l *loop) release(attempts ...string) {
	l.options.Open = slices.DeleteFunc(slices.Clone(l.options.Open), func(id string) bool { return slices.Contains(attempts, id) })
}
