package main

import (
	"os"
	"sync"
	"time"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/internal/screen"
)

// watcher is told how an apply goes. All that is shown or written of it is made
// by one, from the same events.
type watcher interface {
	planned(*plan.Plan)
	event(apply.Event)
	finish(*apply.Summary, []plan.NamedValue)
}

// ticking is a watcher that also shows how time goes by.
type ticking interface{ tick(now time.Time) }

// holding is a watcher that holds something, such as a terminal, while flows
// run.
type holding interface {
	pause()
	resume()
	close()
}

// tickEvery is how often: a display that shows everything ten times a second
// is as quick as anybody reads.
const tickEvery = 100 * time.Millisecond

// mostWaiting is how many events may wait for a slow reader before what flows
// print is left out. All else waits as long as it must.
const mostWaiting = 1_000

// watchers tells several, in one order. Events come from several goroutines,
// and none of them waits for a reader that is slow or has gone away: they are
// put into a queue, and one goroutine tells what is in it.
type watchers struct {
	list   []watcher
	stream *stream       // nil without --json
	say    func(string)  // what is no event
	wake   chan struct{} // something is in the queue, or it is closed
	told   chan struct{} // closed when everything has been told

	mutex   sync.Mutex
	queue   []func()
	closed  bool
	dropped map[string]int64 // bytes of output that were left out, by flow
	fault   any              // what a watcher has panicked with
	longest process.Grace    // that a flow of the plan may take to end
}

func newWatchers(flags *planning, volume volume, report *report) *watchers {
	if flags.json {
		stream := newStream(os.Stdout)
		w := startWatchers(toStderr, stream, report)
		w.stream = stream
		return w
	}
	if log := ownJobLog(); log != nil {
		return startWatchers(toStderr, newJobProgress(log, volume, flags.chdir), report)
	}
	if s := screen.Open(os.Stderr, os.Getenv); s != nil && volume > failuresAlone {
		t := newTerminal(s, volume)
		return startWatchers(t.say, t, report)
	}
	return startWatchers(toStderr, newProgress(volume), report)
}

func toStderr(text string) { os.Stderr.WriteString(text) }

func startWatchers(say func(string), list ...watcher) *watchers {
	w := &watchers{list: list, say: say, wake: make(chan struct{}, 1), told: make(chan struct{}), dropped: map[string]int64{}}
	go w.run()
	return w
}

func (w *watchers) planned(p *plan.Plan) {
	longest := longestStop(p)
	w.mutex.Lock()
	w.longest = longest
	w.mutex.Unlock()
	w.put(func() { w.each(func(one watcher) { one.planned(p) }) })
}

func (w *watchers) event(event apply.Event) {
	if event.Type == "log" {
		w.mutex.Lock()
		if len(w.queue) >= mostWaiting {
			w.dropped[event.Address] += event.Dropped + int64(len(event.Text))
			w.mutex.Unlock()
			return
		}
		event.Dropped += w.dropped[event.Address]
		delete(w.dropped, event.Address)
		w.mutex.Unlock()
	}
	w.put(func() { w.each(func(one watcher) { one.event(event) }) })
}

func (w *watchers) finish(summary *apply.Summary, outputs []plan.NamedValue) {
	w.close()
	w.each(func(one watcher) { one.finish(summary, outputs) })
}

func (w *watchers) put(tell func()) {
	w.mutex.Lock()
	w.queue = append(w.queue, tell)
	w.mutex.Unlock()
	w.awake()
}

func (w *watchers) awake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// close waits until everything has been told, and lets go of the terminal. A
// fault in what is shown ends no apply, it is one afterwards.
func (w *watchers) close() {
	w.mutex.Lock()
	w.closed = true
	w.mutex.Unlock()
	w.awake()
	<-w.told
	if fault := w.fault; fault != nil {
		w.fault = nil
		panic(fault)
	}
}

func (w *watchers) run() {
	defer close(w.told)
	defer func() { w.fault = recover() }()
	defer w.hold(holding.close)
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	for {
		select {
		case <-w.wake:
		case <-ticker.C:
		}
		w.mutex.Lock()
		queue, closed := w.queue, w.closed
		w.queue = nil
		w.mutex.Unlock()
		for _, tell := range queue {
			tell()
		}
		w.tick()
		if closed {
			return
		}
	}
}

func (w *watchers) each(tell func(watcher)) {
	for _, one := range w.list {
		tell(one)
	}
}

// hold does something with what is held.
func (w *watchers) hold(do func(holding)) {
	for _, one := range w.list {
		if held, ok := one.(holding); ok {
			do(held)
		}
	}
}

func (w *watchers) tick() {
	for _, one := range w.list {
		if ticking, ok := one.(ticking); ok {
			ticking.tick(time.Now())
		}
	}
}

// pause lets go of the terminal before flowrider is suspended, and returns when
// that is done.
func (w *watchers) pause() {
	if w == nil {
		return
	}
	done := make(chan struct{})
	w.put(func() {
		w.hold(holding.pause)
		close(done)
	})
	select {
	case <-done:
	case <-w.told:
	}
}

// resume takes the terminal again.
func (w *watchers) resume() {
	if w != nil {
		w.put(func() { w.hold(holding.resume) })
	}
}

// Write is for what else has to be said while flows run, such as by the tools
// that make environments.
func (w *watchers) Write(text []byte) (int, error) {
	if w == nil || w.isClosed() {
		return os.Stderr.Write(text)
	}
	said := string(text)
	w.put(func() { w.say(said) })
	return len(text), nil
}

func (w *watchers) isClosed() bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.closed
}

// note says what is found when everything else has been told.
func (w *watchers) note(text string) {
	w.close()
	if w.stream != nil {
		w.stream.event(apply.Event{Type: "note", Reason: text, Time: time.Now()})
	}
	writeNotes(os.Stderr, []string{text})
}

// end is told last how the command ends, begun or not, and gives what is still
// to be said of it.
func (w *watchers) end(err error) error {
	w.close()
	if w.stream == nil {
		return err
	}
	return w.stream.end(err)
}
