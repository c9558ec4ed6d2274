package apply_test

import (
	"context"
	"testing"

	"github.com/flowrider/flowrider/engine/apply"
)

// Two flows end in either order, one of them failing or not: what becomes of
// all flows is the same.
func TestOrderOfReportsDoesNotCount(t *testing.T) {
	const config = `
		flow "command" "a" {
			argv = ["a"]
			bundle { include = [] }
		}
		flow "command" "b" {
			argv = ["b"]
			bundle { include = [] }
		}
		flow "command" "both" {
			argv       = ["both"]
			parameters = { runs = [flow.a.run_id, flow.b.run_id] }
			bundle { include = [] }
		}
		flow "command" "only_a" {
			argv       = ["only_a"]
			parameters = { run = flow.a.run_id }
			bundle { include = [] }
		}`
	succeeded := map[string]apply.State{
		"flow.a": apply.Succeeded, "flow.b": apply.Succeeded, "flow.both": apply.Succeeded, "flow.only_a": apply.Succeeded,
	}
	withoutB := map[string]apply.State{
		"flow.a": apply.Succeeded, "flow.b": apply.Failed, "flow.both": apply.Blocked, "flow.only_a": apply.Succeeded,
	}
	for _, test := range []struct {
		name, first, second string
		fails               map[string]string
		want                map[string]apply.State
		recorded            map[string]string
	}{
		{"a, then b", "flow.a", "flow.b", nil, succeeded,
			map[string]string{"flow.a": "a/1", "flow.b": "b/1", "flow.both": "both/1", "flow.only_a": "only_a/1"}},
		{"b, then a", "flow.b", "flow.a", nil, succeeded,
			map[string]string{"flow.a": "a/1", "flow.b": "b/1", "flow.both": "both/1", "flow.only_a": "only_a/1"}},
		{"a, then b which fails", "flow.a", "flow.b", map[string]string{"flow.b": "no luck"}, withoutB,
			map[string]string{"flow.a": "a/1", "flow.only_a": "only_a/1"}},
		{"b which fails, then a", "flow.b", "flow.a", map[string]string{"flow.b": "no luck"}, withoutB,
			map[string]string{"flow.a": "a/1", "flow.only_a": "only_a/1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			runner := newFake()
			ended := make(chan struct{})
			runner.fails = test.fails
			runner.judging = func(address string) {
				if address == test.second {
					<-ended // both have run by now
				}
			}
			p := newProject(t, config, runner)
			var order []string
			result := p.apply(context.Background(), func(event apply.Event) {
				if event.State.Ended() && (event.Address == test.first || event.Address == test.second) {
					order = append(order, event.Address)
					if event.Address == test.first {
						close(ended)
					}
				}
			})
			equal(t, []string{test.first, test.second}, order)
			equal(t, test.want, result.states())
			equal(t, test.recorded, p.recorded())
			checkCounts(t, 4, result)
		})
	}
}
