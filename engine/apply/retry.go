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
func (l *loop) retry(address string, result *result, failure Event) bool {
	f, terms := l.flows[address], l.session.Terms(address)
	if f.tries >= terms.Retry.Attempts || l.halted() != "" || !l.again(address, result) {
		return false
	}
	failure.Attempt, failure.Reason = f.tries, result.err.Error()
	f.failure = &failure
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

// again says whether a failure is one after which a flow is tried again: the
// flow's own, as opposed to the machine's and to a mistake in the configuration.
func (l *loop) again(address string, result *result) bool {
	failure, failed := errors.AsType[*runner.Failure](result.err)
	_, timedOut := errors.AsType[*attempt.TimedOut](result.err)
	if !timedOut && (!failed || failure.Usage) {
		return false
	}
	code, killed := result.exit.Code, result.exit.Signal != 0 && !timedOut
	if killed {
		code = 128 + int(result.exit.Signal)
	}
	return l.session.Terms(address).Retry.After(code, timedOut, killed, result.tail, result.err.Error())
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
