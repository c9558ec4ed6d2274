package apply_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/engine/hook"
	"github.com/flowrider/flowrider/engine/manifest"
)

// place is an environment that is locked and built when the test wants it to
// be.
type place struct {
	locked, built         bool
	lockError, buildError error

	mutex         sync.Mutex
	locks, builds int
}

func (e *place) Locked() (*environment.Lock, error) {
	if !e.locked {
		return nil, &environment.Stale{Reason: "there is no lock yet"}
	}
	return &environment.Lock{Digest: manifest.Digest("python 3.11\n"), Facts: "python 3.11\n"}, nil
}

func (e *place) Lock(context.Context, io.Writer) (*environment.Lock, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.locks++
	if e.lockError != nil {
		return nil, e.lockError
	}
	e.locked = true
	return e.Locked()
}

func (e *place) Built(*environment.Lock) (*environment.Prefix, bool) {
	return &environment.Prefix{Python: "/bin/true"}, e.built
}

func (e *place) Build(context.Context, *environment.Lock, io.Writer) (*environment.Prefix, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.builds++
	if e.buildError != nil {
		return nil, e.buildError
	}
	e.built = true
	prefix, _ := e.Built(nil)
	return prefix, nil
}

const inPlaces = `
	environment "pip" "ml" {}
	environment "pip" "unused" {}

	flow "command" "a" {
		argv        = ["a"]
		environment = environment.ml
		bundle { include = [] }
	}
	flow "command" "b" {
		argv        = ["b"]
		environment = environment.ml
		bundle { include = [] }
	}
	flow "command" "after_a" {
		argv       = ["after_a"]
		depends_on = [flow.a]
		bundle { include = [] }
	}
	flow "command" "without" {
		argv = ["without"]
		bundle { include = [] }
	}`

// inPlace is a project whose flows run in the environment ml. The other one
// must be left alone.
func inPlace(t *testing.T, config string, ml *place) *project {
	p := newProject(t, config, newFake())
	unused := &place{lockError: errors.New("not to be locked")}
	p.environment = func(name string) environment.Environment {
		if name == "ml" {
			return ml
		}
		return unused
	}
	t.Cleanup(func() { equal(t, 0, unused.locks+unused.builds) })
	return p
}

// However many flows use an environment, it is locked once and built once.
func TestEnvironmentIsMadeOnce(t *testing.T) {
	ml := &place{}
	p := inPlace(t, inPlaces, ml)
	p.parallelism = 4
	result := p.apply(context.Background(), nil)
	equal(t, 4, result.summary.Succeeded)
	equal(t, [2]int{1, 1}, [2]int{ml.locks, ml.builds})
	equal(t, 4, p.apply(context.Background(), nil).summary.Fresh)
	equal(t, [2]int{1, 1}, [2]int{ml.locks, ml.builds})
}

// An environment that cannot be had blocks or fails those that use it, with a
// word that leads to its block; the others go on.
func TestEnvironmentThatCannotBeMade(t *testing.T) {
	for _, test := range []struct {
		name   string
		ml     *place
		states map[string]apply.State
		reason string // of flow.a
	}{
		{"lock", &place{lockError: errors.New("no such package")}, map[string]apply.State{
			"flow.a": apply.Blocked, "flow.b": apply.Blocked, "flow.after_a": apply.Blocked, "flow.without": apply.Succeeded,
		}, "environment.ml failed"},
		{"build", &place{buildError: errors.New("no compiler")}, map[string]apply.State{
			"flow.a": apply.Failed, "flow.b": apply.Failed, "flow.after_a": apply.Blocked, "flow.without": apply.Succeeded,
		}, "environment.ml (flowrider.hcl:2) cannot be built: no compiler"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := inPlace(t, inPlaces, test.ml)
			result := p.apply(context.Background(), nil)
			equal(t, test.states, result.states())
			equal(t, map[string]string{"flow.without": "without/1"}, p.recorded())
			for _, event := range result.events {
				if event.Address == "flow.a" && event.State.Ended() {
					equal(t, test.reason, event.Reason)
				}
			}
			if test.ml.locks != 1 || test.ml.builds > 1 {
				t.Errorf("locked %d times, built %d times", test.ml.locks, test.ml.builds)
			}
			if failures := result.summary.Failures(); failures == nil || !strings.Contains(failures.Error(), "environment.ml") {
				t.Errorf("failures: %v", failures)
			}
		})
	}
}

const withHooks = `
	environment "pip" "ml" {}
	environment "pip" "unused" {}

	hook "python" "first" {
		function    = "m:first"
		environment = environment.ml
	}
	hook "python" "second" {
		function    = "m:second"
		environment = environment.ml
	}
	flow "command" "a" {
		argv       = ["a"]
		parameters = { value = hook.first }
		bundle { include = [] }
	}
	flow "command" "b" {
		argv       = ["b"]
		parameters = { value = hook.second }
		bundle { include = [] }
	}`

// Hooks whose environment was not there when the plan was made are called
// before their first user, all at once. One that fails blocks its users alone.
func TestHooksThatPlanCouldNotCall(t *testing.T) {
	for _, test := range []struct {
		name   string
		second hook.Result
		want   map[string]apply.State
	}{
		{"both answer", hook.Result{Value: json.RawMessage(`{"n":2}`)},
			map[string]apply.State{"flow.a": apply.Succeeded, "flow.b": apply.Succeeded}},
		{"one fails", hook.Result{Err: errors.New("ValueError: no")},
			map[string]apply.State{"flow.a": apply.Succeeded, "flow.b": apply.Blocked}},
		{"one answers with no JSON", hook.Result{Value: json.RawMessage(`{`)},
			map[string]apply.State{"flow.a": apply.Succeeded, "flow.b": apply.Blocked}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := inPlace(t, withHooks, &place{})
			var groups []int
			p.hooks = func(calls []hook.Call) []hook.Result {
				groups = append(groups, len(calls))
				results := make([]hook.Result, len(calls))
				for i, call := range calls {
					results[i] = hook.Result{Value: json.RawMessage(`1`)}
					if call.Function == "second" {
						results[i] = test.second
					}
				}
				return results
			}
			result := p.apply(context.Background(), nil)
			equal(t, 2, result.planned.Summary.Run)
			equal(t, test.want, result.states())
			equal(t, []int{2}, groups)
		})
	}
}
