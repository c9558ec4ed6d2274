package graph

import (
	"fmt"
	"maps"
	"slices"
)

// Demand is how much a node takes, by name, of things of which there is only
// so much: from its start until it is released.
type Demand map[string]int64

// Queue holds nodes that may start and gives them out, the longest remaining
// path first, as far as there are slots and what they demand. A node takes one
// slot and all that it demands at once, or nothing: while it waits it holds
// nothing, so that no two can wait for each other.
//
// Where a node does not fit, others behind it that do may overtake it. So that
// a great demand does not starve, what a node demands is kept for it once it
// has been overtaken patience times.
type Queue struct {
	slots  int // free ones
	limits Demand
	free   Demand
	lines  []*line
	taken  map[string]Demand // by node that has started
	pushed int

	expected *heap[waiting]
	expects  map[string]bool // those of the heap that are still expected
}

// patience is how often a node lets others that take of the same things go
// first.
const patience = 10

// line are the waiting nodes with one and the same demand: of them, none fits
// unless the first one does.
type line struct {
	demand    Demand
	nodes     *heap[waiting]
	overtaken int // how often the first one was
}

// waiting is a node in a line.
type waiting struct {
	node      string
	remaining float64
	number    int // in the order of Push
}

func (w waiting) before(other waiting) bool {
	return w.remaining > other.remaining || w.remaining == other.remaining && w.number < other.number
}

// NewQueue is an empty queue with so many slots, and so much of each thing.
func NewQueue(slots int, limits Demand) *Queue {
	return &Queue{
		slots: slots, limits: limits, free: maps.Clone(limits), taken: map[string]Demand{},
		expected: &heap[waiting]{before: waiting.before}, expects: map[string]bool{},
	}
}

// Push puts a node in that may start. Among equals the one that was put in
// first goes first. A demand for more than there is would wait for ever: that
// panics.
func (q *Queue) Push(node string, remaining float64, demand Demand) {
	for name, amount := range demand {
		if amount > q.limits[name] {
			panic(fmt.Sprintf("graph: %s demands %d of %s, and there is %d", node, amount, name, q.limits[name]))
		}
	}
	q.pushed++
	q.line(demand).nodes.push(waiting{node, remaining, q.pushed})
}

// line is where nodes with a demand wait.
func (q *Queue) line(demand Demand) *line {
	for _, l := range q.lines {
		if maps.Equal(l.demand, demand) {
			return l
		}
	}
	l := &line{demand: demand, nodes: &heap[waiting]{before: waiting.before}}
	q.lines = append(q.lines, l)
	return l
}

// Raise gives a waiting node a longer remaining path: something else has come
// to wait for it. It does nothing for one that does not wait.
func (q *Queue) Raise(node string, remaining float64) {
	for _, l := range q.lines {
		at := slices.IndexFunc(l.nodes.items, func(w waiting) bool { return w.node == node })
		if at < 0 || l.nodes.items[at].remaining >= remaining {
			continue
		}
		raised := l.nodes.items[at]
		raised.remaining = remaining
		others := slices.Delete(l.nodes.items, at, at+1)
		l.nodes.items = nil
		for _, w := range append(others, raised) {
			l.nodes.push(w)
		}
	}
}

// Expect says that a node, which takes nothing itself, will be done in a moment:
// until it is released, nothing starts that has less remaining. For what waits
// for the node may come into the queue then, and is more urgent.
func (q *Queue) Expect(node string, remaining float64) {
	q.pushed++
	q.expects[node] = true
	q.expected.push(waiting{node, remaining, q.pushed})
}

// most is the most remaining of what is expected.
func (q *Queue) most() float64 {
	for q.expected.len() > 0 {
		if first := q.expected.items[0]; q.expects[first.node] {
			return first.remaining
		}
		q.expected.pop()
	}
	return 0
}

// Next takes the next node that can start now, and what it demands for it; ok
// is false if there is none. It gives none that has less remaining than least.
func (q *Queue) Next(least float64) (node string, ok bool) {
	if q.slots == 0 {
		return "", false
	}
	least = max(least, q.most())
	q.lines = slices.DeleteFunc(q.lines, func(l *line) bool { return l.nodes.len() == 0 })
	slices.SortFunc(q.lines, func(a, b *line) int {
		if a.nodes.items[0].before(b.nodes.items[0]) {
			return -1
		}
		return 1
	})
	for i, l := range q.lines {
		if l.nodes.items[0].remaining < least {
			break
		}
		if !q.fits(l, q.lines[:i]) {
			continue
		}
		for _, passed := range q.lines[:i] {
			if passed.shares(l) {
				passed.overtaken++
			}
		}
		l.overtaken = 0
		node = l.nodes.pop().node
		q.take(node, l.demand)
		return node, true
	}
	return "", false
}

// fits says whether there is what a line demands, beside what is kept for
// those before it. They do not fit themselves, so what they lack is not touched
// any more, and of the rest as much is left as they demand.
func (q *Queue) fits(l *line, before []*line) bool {
	for name, amount := range l.demand {
		left := q.free[name] - amount
		if left < 0 {
			return false
		}
		for _, other := range before {
			if other.overtaken >= patience && left < other.demand[name] {
				return false
			}
		}
	}
	return true
}

// shares says whether two lines demand something of the same thing.
func (l *line) shares(other *line) bool {
	for name := range l.demand {
		if other.demand[name] > 0 {
			return true
		}
	}
	return false
}

func (q *Queue) take(node string, demand Demand) {
	q.slots--
	for name, amount := range demand {
		q.free[name] -= amount
	}
	q.taken[node] = demand
}

// Release gives back what a node has taken, or says that it is not expected any
// more. It does nothing for one that has nothing.
func (q *Queue) Release(node string) {
	delete(q.expects, node)
	demand, ok := q.taken[node]
	if !ok {
		return
	}
	delete(q.taken, node)
	q.slots++
	for name, amount := range demand {
		q.free[name] += amount
	}
}

// Drain takes out all nodes that wait, in the order in which they would have
// started if there were room for each.
func (q *Queue) Drain() []string {
	all := &heap[waiting]{before: waiting.before}
	for _, l := range q.lines {
		for _, w := range l.nodes.items {
			all.push(w)
		}
	}
	q.lines = nil
	var nodes []string
	for all.len() > 0 {
		nodes = append(nodes, all.pop().node)
	}
	return nodes
}
