package plan

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/hook"
	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/schema"
)

// Approved is a plan that was made earlier, with all that is needed to carry
// it out and to do nothing more than it says.
type Approved struct {
	Plan    *Plan             // with the manifests of its flows
	Pending []string          // flows that it changes, by address
	Targets []string          // that were given
	Replace []string          // flows that were forced
	Exclude []string          // flows that were left out, by name
	Newest  map[string]string // newest run that the record of a flow had, by address
	Hooks   map[string]Answer // by the hook's name
	Origins map[string]Origin // of flows with arguments, and environments with locks, that were not known, by address
	Locks   map[string]string // digests of the locks that were not stale, by the environment's name
}

// Answer is the value of a hook, and what was asked for it.
type Answer struct {
	Call  string          `json:"call"` // digest of the arguments of its block
	Value json.RawMessage `json:"value"`
}

// Approve gives a plan of this session with what is needed to carry it out
// later. Of hooks it has no value that is sensitive, or made so where it is
// used, and none that is not hashed and may so be another one then.
func (s *Session) Approve(p *Plan) *Approved {
	a := &Approved{
		Plan: p, Targets: texts(s.Options.Targets), Replace: s.inOrder(s.forced), Exclude: s.inOrder(s.excluded),
		Newest: map[string]string{}, Hooks: map[string]Answer{}, Locks: map[string]string{}, Origins: map[string]Origin{},
	}
	for _, flow := range p.Flows {
		if flow.Pending() {
			a.Pending = append(a.Pending, flow.Address)
		}
		if flow.Selected != nil {
			a.Newest[flow.Address] = newestRun(flow.Selected)
		}
		if flow.Resolved != nil && !flow.Manifest.Known() {
			a.Origins[flow.Address] = s.origin(flow)
		}
	}
	hidden := eval.Hidden(s.Config)
	for name, state := range s.hooks {
		block := s.hookBlocks[name]
		if hidden[block.Address.Whole()] || refersTo(block, hidden) {
			continue
		}
		if answer, ok := s.answerOf(block, state); ok {
			a.Hooks[name] = answer
		}
	}
	for name, e := range s.environments {
		if lock, _ := e.Locked(); lock != nil {
			a.Locks[name] = lock.Digest
		} else {
			a.Origins[e.Block.Address.String()] = s.originOfLock(e)
		}
	}
	return a
}

func texts(targets []Target) []string {
	var list []string
	for _, target := range targets {
		list = append(list, target.String())
	}
	return list
}

// inOrder lists the nodes of a set.
func (s *Session) inOrder(nodes map[string]bool) []string {
	return slices.DeleteFunc(slices.Clone(s.order), func(node string) bool { return !nodes[node] })
}

// refersTo says whether an argument of a hook refers to one of these addresses.
func refersTo(block *schema.Hook, addresses map[schema.Address]bool) bool {
	return slices.ContainsFunc(block.Arguments, func(attribute *schema.Attribute) bool {
		return slices.ContainsFunc(schema.References(attribute.Expr), func(r *schema.Reference) bool { return addresses[r.Address.Whole()] })
	})
}

// newestRun is the run that a record has heard of last.
func newestRun(rec *record.Record) string {
	if rec == nil {
		return ""
	}
	if last := len(rec.Equivalent) - 1; last >= 0 {
		return rec.Equivalent[last].RunID
	}
	return rec.RunID
}

// ranSince says whether a flow has run since the plan that is carried out was
// made: what forced it to run, or made its result too old, has been seen to.
func (s *Session) ranSince(flow *Flow) bool {
	return s.Options.Approved != nil && newestRun(flow.Selected) != s.Options.Approved.Newest[flow.Address]
}

// targetApproved works out which nodes are walked to carry out a plan: the
// flows that it changes, as far as they are declared, with what they need.
func (s *Session) targetApproved() {
	approved := s.Options.Approved
	var nodes []string
	for _, address := range approved.Pending {
		if s.instances[address] != nil {
			nodes = append(nodes, address)
		}
	}
	if len(approved.Targets) == 0 {
		nodes = append(nodes, s.hooksOfOutputs()...)
	}
	s.walk(nodes, s.Graph.Dependents(approved.Exclude...))
	s.planned = map[string]*Flow{}
	for _, flow := range approved.Plan.Flows {
		s.planned[flow.Address] = flow
	}
}

// Gone lists the flows that the approved plan changes and that are not
// declared any more.
func (s *Session) Gone() []string {
	var list []string
	if approved := s.Options.Approved; approved != nil {
		for _, address := range approved.Pending {
			if s.instances[address] == nil {
				list = append(list, address)
			}
		}
	}
	return list
}

// MayLock says whether a stale lock may be made anew: not one that was good
// when the approved plan was made, and not of other packages.
func (s *Session) MayLock(e *Environment) bool {
	approved := s.Options.Approved
	return approved == nil ||
		approved.Locks[e.Block.Address.Local()] == "" && maps.Equal(approved.Origins[e.Block.Address.String()], s.originOfLock(e))
}

// answerOf is a hook's value as it can be kept in a plan.
func (s *Session) answerOf(block *schema.Hook, state *hookState) (Answer, bool) {
	if !state.called || state.problem != nil || eval.Has(state.value.Real, eval.Sensitive) || eval.Has(state.value.Real, eval.Ambient) {
		return Answer{}, false
	}
	call, ok := s.callDigest(block)
	return Answer{Call: call, Value: json.RawMessage(eval.CanonicalJSON(state.value.Unmarked()))}, ok
}

// callDigest is the digest of a hook's arguments in their hashed form; false
// while one is not known.
func (s *Session) callDigest(block *schema.Hook) (string, bool) {
	values, diags := s.eval.Block(&block.Block)
	if diags.HasErrors() {
		return "", false
	}
	var facts []manifest.Fact
	for name, value := range values {
		facts = append(facts, eval.Facts(manifest.At(name), value.Hashed)...)
	}
	m := manifest.New(facts)
	if !m.Known() {
		return "", false
	}
	return m.Hash(), true
}

// answered gives a hook the value that it has in the approved plan, unless
// something else is asked of it now.
func (s *Session) answered(block *schema.Hook) bool {
	if s.Options.Approved == nil {
		return false
	}
	name := block.Address.Local()
	answer, ok := s.Options.Approved.Hooks[name]
	if call, known := s.callDigest(block); !ok || !known || call != answer.Call {
		return false
	}
	group := &HookCalls{names: []string{name}}
	return !s.Answer(group, []hook.Result{{Value: answer.Value}}).HasErrors()
}
