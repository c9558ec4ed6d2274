package apply_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/runner/command"
	"github.com/flowrider/flowrider/schema"
)

// approve makes the project's next applies carry out what is planned now.
func (p *project) approve() {
	p.Helper()
	p.approved = nil
	session := p.session()
	p.approved = session.Approve(p.plan(session))
}

// reconfigure edits the configuration.
func (p *project) reconfigure(edits *strings.Replacer) {
	p.Helper()
	path := filepath.Join(p.root, schema.FileName)
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(edits.Replace(string(text))), 0o644)
	}
	if err != nil {
		p.Fatal(err)
	}
}

// Random graphs, of which some flows are edited after the plan was approved:
// those are stale, what needs them is blocked, all others run, and the next
// apply without the plan does the rest.
func TestRandomEditsOfWhatWasApproved(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 5))
			nodes, runner := randomGraph(random), newFake() // a flow that fails is here one that is edited
			p := newProject(t, config(nodes, len(nodes), random), runner)
			p.parallelism = 1 + random.IntN(4)
			if random.IntN(2) == 0 { // some of them are up to date
				p.variables = map[string]string{}
				p.apply(context.Background(), nil)
				p.replace = []string{nodes[0].address}
			}
			before := p.recorded()
			p.approve()
			planned := p.approved.Pending
			var edits []string
			for i, n := range nodes {
				if n.fails {
					edits = append(edits, fmt.Sprintf(`"true", "%d"`, i), fmt.Sprintf(`"true", "%d edited"`, i))
				}
			}
			p.reconfigure(strings.NewReplacer(edits...))
			runner.runs = map[string]int{}
			result := p.apply(context.Background(), nil)
			if result.err != nil {
				t.Fatal(result.err)
			}
			for i, blame := range causes(nodes) {
				address := nodes[i].address
				state, walked := result.states()[address]
				ran := runner.runs[address] > 0
				switch {
				case ran && !slices.Contains(planned, address):
					t.Errorf("%s ran, which was not planned", address)
				case !walked && slices.Contains(planned, address):
					t.Errorf("%s was planned and not walked", address)
				case !walked:
				case len(blame) == 0 && state != apply.Succeeded && state != apply.Fresh:
					t.Errorf("%s is %s, and nothing has changed", address, state)
				case len(blame) > 0 && blame[0] == address && state != apply.Stale:
					t.Errorf("%s was edited and is %s", address, state)
				case len(blame) > 0 && blame[0] != address && state != apply.Blocked:
					t.Errorf("%s needs %v and is %s", address, blame, state)
				case len(blame) > 0 && p.recorded()[address] != before[address]:
					t.Errorf("%s is %s and was recorded", address, state)
				}
			}
			checkCounts(t, len(result.states()), result)
			p.approved, p.replace = nil, nil
			s := p.apply(context.Background(), nil).summary
			if s.Failed+s.Blocked+s.Stale > 0 {
				t.Errorf("the next apply is not free: %+v", s)
			}
		})
	}
}

// Random graphs in which many flows have the same inputs: which of them runs
// for the others may be another one than was planned, and nothing is stale.
func TestRandomTwinsOfWhatWasApproved(t *testing.T) {
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 6))
		nodes, runner := randomGraph(random), newFake()
		p := newProject(t, config(nodes, 3, random), runner)
		p.parallelism = 1 + random.IntN(4)
		p.approve()
		s := p.apply(context.Background(), nil).summary
		if s.Succeeded+s.Reused != len(nodes) {
			t.Errorf("seed %d: of %d flows not all are done: %+v", seed, len(nodes), s)
		}
		runner.runs = map[string]int{}
		s = p.apply(context.Background(), nil).summary
		if s.Fresh != len(nodes) || len(runner.runs) > 0 {
			t.Errorf("seed %d: done twice, something is left to do: %+v", seed, s)
		}
	}
}

// A file is edited after the flow was found to be as it was approved, and
// before it is copied: the bytes that would run are not the approved ones.
func TestEditBetweenApprovalAndCopy(t *testing.T) {
	p := newProject(t, `
		flow "command" "a" {
			argv = ["cp", "code", "out.txt"]
			output "n" { file = "out.txt" }
		}`, command.Runner{})
	p.write("code", "1")
	p.approve()
	result := p.apply(context.Background(), func(event apply.Event) {
		if event.State == apply.Preparing {
			p.write("code", "2")
		}
	})
	equal(t, map[string]apply.State{"flow.a": apply.Stale}, result.states())
	equal(t, "code_changed", result.events[len(result.events)-1].Reason)
	equal(t, "(none)", p.read("out.txt"))
	p.write("code", "1")
	equal(t, nil, p.ends("a=succeeded"))
	equal(t, "1", p.read("out.txt"))
}

// Of two flows with the same inputs, the one runs that can be started first,
// whichever it is in the plan.
func TestOtherTwinThanWasApproved(t *testing.T) {
	p := newProject(t, `
		flow "command" "before" { argv = ["true", "before"] }
		flow "command" "first" {
			argv  = ["true"]
			after = [flow.before]
		}
		flow "command" "second" { argv = ["true"] }`, newFake())
	p.approve()
	equal(t, "reuse", string(p.approved.Plan.Flow("flow.second").Verdict))
	equal(t, nil, p.ends("before=succeeded first=reused second=succeeded"))
}
