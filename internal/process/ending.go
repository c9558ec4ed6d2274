package process

import (
	"syscall"
	"time"
)

// Grace is how long Stop waits after each of its signals. Zero is the
// default. With a negative wait the signal is not even sent.
type Grace struct {
	Interrupt time.Duration // after SIGINT; 30 s by default
	Terminate time.Duration // after SIGTERM; 10 s by default
}

// full is the Grace with its defaults.
func (g Grace) full() Grace {
	if g.Interrupt == 0 {
		g.Interrupt = defaultInterrupt
	}
	if g.Terminate == 0 {
		g.Terminate = defaultTerminate
	}
	return g
}

// Waits are what a stop takes at most: after SIGINT and after SIGTERM.
func (g Grace) Waits() (interrupt, terminate time.Duration) {
	g = g.full()
	return max(0, g.Interrupt), max(0, g.Terminate)
}

// Now is the Grace of a stop that waits for nothing.
var Now = Grace{Interrupt: -1, Terminate: -1}

const (
	defaultInterrupt = 30 * time.Second
	defaultTerminate = 10 * time.Second
	killAgain        = 20 * time.Millisecond // between two SIGKILLs: a process may fork meanwhile
	killLimit        = 10 * time.Second      // a process that hangs in the kernel is given up
)

// steps are the signals of a stop, in order. The last one is repeated.
var steps = [...]syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL}

const kill = len(steps) - 1

// ending is how far the ending of a process has come. It decides when which
// signal is due, and sends none. The zero ending has not begun.
type ending struct {
	begun bool
	waits [len(steps)]time.Duration // after each step
	sent  int                       // steps taken; the last one taken is sent-1
	due   time.Time                 // of the next step
	until time.Time                 // given up then; set at the first SIGKILL
}

// ask begins the ending, or shortens what is left of it. Nothing is ever
// prolonged.
func (e *ending) ask(g Grace, now time.Time) {
	g = g.full()
	waits := [len(steps)]time.Duration{g.Interrupt, g.Terminate, killAgain}
	if !e.begun {
		*e = ending{begun: true, waits: waits, due: now}
		return
	}
	for i, wait := range waits {
		e.waits[i] = min(e.waits[i], wait)
	}
	if e.sent > 0 && e.sent <= kill {
		if due := now.Add(max(0, waits[e.sent-1])); due.Before(e.due) {
			e.due = due
		}
	}
}

// step takes the step that is due, and says which signal it is; 0 if it is
// not yet time for one.
func (e *ending) step(now time.Time) syscall.Signal {
	if !e.begun || now.Before(e.due) {
		return 0
	}
	for e.sent < kill && e.waits[e.sent] < 0 {
		e.sent++
	}
	e.sent = min(e.sent+1, len(steps))
	if e.sent == len(steps) && e.until.IsZero() {
		e.until = now.Add(killLimit)
	}
	e.due = now.Add(e.waits[e.sent-1])
	return steps[e.sent-1]
}

// spare puts off giving up, since somebody is left who has time yet.
func (e *ending) spare(now time.Time) {
	if !e.until.IsZero() {
		e.until = now.Add(killLimit)
	}
}

// hopeless says whether SIGKILL has been without effect for too long.
func (e *ending) hopeless(now time.Time) bool { return !e.until.IsZero() && now.After(e.until) }
