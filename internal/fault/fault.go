// Package fault says what becomes of a fault of our own, a panic, in a
// goroutine: Go would end the program there and then, with the exit code of
// changes that are pending and without a word to whom to report it.
//
// Go and InParallel start goroutines. The package does not end the program and
// tells nobody: whoever calls Handle does, and until then a fault is an ordinary
// panic. The loop of an apply, which ends its flows first, catches its workers'
// faults itself (engine/apply).
package fault

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Handler ends the program.
type Handler func(fault any, stack []byte)

var handler atomic.Pointer[Handler]

// Handle says what is done with faults from now on.
func Handle(h Handler) { handler.Store(&h) }

// Go runs work in a goroutine of its own.
func Go(work func()) {
	go func() {
		defer hand()
		work()
	}()
}

func hand() {
	fault := recover()
	if fault == nil {
		return
	}
	h := handler.Load()
	if h == nil {
		panic(fault)
	}
	(*h)(fault, debug.Stack())
}

// InParallel does work for 0 to n-1, on all processors, but in no more goroutines
// than most, and returns when all is done. A fault in one becomes one of the
// caller's, after all others.
func InParallel(n, most int, work func(i int)) {
	var all sync.WaitGroup
	var seen atomic.Pointer[string]
	var next atomic.Int64
	one := func(i int) {
		defer func() {
			if fault := recover(); fault != nil {
				text := fmt.Sprintf("%v, in a goroutine:\n%s", fault, debug.Stack())
				seen.CompareAndSwap(nil, &text)
			}
		}()
		work(i)
	}
	for range min(n, most, runtime.GOMAXPROCS(0)) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				one(i)
			}
		})
	}
	all.Wait()
	if text := seen.Load(); text != nil {
		panic(*text)
	}
}
