package apply

import (
	"context"
	"fmt"

	"github.com/flowrider/flowrider/engine/plan"
)

// Flows that run wait in a queue for a slot and for whatever else they demand.
// They have it from the making of their place to the end of their run. What settles
// without a run, as most flows do most of the time, takes no slot, nor do hooks
// and the making of locks: of them as many are done at once.

// queue lets a flow wait for its turn to be prepared and run.
func (l *loop) queue(address string, decision *plan.Flow) {
	if excess := l.excess(address); excess != "" {
		l.session.Fail(decision)
		l.end(address, Failed, Event{Reason: excess})
		return
	}
	l.turns[address] = decision
	l.slots.Push(address, l.remaining[address], l.demand(address))
}

// startQueued begins what can start now, but nothing that is less urgent than
// what is still to be decided. Whatever has ended while a flow waited may have
// made its run needless, so it is decided once more.
func (l *loop) startQueued() {
	if reason := l.halted(); reason != "" {
		for _, address := range l.slots.Drain() {
			delete(l.turns, address)
			l.leave(address, reason)
		}
	}
	for {
		address, ok := l.slots.Next(l.frontier.Most())
		if !ok {
			return
		}
		decision := l.turns[address]
		delete(l.turns, address)
		if again, ok := l.decide(address, decision.Instance, nil); ok {
			l.prepare(address, again)
		}
	}
}

// halted says why nothing is started any more; "" while it is.
func (l *loop) halted() string {
	switch {
	case l.ctx.Err() != nil:
		return "not started any more"
	case l.starting.Err() != nil:
		return "not started any more, since " + context.Cause(l.starting).Error()
	}
	return ""
}

// failFast lets nothing start any more after a failure, if that is asked for.
func (l *loop) failFast(node string) {
	if l.options.FailFast {
		l.halt(fmt.Errorf("%s failed (--fail-fast)", node))
	}
}

// leave ends a flow that is not started any more. One that has failed before
// and would have been tried again has failed.
func (l *loop) leave(address, reason string) {
	f := l.flows[address]
	if f.decision != nil {
		l.session.Fail(f.decision)
	}
	if f.failure != nil {
		l.end(address, Failed, *f.failure)
		return
	}
	l.end(address, Cancelled, Event{Reason: reason})
}

// done says that a node is done: what it took is free, and what waits for it
// may go on.
func (l *loop) done(node string) {
	l.slots.Release(node)
	l.frontier.Done(node)
}

// makeRoom is for a worker whose run is good: what the flow has taken is for
// others now, while the run is recorded. recorded says that this is over; not
// more runs are recorded at once than there are slots.
func (l *loop) makeRoom(address string) (recorded func()) {
	l.recorders <- struct{}{}
	l.reports <- func() { l.slots.Release(address) }
	return func() { <-l.recorders }
}

// expected is how long a flow may take, in seconds: as long as the last time; 0
// if nobody knows.
func (l *loop) expected(address string) float64 {
	if duration := l.durations[address]; duration.Recorded {
		return duration.Seconds
	}
	return 0
}

// settling runs slow in a worker, not too many of them at once. It takes no
// slot.
func (l *loop) settling(slow func() (report func())) {
	l.work(func() func() {
		l.settlers <- struct{}{}
		defer func() { <-l.settlers }()
		return slow()
	})
}
