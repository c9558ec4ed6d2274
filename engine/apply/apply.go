// Package apply runs what a plan says: it dispatches flows as what they need
// gets done, prepares their places, starts and judges them through their
// runners, and records each success before it reports it.
//
// Run is the entry point. One goroutine, the loop, owns all state; workers
// report to it by handing it functions, and one function, set, changes a
// flow's state and emits the event that everything shown is made from.
//
// It decides no verdict (engine/plan): a flow is decided again when all it
// needs is done, by the same function that planned it.
package apply

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	multierror "github.com/hashicorp/go-multierror"

	"github.com/flowrider/flowrider/engine/attempt"
	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/graph"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/heap"
	"github.com/flowrider/flowrider/internal/machine"
	"github.com/flowrider/flowrider/internal/process"
)

// Tools are what apply works with besides the session.
type Tools struct {
	Records   *record.Store
	Journal   *Journal // which Run ends
	Blobs     *blob.Store
	Runners   map[string]runner.Runner
	Python    func() string // folder of flowrider's Python package, for PYTHONPATH; asked by workers
	GitCommit func() string // asked for the first record, by workers
	Log       io.Writer     // receives what environment tools print
}

// Options say how to apply.
type Options struct {
	Parallelism int             // processes at once, at least 1
	Machine     machine.Machine // what flows may use in all
	FailFast    bool            // nothing is started any more once something has failed
	// Finished are attempts of applies that died, whose processes had ended well.
	Finished []*record.Tried
	Open     []string // attempts, of other workspaces too, whose places are still needed
}

// loop is the state of one apply. Only its own goroutine touches it.
type loop struct {
	ctx      context.Context
	session  *plan.Session
	tools    Tools
	options  Options
	emit     func(Event)
	frontier *graph.Frontier
	slots    *graph.Queue
	flows    map[string]*flow
	broken   map[string]string // nodes that failed: the address of the root cause
	reports  chan func()
	failures *multierror.Error
	active   int     // workers
	ended    int     // flows
	saved    float64 // seconds
	storeID  string
	hooks    []string            // nodes that wait for an answer
	twins    map[string][]string // flows that wait for another one with the same inputs, by its address
	used     []string            // bundle folders that nobody needs any more
	maker    *attempt.Maker
	journal  *Journal
	full     error    // why nothing new is started: nothing can be written any more
	first    []string // what is to be said when the first flow is about to run

	durations map[string]plan.Duration // how long flows are expected to take
	remaining map[string]float64       // seconds from the start of a node to the end of all that waits for it
	starting  context.Context          // done when nothing is started any more
	halt      context.CancelCauseFunc  // says why that is so
	turns     map[string]*plan.Flow    // the decisions to run on the flows that are queued
	settlers  chan struct{}            // has one for each worker that settles something
	recorders chan struct{}            // has one for each worker that records a good run
}

// flow is one instance in an apply.
type flow struct {
	state    State
	decision *plan.Flow
	tries    int    // attempts that were begun in this apply
	why      string // codes of the reasons of the first one
	failure  *Event // of the last one, if another one is to follow
	retried  string // that one's ID, until the other one begins
}

// Run applies what the session has planned. The error is the machine's, or
// the context's when it was cancelled; flows that failed are in the summary.
func Run(ctx context.Context, session *plan.Session, tools Tools, options Options, emit func(Event)) (*Summary, error) {
	storeID, err := tools.Records.StoreID()
	if err != nil {
		return nil, err
	}
	heap.Usual() // flows may take days
	emit = hiding(session.Secrets(), emit)
	durations := session.Durations()
	slots, fewer := fitting(options.Parallelism)
	remaining := session.Graph.Remaining(session.Wanted, func(node string) float64 { return durations[node].Seconds })
	l := &loop{
		ctx: ctx, session: session, tools: tools, options: options, emit: emit, storeID: storeID,
		frontier: graph.NewFrontier(session.Graph, session.Wanted, remaining), slots: graph.NewQueue(slots, limits(session, options.Machine)),
		durations: durations, remaining: remaining, turns: map[string]*plan.Flow{}, settlers: make(chan struct{}, slots), recorders: make(chan struct{}, slots),
		first: []string{fewer, process.Limits},
		flows: map[string]*flow{}, broken: map[string]string{}, twins: map[string][]string{}, reports: make(chan func()),
		journal: tools.Journal,
		maker: &attempt.Maker{
			Session: session, Runners: tools.Runners, Blobs: tools.Blobs, Python: tools.Python, Log: tools.Log,
			Building: func(e *plan.Environment) {
				emit(Event{Type: "environment", Address: e.Block.Address.String(), Reason: "building", Time: time.Now()})
			},
		},
	}
	l.starting, l.halt = context.WithCancelCause(ctx)
	defer l.halt(nil)
	for _, address := range session.Wants() {
		l.flows[address] = &flow{state: Waiting}
	}
	begun := time.Now()
	l.endGone()
	l.guarded(l.run)
	l.heed(l.journal.End(l.full))
	l.removeUsed()
	summary := &Summary{Duration: time.Since(begun).Seconds(), Saved: l.saved, failures: l.failures}
	for _, f := range l.flows {
		summary.count(f.state)
	}
	return summary, cmp.Or(context.Cause(ctx), l.full)
}

// run dispatches until every node is done. Whenever it is free it hears reports
// first, then starts what can start, and only then decides what is ready: so
// what has most remaining starts at once, and no slot waits for a decision.
func (l *loop) run() {
	halted := l.starting.Done()
	for {
		l.startQueued()
		if l.frontier.Finished() {
			return
		}
		node, ready := l.frontier.Next()
		if ready {
			l.dispatch(node)
			select {
			case report := <-l.reports:
				report()
			default:
			}
			continue
		}
		if l.active == 0 {
			panic("apply: nothing is ready and nobody works, and not all is done")
		}
		select {
		case report := <-l.reports:
			report()
		case <-halted:
			halted = nil // what waits in the queue is left at once
		}
	}
}

// dispatch begins a node whose needs are all done.
func (l *loop) dispatch(node string) {
	f := l.flows[node]
	switch cause := l.cause(node); {
	case f == nil && cause != "":
		l.brokenBy(node, cause)
	case f == nil && l.halted() != "":
		l.done(node)
	case f == nil:
		l.dispatchOther(node)
	case l.ctx.Err() != nil:
		l.leave(node, l.halted())
	case cause != "":
		l.end(node, Blocked, Event{Reason: l.broke(cause), Cause: cause})
	case l.halted() != "":
		l.leave(node, l.halted())
	default:
		l.dispatchFlow(node)
	}
}

// cause is the root cause for which a node cannot be done, or "".
func (l *loop) cause(node string) string {
	for _, need := range l.session.Graph.Needs(node) {
		if cause := l.broken[need]; cause != "" {
			return cause
		}
	}
	return ""
}

// broke says how a cause is one.
func (l *loop) broke(cause string) string {
	if f := l.flows[cause]; f != nil && f.state == Stale {
		return "the plan is stale for " + cause
	} else if f != nil && f.state == Blocked {
		return cause + " is blocked"
	}
	return cause + " failed"
}

func (l *loop) brokenBy(node, cause string) {
	l.broken[node] = cause
	l.done(node)
}

// work runs slow in a goroutine of its own and then report in the loop.
func (l *loop) work(slow func() (report func())) {
	l.active++
	go func() {
		report := caught(slow)
		l.reports <- func() {
			l.active--
			report()
		}
	}()
}

// set changes a flow's state: the one place that does. It fills in what every
// event of a flow says.
func (l *loop) set(address string, state State, event Event) {
	l.flows[address].state = state
	if state.Ended() {
		l.ended++
	}
	event.Type, event.Address, event.State, event.Time = "flow", address, state, time.Now()
	event.Count = &Count{Done: l.ended, Total: len(l.flows)}
	l.saved += event.Saved
	if state == Failed {
		l.fail(address, event.Reason)
		l.failFast(address)
	}
	l.emit(event)
}

// fail notes why an apply has not done all that it should.
func (l *loop) fail(node, reason string) {
	l.failures = multierror.Append(l.failures, fmt.Errorf("%s: %s", node, l.session.Secrets().Text(reason)))
}

// end brings a flow to a final state and lets what needs it go on.
func (l *loop) end(address string, state State, event Event) {
	if f := l.flows[address]; f.retried != "" {
		l.heed(l.journal.notAgain(f.retried, l.session.Secrets().Text(f.failure.Reason)))
		f.retried = ""
	}
	l.set(address, state, event)
	switch state {
	case Failed, Cancelled, Stale:
		l.broken[address] = address
	case Blocked:
		l.broken[address] = cmp.Or(l.cause(address), address)
	}
	l.done(address)
	waiting := l.twins[address]
	delete(l.twins, address)
	for _, twin := range waiting {
		l.dispatch(twin)
	}
}
