package apply

import (
	"fmt"
	"runtime/debug"

	"github.com/flowrider/flowrider/internal/process"
)

// caught is a worker's report. A fault of ours in the worker becomes one of the
// loop, which somebody can catch: in any other goroutine it would end the
// program there and then, with the exit code of changes that are pending.
func caught(slow func() (report func())) (report func()) {
	defer func() {
		if fault := recover(); fault != nil {
			stack := debug.Stack()
			report = func() { panic(fmt.Sprintf("%v, in a worker:\n%s", fault, stack)) }
		}
	}()
	return slow()
}

// guarded runs the loop. Should it end by a fault of ours, all that runs is
// ended before the apply's lock is given up.
func (l *loop) guarded(run func()) {
	done := false
	defer func() {
		if !done {
			process.Dismiss()
		}
	}()
	run()
	done = true
}
