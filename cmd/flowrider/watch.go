package main

import (
	"os"
	"sync"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/plan"
)

// watcher is told how an apply goes. All that is shown or written of it is made
// by one, from the same events.
type watcher interface {
	planned(*plan.Plan)
	event(apply.Event)
	finish(*apply.Summary, []plan.NamedValue)
}

// watchers tells several, one after another: events come from several
// goroutines, and all see them in one order.
type watchers struct {
	mutex  sync.Mutex
	list   []watcher
	stream *stream // nil without --json
}

func newWatchers(flags *planning) *watchers {
	if flags.json {
		stream := newStream(os.Stdout)
		return &watchers{list: []watcher{stream}, stream: stream}
	}
	return &watchers{list: []watcher{newProgress(flags.verbose)}}
}

func (w *watchers) planned(p *plan.Plan) {
	w.each(func(one watcher) { one.planned(p) })
}

func (w *watchers) event(event apply.Event) {
	w.each(func(one watcher) { one.event(event) })
}

func (w *watchers) finish(summary *apply.Summary, outputs []plan.NamedValue) {
	w.each(func(one watcher) { one.finish(summary, outputs) })
}

func (w *watchers) each(tell func(watcher)) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, one := range w.list {
		tell(one)
	}
}

// end is told last how the command ends, begun or not, and gives what is still
// to be said of it.
func (w *watchers) end(err error) error {
	if w.stream == nil {
		return err
	}
	return w.stream.end(err)
}
