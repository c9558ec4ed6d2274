package graph

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// build reads "a: b c" lines: a needs b and c.
func build(text string) *Graph {
	g := New()
	for line := range strings.Lines(text) {
		node, needs, _ := strings.Cut(strings.TrimSpace(line), ":")
		if node == "" {
			continue
		}
		g.Add(node)
		for _, need := range strings.Fields(needs) {
			g.Connect(node, need)
		}
	}
	return g
}

func TestOrderPutsEachNodeAfterWhatItNeeds(t *testing.T) {
	g := build("report: select\nselect: train clean\ntrain: clean\nclean:\n")
	want := []string{"clean", "train", "select", "report"}
	if diff := cmp.Diff(want, g.Order()); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestCycleIsTheExactClosedPath(t *testing.T) {
	for text, want := range map[string]string{
		"a: b\nb: a\n":                            "a -> b -> a",
		"a: a\n":                                  "a -> a",
		"in: b\na: c\nb: a\nc: b\nout:\n":         "b -> a -> c -> b",
		"a: b c\nb: d\nc: d\nd:\n":                "",
		"a: b\nb: a a2\na2: b\n":                  "a -> b -> a", // the other one shares b
		"in: a x\na: a\nx: y\ny: in2 x\nin2: a\n": "a -> a; x -> y -> x",
	} {
		var cycles []string
		for _, cycle := range build(text).Cycles() {
			cycles = append(cycles, strings.Join(cycle, " -> "))
		}
		if got := strings.Join(cycles, "; "); got != want {
			t.Errorf("cycle of %q: got %q, want %q", text, got, want)
		}
	}
}

func TestALongChainNeedsNoDeepStack(t *testing.T) {
	g := New()
	for i := range 200_000 {
		g.Connect(fmt.Sprint(i), fmt.Sprint(i+1))
	}
	if cycles := g.Cycles(); cycles != nil {
		t.Errorf("a chain has the cycle %v", cycles[0][:3])
	}
	g.Connect("200000", "0")
	if cycles := g.Cycles(); len(cycles) != 1 || len(cycles[0]) != 200_002 {
		t.Errorf("the closed chain has %d cycles, want one of 200002 nodes", len(cycles))
	}
}

func TestClosures(t *testing.T) {
	g := build("c: b\nb: a\na:\nx:\n")
	if diff := cmp.Diff(map[string]bool{"b": true, "a": true}, g.Closure("b")); diff != "" {
		t.Errorf("what b needs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]bool{"b": true, "c": true}, g.Dependents("b")); diff != "" {
		t.Errorf("what needs b (-want +got):\n%s", diff)
	}
}

// Random acyclic graphs: the frontier gives every wanted node once, and never
// before what it needs.
func TestFrontierOnRandomGraphs(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		g, size := New(), 1+random.IntN(40)
		for i := range size {
			g.Add(fmt.Sprint(i))
			for j := range i {
				if random.IntN(4) == 0 {
					g.Connect(fmt.Sprint(i), fmt.Sprint(j))
				}
			}
		}
		wanted := g.Closure(fmt.Sprint(random.IntN(size)), fmt.Sprint(random.IntN(size)))
		frontier, done := NewFrontier(g, wanted, nil), map[string]bool{}
		var running []string
		for !frontier.Finished() {
			for node, ok := frontier.Next(); ok; node, ok = frontier.Next() {
				for _, need := range g.Needs(node) {
					if !done[need] {
						t.Fatalf("seed %d: %s was ready before %s was done", seed, node, need)
					}
				}
				running = append(running, node)
			}
			if len(running) == 0 {
				t.Fatalf("seed %d: nothing is ready and nothing runs", seed)
			}
			i := random.IntN(len(running))
			done[running[i]] = true
			frontier.Done(running[i])
			running = append(running[:i], running[i+1:]...)
		}
		if diff := cmp.Diff(wanted, done); diff != "" {
			t.Fatalf("seed %d: nodes done (-want +got):\n%s", seed, diff)
		}
	}
}

func TestAfterIsOrderAlone(t *testing.T) {
	g := New()
	g.ConnectAfter("late", "early")
	g.Connect("late", "needed")
	if diff := cmp.Diff([]string{"early", "needed", "late"}, g.Order()); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]bool{"late": true, "needed": true}, g.Closure("late")); diff != "" {
		t.Errorf("what late needs (-want +got):\n%s", diff)
	}
	frontier := NewFrontier(g, g.Closure("late"), nil)
	for _, want := range []string{"needed", "late"} {
		node, _ := frontier.Next()
		if node != want {
			t.Fatalf("next is %q, want %q", node, want)
		}
		frontier.Done(node)
	}
}

func TestOrderEdgesAreForOrderAlone(t *testing.T) {
	g := New()
	g.ConnectOrder("pinned", "early")
	g.Connect("early", "first")
	if diff := cmp.Diff([]string{"first", "early", "pinned"}, g.Order()); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]bool{"pinned": true}, g.Closure("pinned")); diff != "" {
		t.Errorf("what pinned needs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]bool{"pinned": true, "early": true, "first": true}, g.Before("pinned")); diff != "" {
		t.Errorf("what pinned comes after (-want +got):\n%s", diff)
	}
	frontier := NewFrontier(g, nil, nil)
	for _, want := range []string{"pinned", "first", "early"} {
		node, _ := frontier.Next()
		if node != want {
			t.Fatalf("next is %q, want %q", node, want)
		}
		frontier.Done(node)
	}
	if !frontier.Finished() {
		t.Error("not finished after all nodes")
	}
}
