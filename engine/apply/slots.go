package apply

import "github.com/flowrider/flowrider/engine/graph"

// Flows that run wait in a queue for a slot and for whatever else they demand.
// They have it from the making of their place to their end. What settles
// without a run, as most flows do most of the time, takes no slot, nor do hooks
// and the making of locks: of them as many are done at once.

// queue lets a flow wait for its turn, which begin begins.
func (l *loop) queue(address string, demand graph.Demand, begin func()) {
	if reason := l.halted(); reason != "" {
		l.end(address, Cancelled, Event{Reason: reason})
		return
	}
	l.turns[address] = begin
	l.slots.Push(address, l.remaining[address], demand)
}

// startQueued begins what can start now.
func (l *loop) startQueued() {
	if reason := l.halted(); reason != "" {
		for _, address := range l.slots.Drain() {
			delete(l.turns, address)
			l.end(address, Cancelled, Event{Reason: reason})
		}
	}
	for address, ok := l.slots.Next(); ok; address, ok = l.slots.Next() {
		begin := l.turns[address]
		delete(l.turns, address)
		begin()
	}
}

// halted says why nothing is started any more; "" while it is.
func (l *loop) halted() string {
	switch {
	case l.ctx.Err() != nil:
		return "not started any more"
	case l.full != nil:
		return "not started any more, since nothing more can be written"
	}
	return ""
}

// done says that a node is done: what it took is free, and what waits for it
// may go on.
func (l *loop) done(node string) {
	l.slots.Release(node)
	l.frontier.Done(node)
}

// expected is how long a flow may take, in seconds: as long as the last time; 0
// if nobody knows.
func (l *loop) expected(address string) float64 {
	if duration := l.durations[address]; duration.Recorded {
		return duration.Seconds
	}
	return 0
}

// settling runs slow in a worker, not too many of them at once.
func (l *loop) settling(slow func() (report func())) {
	l.work(func() func() {
		l.settlers <- struct{}{}
		defer func() { <-l.settlers }()
		return slow()
	})
}
