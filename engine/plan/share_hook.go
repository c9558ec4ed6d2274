package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/manifest"
)

// A hook that is called with results of flows has another answer on each
// machine that has other results, and no machine can ask for another one's. So
// in shared hashes such a hook counts by what it is called with, as all
// machines see it, and not by its answer.

// shareHooks puts in what stands for the answers of hooks that were called with
// results of flows.
func (s *Session) shareHooks(names []string) {
	for _, name := range names {
		state, block := s.hooks[name], s.hookBlocks[name]
		if state == nil || !state.called || state.problem != nil {
			continue // unknown in any case
		}
		values, _ := s.eval.Block(&block.Block)
		if values["ambient"].True() || values["sensitive"].True() {
			continue // its answer does not count
		}
		var facts []manifest.Fact
		for _, argument := range []string{"args", "argv", "env", "function", "kwargs", "shell", "stdout"} {
			if value, ok := values[argument]; ok {
				facts = append(facts, eval.Facts(manifest.At(argument), value.Hashed)...)
			}
		}
		shared := s.unknownHook(block)
		if call := manifest.New(facts); call.Known() {
			// The same in both forms: this is only hashed, and this machine's answer must not count.
			shared = eval.Plain(standIn(state.value.Hashed, call.Hash()))
			shared.Real = shared.Real.Mark(eval.Hook(name))
		}
		s.eval.SetHook(block, shared)
	}
}

// unshareHooks puts the answers themselves back in.
func (s *Session) unshareHooks(names []string) {
	for _, name := range names {
		if state := s.hooks[name]; state != nil && state.called {
			s.eval.SetHook(s.hookBlocks[name], state.value)
		}
	}
}

// standIn is a value of the same shape, with texts in it that depend only on
// the call and on where they stand.
func standIn(value cty.Value, call string) cty.Value {
	plain, _ := value.UnmarkDeep()
	shaped, err := cty.Transform(plain, func(path cty.Path, v cty.Value) (cty.Value, error) {
		if v.IsNull() || !v.IsKnown() || !v.Type().IsPrimitiveType() {
			return v, nil
		}
		return cty.StringVal("@" + manifest.Digest(fmt.Sprintf("%s %#v", call, path))), nil
	})
	if err != nil {
		panic(err) // the function gives no error
	}
	return shaped
}

// hooksOnRuns are the hooks between a node and the flows it depends on that are
// called with results of flows, each after those that it is called with.
func (s *Session) hooksOnRuns(node string) []string {
	var nodes []string
	seen := map[string]bool{}
	for pending := s.Graph.Needs(node); len(pending) > 0; {
		next := pending[0]
		pending = pending[1:]
		if seen[next] || s.instances[next] != nil {
			continue
		}
		seen[next] = true
		if s.IsHook(next) && len(s.dependencies(next)) > 0 {
			nodes = append(nodes, next)
		}
		pending = append(pending[:len(pending):len(pending)], s.Graph.Needs(next)...)
	}
	slices.SortFunc(nodes, func(a, b string) int {
		return cmp.Or(len(s.Graph.Closure(a))-len(s.Graph.Closure(b)), cmp.Compare(a, b))
	})
	var names []string
	for _, node := range nodes {
		names = append(names, hookName(node))
	}
	return names
}
