// Package limit ends a program whose configuration takes too long to evaluate,
// or too much memory: HCL's evaluation cannot be told to stop.
//
// Begin and Value are the entry points. It does not look at what can be counted
// beforehand, and refused with an ordinary message: files (schema) and the sizes of
// values (engine/eval).
package limit

import (
	"fmt"
	"runtime/metrics"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/fault"
)

// The limits of one expression, and of all together: so much time to begin
// with, and so much more for each that is evaluated.
const (
	maxTime   = 2 * time.Second
	maxMemory = 384 << 20
	allTime   = 3 * time.Second
	timeEach  = 100 * time.Microsecond
)

// tick is how often the limits are looked at. What counts is time of the
// processor: on a machine that has other things to do, or that was suspended, an
// honest configuration takes no more of it.
const tick = 5 * time.Millisecond

// Ends is a function that is told what is too much, and ends the program.
type Ends func(problem *hcl.Diagnostic)

var ends atomic.Pointer[Ends]

// End says what ends the program, in a goroutine of its own.
func End(f Ends) { ends.Store(&f) }

// Value is an expression's value, under the limits.
func Value(expr hcl.Expression, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	defer watching.begin(expr)()
	return expr.Value(ctx)
}

// Begin begins another configuration: what was evaluated before it no longer
// counts to the time that all may take.
func Begin() {
	watching.count.Store(0)
	watching.busy.Store(0)
}

var watching watch

// watch looks at what is evaluated, while anything is.
type watch struct {
	current [32]atomic.Pointer[evaluation] // one for each goroutine that evaluates; more than that are not watched
	count   atomic.Int64                   // of evaluations so far
	awake   atomic.Bool
	busy    atomic.Int64  // nanoseconds of all evaluations
	passed  time.Duration // since the last look
}

// evaluation is one expression that is evaluated. All but the first belongs to
// the watch.
type evaluation struct {
	expr   hcl.Expression
	taken  time.Duration
	memory uint64 // in use when it was first seen
}

func (w *watch) begin(expr hcl.Expression) (end func()) {
	w.count.Add(1)
	one := &evaluation{expr: expr}
	for i := range w.current {
		if w.current[i].CompareAndSwap(nil, one) {
			if !w.awake.Load() && w.awake.CompareAndSwap(false, true) {
				fault.Go(w.look)
			}
			return func() { w.current[i].Store(nil) }
		}
	}
	return func() {}
}

// look ends when nothing is evaluated any more.
func (w *watch) look() {
	last, used := time.Now(), processor()
	for w.step() {
		time.Sleep(tick)
		now, usedNow := time.Now(), processor()
		w.passed = min(now.Sub(last), usedNow-used) // the collector works beside, on another processor
		last, used = now, usedNow
	}
}

// processor is how much time of processors this program has had.
func processor() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // there is no way to call it wrongly
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func (w *watch) step() bool {
	seen := false
	for i := range w.current {
		if one := w.current[i].Load(); one != nil {
			seen = true
			w.hold(one)
		}
	}
	if !seen {
		w.awake.Store(false)
		for i := range w.current { // one may have begun meanwhile, and have seen it awake
			seen = seen || w.current[i].Load() != nil
		}
		seen = seen && w.awake.CompareAndSwap(false, true)
	}
	return seen
}

// hold holds one evaluation to the limits.
func (w *watch) hold(one *evaluation) {
	memory := inUse()
	if one.memory == 0 {
		one.memory = memory
		return
	}
	one.taken += w.passed
	busy := time.Duration(w.busy.Add(int64(w.passed)))
	switch {
	case one.taken > maxTime:
		exceed(one.expr, "Evaluation takes too long", fmt.Sprintf("This takes more than %v to evaluate.", maxTime))
	case memory > one.memory+maxMemory:
		exceed(one.expr, "Evaluation takes too much memory", fmt.Sprintf("This takes more than %d MiB to evaluate.", maxMemory>>20))
	case busy > allTime+timeEach*time.Duration(w.count.Load()):
		exceed(one.expr, "Evaluation takes too long", "All values of the configuration up to this one take too long to evaluate.")
	}
}

func exceed(expr hcl.Expression, summary, detail string) {
	subject := expr.Range()
	problem := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail + " Work on large data in a flow or a hook.", Subject: &subject}
	if f := ends.Load(); f != nil {
		(*f)(problem)
	}
	panic(problem.Error())
}

// inUse is how much memory this process has of the machine.
func inUse() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}
