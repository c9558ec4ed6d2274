package apply

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
)

// takeUp goes on with an attempt whose apply died, or whose disk was full, after
// its process had ended well and before its run was judged: nothing is run
// again. The run must be of what would be run now. Where it is no success, the
// flow is run after all.
func (l *loop) takeUp(address string, decision *plan.Flow) bool {
	at := slices.IndexFunc(l.options.Finished, func(tried *record.Tried) bool {
		return tried.Flow == address && decision.ConfigHash != nil && tried.ConfigHash == *decision.ConfigHash
	})
	if at < 0 || slices.ContainsFunc(decision.Reasons, func(r plan.Reason) bool { return r.Code == "forced" || r.Code == "volatile" }) {
		return false
	}
	tried := l.options.Finished[at]
	l.options.Finished = slices.Delete(slices.Clone(l.options.Finished), at, at+1)
	work := filepath.Join(l.session.Config.Root, filepath.FromSlash(record.WorkPath(decision.Instance.Address)))
	made := l.maker.Left(decision, work, tried.ID)
	l.set(address, Running, Event{Reason: "its process has ended already; its run is judged now", Log: tried.Log})
	l.settling(func() func() {
		result := &result{}
		witness, err := l.intend(decision, tried.Attempt)
		if err == nil {
			witness.saw(record.Exited, witness.journal.Exit(tried.ID, tried.Exit))
			witness.exit = tried.Exit
			result = l.judge(decision, made, witness)
		} else {
			result.err = err
		}
		again := result.err != nil && !durable.IsFull(result.err)
		if again && result.open {
			witness.journal.Fail(tried.ID, l.session.Secrets().Text(result.err.Error()))
		}
		if !again {
			l.noteEnd(decision, tried.Attempt, result)
		}
		return func() {
			if again {
				l.note([]string{fmt.Sprintf("%s: what its last attempt has left is no success (%v); it runs again", address, result.err)})
				l.queue(address, decision)
				return
			}
			l.finish(address, made, result, Event{Log: tried.Log, Duration: tried.Exit.Draft.Duration})
		}
	})
	return true
}
