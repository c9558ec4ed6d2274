package graph

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// next takes all that can start now.
func next(q *Queue) []string {
	var started []string
	for node, ok := q.Next(0); ok; node, ok = q.Next(0) {
		started = append(started, node)
	}
	return started
}

func expect(t *testing.T, q *Queue, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, next(q)); diff != "" {
		t.Errorf("started (-want +got)\n%s", diff)
	}
}

func TestLongestRemainingPathGoesFirst(t *testing.T) {
	g := build("short:\nlong:\nmiddle: long\nend: middle short\n")
	seconds := map[string]float64{"short": 5, "long": 1, "middle": 6, "end": 2}
	remaining := g.Remaining(nil, func(node string) float64 { return seconds[node] })
	if diff := cmp.Diff(map[string]float64{"end": 2, "middle": 8, "long": 9, "short": 7}, remaining); diff != "" {
		t.Errorf("remaining (-want +got)\n%s", diff)
	}
	frontier := NewFrontier(g, nil, remaining)
	for _, want := range []string{"long", "short"} {
		if node, _ := frontier.Next(); node != want {
			t.Errorf("%s is ready, want %s", node, want)
		}
	}
	q := NewQueue(1, nil)
	q.Push("short", remaining["short"], nil)
	q.Push("long", remaining["long"], nil)
	expect(t, q, "long")
	q.Release("long")
	expect(t, q, "short")
}

func TestADemandTakesAllOrNothing(t *testing.T) {
	q := NewQueue(10, Demand{"gpu": 2, "licence": 1})
	q.Push("both", 3, Demand{"gpu": 1, "licence": 1})
	q.Push("licence", 2, Demand{"licence": 1})
	q.Push("gpus", 1, Demand{"gpu": 2})
	q.Push("nothing", 0, nil)
	expect(t, q, "both", "nothing")
	q.Release("both")
	expect(t, q, "licence", "gpus")
}

// What waits for a pool takes no slot.
func TestWaitingTakesNoSlot(t *testing.T) {
	q := NewQueue(2, Demand{"gpu": 1})
	q.Push("a", 9, Demand{"gpu": 1})
	q.Push("b", 8, Demand{"gpu": 1})
	q.Push("c", 7, nil)
	q.Push("d", 6, nil)
	expect(t, q, "a", "c")
}

// Nodes that want little come without end, and there is never room for the one
// that wants all unless it is made: it starts nevertheless.
func TestAGreatDemandIsNotStarved(t *testing.T) {
	q := NewQueue(4, Demand{"gpu": 2})
	q.Push("small 0", 1, Demand{"gpu": 1})
	expect(t, q, "small 0")
	q.Push("great", 1, Demand{"gpu": 2})
	running := []string{"small 0"}
	for i := 1; i < 50; i++ {
		q.Push(fmt.Sprintf("small %d", i), 1, Demand{"gpu": 1})
		running = append(running, next(q)...)
		if running[len(running)-1] == "great" {
			return
		}
		q.Release(running[0]) // one of two goes on, so that the two are never free at once by chance
		running = running[1:]
	}
	t.Error("it has not started while 50 others have")
}

// What is not in the queue yet, and has more remaining, goes first.
func TestLessUrgentWaitsForWhatIsAboutToCome(t *testing.T) {
	q := NewQueue(2, nil)
	q.Push("short", 1, nil)
	q.Push("long", 5, nil)
	q.Expect("fresh", 3)
	expect(t, q, "long")
	q.Release("fresh")
	q.Expect("other", 0.5)
	if node, ok := q.Next(2); ok {
		t.Errorf("%s starts although something with 2 remaining is ready", node)
	}
	expect(t, q, "short")
}

func TestRaisedNodeGoesFirst(t *testing.T) {
	q := NewQueue(1, nil)
	for i, node := range []string{"a", "b", "c"} {
		q.Push(node, float64(3-i), nil)
	}
	q.Raise("c", 5)
	q.Raise("a", 1) // is less than it has
	q.Raise("nobody", 9)
	for _, want := range []string{"c", "a", "b"} {
		expect(t, q, want)
		q.Release(want)
	}
}

func TestDrainGivesWhatWaitsInOrder(t *testing.T) {
	q := NewQueue(1, Demand{"gpu": 1})
	q.Push("a", 1, nil)
	q.Push("b", 2, Demand{"gpu": 1})
	q.Push("c", 3, nil)
	expect(t, q, "c")
	if diff := cmp.Diff([]string{"b", "a"}, q.Drain()); diff != "" {
		t.Errorf("drained (-want +got)\n%s", diff)
	}
	q.Release("c")
	expect(t, q)
}

func TestADemandForMoreThanThereIsPanics(t *testing.T) {
	for _, demand := range []Demand{{"gpu": 3}, {"unknown": 1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v is taken in, and would wait for ever", demand)
				}
			}()
			NewQueue(1, Demand{"gpu": 2}).Push("a", 0, demand)
		}()
	}
}

// Random graphs whose nodes demand of several things at random and run for
// random times: never more is taken than there is, there is always somebody who
// runs, everybody does once, and nobody waits that fits and has not been
// overtaken (Next gives all that it can).
func TestQueueOnRandomGraphs(t *testing.T) {
	for seed := range uint64(500) {
		random := rand.New(rand.NewPCG(seed, 2))
		g, size := New(), 1+random.IntN(60)
		limits, demands, seconds := Demand{}, map[string]Demand{}, map[string]float64{}
		for i := range random.IntN(4) {
			limits[fmt.Sprint("pool ", i)] = 1 + random.Int64N(4)
		}
		for i := range size {
			node := fmt.Sprint(i)
			g.Add(node)
			for j := range i {
				if random.IntN(8) == 0 {
					g.Connect(node, fmt.Sprint(j))
				}
			}
			demands[node], seconds[node] = Demand{}, random.Float64()
			for name, limit := range limits {
				if random.IntN(2) == 0 {
					demands[node][name] = 1 + random.Int64N(limit)
				}
			}
		}
		slots := 1 + random.IntN(5)
		remaining := g.Remaining(nil, func(node string) float64 { return seconds[node] })
		frontier, q := NewFrontier(g, nil, remaining), NewQueue(slots, limits)
		var running []string
		ended := map[string]bool{}
		for !frontier.Finished() {
			for node, ok := frontier.Next(); ok; node, ok = frontier.Next() {
				q.Push(node, remaining[node], demands[node])
			}
			running = append(running, next(q)...)
			if len(running) == 0 {
				t.Fatalf("seed %d: nothing runs, and not all is done", seed)
			}
			if len(running) > slots {
				t.Fatalf("seed %d: %d run in %d slots", seed, len(running), slots)
			}
			for name, limit := range limits {
				taken := int64(0)
				for _, node := range running {
					taken += demands[node][name]
				}
				if taken > limit {
					t.Fatalf("seed %d: %d of %s are taken, of which there are %d", seed, taken, name, limit)
				}
			}
			i := random.IntN(len(running))
			node := running[i]
			running = append(running[:i], running[i+1:]...)
			if ended[node] {
				t.Fatalf("seed %d: %s ran twice", seed, node)
			}
			ended[node] = true
			q.Release(node)
			q.Release(node) // gives nothing back twice
			frontier.Done(node)
		}
		if len(ended) != size {
			t.Fatalf("seed %d: %d of %d ran", seed, len(ended), size)
		}
	}
}
