package plan

import (
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/engine/record"
)

// Runs of flows that are not deterministic differ between two machines with
// stores of their own, and so do the config hashes of all that uses them. If
// each machine judged the committed records by its own hashes, it would find
// none of the other's right, and they would write over each other's records for
// ever. So a committed record is judged by its shared hash: the config hash
// that its flow has with the results that the committed records name, wherever
// this machine has a choice of its own.

// judgeCommitted says whether the committed record, which lies elsewhere if it
// is not nil, is right.
func (f *Flow) judgeCommitted(committed *record.Record) {
	f.Elsewhere, f.superseded, f.CommittedRunID, f.ChoiceRunID = nil, nil, "", ""
	switch {
	case committed == nil || f.Pin != nil:
	case committed.Shared() == f.SharedHash:
		f.Elsewhere, f.CommittedRunID = committed, committed.RunID
		if f.Selected != nil && f.Selected != committed {
			f.ChoiceRunID = f.Selected.RunID
		}
	default:
		f.superseded = committed
	}
}

// sharedHash is a flow's shared hash; "" while it is not known.
func (s *Session) sharedHash(flow *Flow) string {
	shared, hooks := s.shareUpstream(flow), s.hooksOnRuns(flow.Address)
	if len(shared)+len(hooks) == 0 {
		if flow.ConfigHash == nil {
			return ""
		}
		return *flow.ConfigHash
	}
	for _, upstream := range shared {
		defer s.put(upstream, s.outcomes[upstream.Address])
		s.put(upstream, s.sharedResult(upstream))
	}
	s.shareHooks(hooks)
	defer s.unshareHooks(hooks)
	other := *flow
	resolved, diags := s.eval.Flow(flow.Instance)
	if diags.HasErrors() {
		flow.shared = flow.Resolved
		return ""
	}
	flow.shared, other.Resolved = resolved, resolved
	facts, _ := s.facts(&other)
	if m := manifest.New(facts); m.Known() {
		return m.Hash()
	}
	return ""
}

// shareUpstream are the flows that a flow refers to whose results other
// machines see in another way.
func (s *Session) shareUpstream(flow *Flow) []*Flow {
	var list []*Flow
	for _, address := range flow.DependsOn {
		if upstream := s.decided[address]; upstream != nil && (upstream.Elsewhere != nil || upstream.shared != nil) {
			list = append(list, upstream)
		}
	}
	return list
}

// sharedResult is a flow's result as other machines see it.
func (s *Session) sharedResult(flow *Flow) eval.Result {
	as := *flow
	if flow.shared != nil {
		as.Resolved = flow.shared
	}
	if flow.Elsewhere == nil {
		result := s.outcomes[flow.Address]
		result.Parameters = parameters(as.Resolved)
		return result
	}
	result, err := s.resultOf(&as, flow.Elsewhere)
	if err != nil {
		return eval.Result{Parameters: parameters(as.Resolved)} // an output is not known from here
	}
	return result
}
