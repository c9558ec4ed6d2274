package main

import (
	"strconv"

	"github.com/flowrider/flowrider/engine/graph"
)

// measured are the times that a workflow takes, in seconds.
type measured struct {
	least     float64 // no schedule beats it
	reference float64
	known     float64 // by flowrider, with the durations of the last run
	unknown   float64 // by flowrider, for the first time
}

func measure(w workflow, slots int) measured {
	return measured{
		least:     lowerBound(w.tasks, slots),
		reference: listSchedule(w.tasks, slots),
		known:     simulate(w.tasks, slots, func(i int) float64 { return w.tasks[i].seconds }),
		unknown:   simulate(w.tasks, slots, func(int) float64 { return 1 }), // what apply takes for them
	}
}

// simulate drives the scheduler as apply does, but for a clock that goes on to
// the next end of a task at once, and gives the time at the end of all.
// expected is how long the scheduler takes a task to be.
func simulate(tasks []task, slots int, expected func(task int) float64) float64 {
	g := graph.New()
	for i, t := range tasks {
		g.Add(strconv.Itoa(i))
		for _, parent := range t.parents {
			g.Connect(strconv.Itoa(i), strconv.Itoa(parent))
		}
	}
	remaining := g.Remaining(nil, func(node string) float64 { return expected(number(node)) })
	frontier, queue := graph.NewFrontier(g, nil, remaining), graph.NewQueue(slots, nil)
	now, running := 0.0, map[string]float64{} // until when
	for {
		for node, ok := queue.Next(frontier.Most()); ok; node, ok = queue.Next(frontier.Most()) {
			running[node] = now + tasks[number(node)].seconds
		}
		if frontier.Finished() {
			return now
		}
		if node, ready := frontier.Next(); ready {
			queue.Push(node, remaining[node], nil)
			continue
		}
		node := first(running)
		now = running[node]
		delete(running, node)
		queue.Release(node)
		frontier.Done(node)
	}
}

// first is the task that ends first; of several, the one with the least number.
func first(running map[string]float64) string {
	best := ""
	for node, end := range running {
		if best == "" || end < running[best] || end == running[best] && number(node) < number(best) {
			best = node
		}
	}
	if best == "" {
		panic("schedule: nothing runs, and not all is done")
	}
	return best
}

func number(node string) int {
	i, err := strconv.Atoi(node)
	if err != nil {
		panic(err)
	}
	return i
}
