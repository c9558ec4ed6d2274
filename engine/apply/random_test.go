package apply_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/apply"
)

// node is one flow of a random graph.
type node struct {
	address string
	uses    []int // by a reference
	depends []int // by depends_on
	after   []int
	fails   bool
}

// randomGraph is a graph in which every flow may need any that come before.
func randomGraph(random *rand.Rand) []node {
	nodes := make([]node, 1+random.IntN(12))
	density := 2 + random.IntN(5)
	for i := range nodes {
		nodes[i] = node{address: fmt.Sprintf("flow.f%d", i), fails: random.IntN(6) == 0}
		for j := range i {
			switch random.IntN(3 * density) {
			case 0, 1:
				nodes[i].uses = append(nodes[i].uses, j)
			case 2:
				nodes[i].depends = append(nodes[i].depends, j)
			case 3:
				nodes[i].after = append(nodes[i].after, j)
			}
		}
	}
	return nodes
}

// config writes a graph as a configuration, its flows in any order. A flow's
// command is its number, modulo some other.
func config(nodes []node, modulo int, random *rand.Rand) string {
	list := func(of []int, attribute string) string {
		var parts []string
		for _, i := range of {
			parts = append(parts, nodes[i].address+attribute)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	var text strings.Builder
	for _, i := range random.Perm(len(nodes)) {
		n := nodes[i]
		fmt.Fprintf(&text, "flow \"command\" \"f%d\" {\n  argv = [\"true\", \"%d\"]\n  bundle { include = [] }\n", i, i%modulo)
		fmt.Fprintf(&text, "  parameters = { runs = %s }\n", list(n.uses, ".run_id"))
		fmt.Fprintf(&text, "  depends_on = %s\n  after = %s\n}\n", list(n.depends, ""), list(n.after, ""))
	}
	return text.String()
}

// causes works out, flow by flow, what must become of it: "" where it
// succeeds, else the failed flows that it can be blamed on, itself if it fails.
func causes(nodes []node) [][]string {
	all := make([][]string, len(nodes))
	for i, n := range nodes {
		for _, need := range append(slices.Clone(n.uses), n.depends...) {
			all[i] = append(all[i], all[need]...)
		}
		if len(all[i]) == 0 && n.fails {
			all[i] = []string{n.address}
		}
	}
	return all
}

// Random graphs: each flow runs once, after all that it needs, no more than
// --parallelism at once; a failure blocks those that need it and no other, and
// is named by them; `after` is order alone; each flow ends once, and all are
// counted.
func TestRandomGraphs(t *testing.T) {
	for seed := range uint64(25) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 3))
			nodes, runner := randomGraph(random), newFake()
			for _, n := range nodes {
				if n.fails {
					runner.fails[n.address] = "on purpose"
				}
			}
			p := newProject(t, config(nodes, len(nodes), random), runner)
			p.parallelism = 1 + random.IntN(4)
			result := p.apply(context.Background(), nil)
			if result.err != nil {
				t.Fatal(result.err)
			}
			if runner.most > p.parallelism {
				t.Errorf("%d flows ran at once, of %d that may", runner.most, p.parallelism)
			}
			checkOutcomes(t, p, nodes, result)
			checkOrder(t, nodes, result.events)
			checkCounts(t, len(nodes), result)
			checkNextApply(t, p, result)
		})
	}
}

// checkNextApply expects that, with all mended, exactly that runs which has
// not succeeded before.
func checkNextApply(t *testing.T, p *project, first applied) {
	t.Helper()
	runner := newFake()
	p.runner = runner
	states, runs := map[string]apply.State{}, map[string]int{}
	for address, state := range first.states() {
		states[address] = apply.Fresh
		if state != apply.Succeeded {
			states[address], runs[address] = apply.Succeeded, 1
		}
	}
	equal(t, states, p.apply(context.Background(), nil).states())
	equal(t, runs, runner.runs)
}

func checkOutcomes(t *testing.T, p *project, nodes []node, result applied) {
	t.Helper()
	runs, recorded, reasons := map[string]int{}, map[string]string{}, map[string]string{}
	states := map[string]apply.State{}
	for i, blame := range causes(nodes) {
		address := nodes[i].address
		switch {
		case len(blame) == 0:
			states[address], runs[address] = apply.Succeeded, 1
			recorded[address] = fmt.Sprintf("f%d/1", i)
		case blame[0] == address:
			states[address], runs[address] = apply.Failed, 1
			reasons[address] = "on purpose"
		default:
			states[address] = apply.Blocked
		}
	}
	equal(t, states, result.states())
	equal(t, runs, p.runner.(*fake).runs)
	equal(t, recorded, p.recorded())
	for _, event := range result.events {
		if event.State == apply.Blocked {
			cause, _ := strings.CutSuffix(event.Reason, " failed")
			var i int
			_, _ = fmt.Sscanf(event.Address, "flow.f%d", &i)
			if !slices.Contains(causes(nodes)[i], cause) {
				t.Errorf("%s says %q, and what it needs is broken by %v", event.Address, event.Reason, causes(nodes)[i])
			}
		}
		if event.State == apply.Failed && event.Reason != reasons[event.Address] {
			t.Errorf("%s: %s", event.Address, event.Reason)
		}
	}
}

// checkOrder expects that a flow is begun when all before it have ended, for
// better or worse, and that its states follow one another.
func checkOrder(t *testing.T, nodes []node, events []apply.Event) {
	t.Helper()
	begun, ended := map[string]int{}, map[string]int{}
	states := map[string][]apply.State{}
	for i, event := range events {
		if _, ok := begun[event.Address]; !ok {
			begun[event.Address] = i
		}
		ended[event.Address] = i
		states[event.Address] = append(states[event.Address], event.State)
	}
	for _, n := range nodes {
		for _, before := range slices.Concat(n.uses, n.depends, n.after) {
			if begun[n.address] < ended[nodes[before].address] {
				t.Errorf("%s was begun before %s had ended", n.address, nodes[before].address)
			}
		}
		seen := states[n.address]
		last := seen[len(seen)-1]
		want := []apply.State{apply.Preparing, apply.Running, last}
		if last == apply.Blocked {
			want = []apply.State{last}
		}
		if diff := cmp.Diff(want, seen); diff != "" || !last.Ended() {
			t.Errorf("states of %s (-want +got)\n%s", n.address, diff)
		}
	}
}

func checkCounts(t *testing.T, total int, result applied) {
	t.Helper()
	done := 0
	for _, event := range result.events {
		if event.State.Ended() {
			done++
		}
		if event.Done != done || event.Total != total {
			t.Errorf("%s %s is [%d/%d], want [%d/%d]", event.Address, event.State, event.Done, event.Total, done, total)
		}
	}
	s := result.summary
	if sum := s.Succeeded + s.Fresh + s.Reused + s.Failed + s.Blocked + s.Cancelled + s.Stale; done != total || sum != total {
		t.Errorf("of %d flows %d have ended, and %d are counted", total, done, sum)
	}
}

// As many flows as may run at once do: each of them waits for the others.
func TestFlowsRunAtOnce(t *testing.T) {
	const parallelism = 4
	runner := newFake()
	all := make(chan struct{})
	left := make(chan int, 1)
	left <- parallelism
	runner.began = func(string) []string {
		n := <-left - 1
		if left <- n; n == 0 {
			close(all)
		}
		<-all
		return []string{"/bin/true"}
	}
	p := newProject(t, config(make([]node, parallelism), parallelism, rand.New(rand.NewPCG(1, 1))), runner)
	p.parallelism = parallelism
	result := p.apply(context.Background(), nil)
	equal(t, parallelism, result.summary.Succeeded)
}

// Random graphs in which many flows have the same inputs: of those that have,
// one runs, and the others take its run.
func TestRandomTwins(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 4))
			nodes, runner := randomGraph(random), newFake()
			p := newProject(t, config(nodes, 3, random), runner)
			p.parallelism = 1 + random.IntN(4)
			result := p.apply(context.Background(), nil)

			inputs, recorded := make([]string, len(nodes)), p.recorded()
			runs := map[string]string{}
			for i, n := range nodes {
				var depends []string
				for _, need := range n.depends {
					depends = append(depends, inputs[need])
				}
				slices.Sort(depends)
				inputs[i] = fmt.Sprint(i%3, depends)
				for _, need := range n.uses {
					inputs[i] += fmt.Sprintf(" (%s)", inputs[need])
				}
				if run, ok := runs[inputs[i]]; ok && run != recorded[n.address] {
					t.Errorf("%s has the run %s, and one with the same inputs %s", n.address, recorded[n.address], run)
				}
				runs[inputs[i]] = recorded[n.address]
			}
			s := result.summary
			if s.Succeeded != len(runs) || s.Reused != len(nodes)-len(runs) {
				t.Errorf("of %d flows with %d different inputs %d ran and %d took a run", len(nodes), len(runs), s.Succeeded, s.Reused)
			}
			if runner.most > p.parallelism {
				t.Errorf("%d flows ran at once, of %d that may", runner.most, p.parallelism)
			}
			checkCounts(t, len(nodes), result)
		})
	}
}
