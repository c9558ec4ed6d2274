package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/flowrider/flowrider/internal/process"
)

// interrupted is the cause of a context that a signal has cancelled.
type interrupted struct{ code int }

func (i *interrupted) Error() string { return "interrupted" }

// presses are what the first, the second and the third SIGINT, SIGTERM or
// SIGHUP do, once the first has cancelled the context.
var presses = [...]struct {
	says  string
	hurry process.Grace
}{
	{says: "Stopping: running flows are asked to end. Press Ctrl-C again to wait for less long."},
	{"Stopping: running flows have five seconds. Press Ctrl-C again to kill them.", process.Grace{Interrupt: 5 * time.Second, Terminate: 5 * time.Second}},
	{"Stopping: running flows are killed.", process.Now},
}

// interruptible cancels a context at the first SIGINT, SIGTERM or SIGHUP, and
// makes haste at each one after it; SIGTSTP, which is Ctrl-Z, suspends with this
// program what it has started. What was ignored when the program was started,
// as SIGHUP under nohup, still is. watch shows what runs, or is nil.
// Signals are heard until the program ends: one that comes late must not end it
// by itself, in the middle of telling how an apply has ended.
func interruptible(parent context.Context, watch *watchers) context.Context {
	ctx, cancel := context.WithCancelCause(parent)
	signals, suspend := make(chan os.Signal, len(presses)), make(chan os.Signal, 1)
	notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	notify(suspend, syscall.SIGTSTP)
	go func() {
		for i, press := range presses {
			s := <-signals
			if i == 0 {
				cancel(&interrupted{code(s)})
			} else {
				process.Hurry(press.hurry)
			}
			go fmt.Fprintln(watch, "\n"+press.says) // nobody may read it
		}
	}()
	go func() {
		for range suspend {
			watch.pause()
			process.Suspend()
			watch.resume()
		}
	}()
	return ctx
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
