package apply

import (
	"context"
	"errors"
	"time"

	"github.com/flowrider/flowrider/engine/attempt"
	"github.com/flowrider/flowrider/engine/runner"
)

// retry lets a flow whose attempt has failed be tried again, if its retry block
// says so. While it waits it takes no slot; then it is decided and prepared anew:
// the attempt may have left anything in its bundle, or a run to go on with.
func (l *loop) retry(address, failed string, result *result, failure Event) bool {
	if result.again.IsZero() {
		return false
	}
	f, terms := l.flows[address], l.session.Terms(address)
	failure.Attempt, failure.Reason = f.tries, result.err.Error()
	f.failure, f.retried = &failure, failed
	if l.halted() != "" {
		return false
	}
	next := failure
	next.Expected = terms.Retry.Delay.Seconds()
	l.slots.Release(address)
	l.set(address, Retrying, next)
	l.work(func() func() {
		pause(l.starting, terms.Retry.Delay)
		return func() { l.dispatchFlow(address) }
	})
	return true
}

// again is when a flow is tried once more after a failure; zero if it is not.
// The failure must be the flow's own, as opposed to the machine's and to a
// mistake in the configuration. Workers ask, so that the journal can say it.
func (l *loop) again(address string, tries int, ended attempt.Ended, err error) time.Time {
	retry := l.session.Terms(address).Retry
	failure, failed := errors.AsType[*runner.Failure](err)
	_, timedOut := errors.AsType[*attempt.TimedOut](err)
	if tries >= retry.Attempts || l.starting.Err() != nil || !timedOut && (!failed || failure.Usage) {
		return time.Time{}
	}
	code, killed := ended.Exit.Code, ended.Exit.Signal != 0 && !timedOut
	if killed {
		code = 128 + int(ended.Exit.Signal)
	}
	if !retry.After(code, timedOut, killed, ended.Tail, err.Error()) {
		return time.Time{}
	}
	return time.Now().Add(retry.Delay)
}

// pause waits, but not if nothing is started any more.
func pause(ctx context.Context, delay time.Duration) {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// nth is which attempt of this apply it is; 0 for the first, which mostly is
// the only one.
func (f *flow) nth() int {
	if f.tries == 1 {
		return 0
	}
	return f.tries
}
