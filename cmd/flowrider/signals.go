package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/flowrider/flowrider/engine/attempt"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/fault"
	"github.com/flowrider/flowrider/internal/process"
)

// interrupted is the cause of a context that a signal has cancelled.
type interrupted struct{ code int }

func (i *interrupted) Error() string { return "interrupted" }

// hurries are how little time the second and the third SIGINT, SIGTERM or
// SIGHUP leave to what runs. The first one has cancelled the context.
var hurries = [...]process.Grace{{Interrupt: 5 * time.Second, Terminate: 5 * time.Second}, process.Now}

// sayings are what a person is told at each of them, where the flow that may
// take longest to end has so much time.
func sayings(longest process.Grace) [1 + len(hurries)]string {
	interrupt, terminate := longest.Waits()
	less := min(interrupt, hurries[0].Interrupt) + min(terminate, hurries[0].Terminate)
	return [...]string{
		fmt.Sprintf("Stopping: running flows have up to %s to end (%s after SIGINT, %s after SIGTERM). Press Ctrl-C again for %s, a third time to kill them.",
			took(interrupt+terminate), took(interrupt), took(terminate), took(less)),
		fmt.Sprintf("Stopping: running flows have up to %s to end. Press Ctrl-C again to kill them.", took(less)),
		"Stopping: running flows are killed.",
	}
}

// interruptible cancels a context at the first SIGINT, SIGTERM or SIGHUP, and
// makes haste at each one after it; SIGTSTP, which is Ctrl-Z, suspends with this
// program what it has started. What was ignored when the program was started,
// as SIGHUP under nohup, still is. watch shows what runs, or is nil.
// Signals are heard until the program ends: one that comes late must not end it
// by itself, in the middle of telling how an apply has ended.
func interruptible(parent context.Context, watch *watchers) context.Context {
	ctx, cancel := context.WithCancelCause(parent)
	// A reader that goes away, as `| head` does, must not end flows that run.
	signal.Ignore(syscall.SIGPIPE)
	signals, suspend := make(chan os.Signal, 1+len(hurries)), make(chan os.Signal, 1)
	notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	notify(suspend, syscall.SIGTSTP)
	said := make(chan string, 1+len(hurries)) // in order, and nobody waits for who reads it
	fault.Go(func() {
		for text := range said {
			fmt.Fprintln(watch, "\n"+text)
		}
	})
	fault.Go(func() {
		s := <-signals
		says := sayings(watch.longestStop())
		cancel(&interrupted{code(s)})
		said <- says[0]
		for i, hurry := range hurries {
			<-signals
			process.Hurry(hurry)
			said <- says[1+i]
		}
	})
	fault.Go(func() {
		for range suspend {
			watch.pause()
			process.Suspend()
			watch.resume()
		}
	})
	return ctx
}

// longestStop is how long the flow of the plan may take to end that may take
// longest, of those that may run. A saved plan does not say, and counts as the
// default.
func longestStop(p *plan.Plan) (longest process.Grace) {
	most := time.Duration(-1)
	for _, flow := range p.Flows {
		if !flow.Pending() || flow.Instance == nil {
			continue
		}
		grace := attempt.Grace(flow)
		if interrupt, terminate := grace.Waits(); interrupt+terminate > most {
			longest, most = grace, interrupt+terminate
		}
	}
	return longest
}

// longestStop is that of what runs; the default where nothing is planned.
func (w *watchers) longestStop() process.Grace {
	if w == nil {
		return process.Grace{}
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.longest
}

// notify is signal.Notify without the signals that are ignored.
func notify(c chan<- os.Signal, signals ...os.Signal) {
	for _, s := range signals {
		if !signal.Ignored(s) {
			signal.Notify(c, s)
		}
	}
}

// code is the exit code of a program that a signal has interrupted.
func code(s os.Signal) int {
	if s == os.Interrupt {
		return exitInterrupted
	}
	return exitTerminated
}
