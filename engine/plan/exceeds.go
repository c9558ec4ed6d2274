package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/flowrider/flowrider/engine/manifest"
)

// Exceeds says why what is decided of a flow is more than the approved plan
// says, or something else; nil if it is that, or less, or if there is no such
// plan. Everything that was known of the flow's manifest must be as it was.
func (s *Session) Exceeds(flow *Flow) []Reason {
	if s.Options.Approved == nil || flow.Verdict == Blocked {
		return nil
	}
	planned := s.planned[flow.Address]
	switch {
	case planned == nil && (flow.Verdict == Fresh || flow.Verdict == Pinned):
		return nil
	case planned == nil:
		return append([]Reason{{Code: "not_planned", Detail: "the plan does not have it"}}, flow.Reasons...)
	case flow.Verdict == Pinned && planned.RunID != nil && flow.RunID != nil && *planned.RunID == *flow.RunID:
		return nil
	case flow.Verdict == Pinned:
		return []Reason{{Code: "not_planned", Detail: "it is pinned to another run than the plan says"}}
	}
	if reasons := s.disagreement(flow, planned.Manifest); len(reasons) > 0 {
		return reasons
	}
	if flow.Verdict == Run && !planned.mayRun() {
		return append([]Reason{{Code: "not_planned", Detail: fmt.Sprintf("the plan says that it is %s", planned.Verdict)}}, flow.Reasons...)
	}
	return nil
}

// mayRun says whether a flow may run when its plan is carried out. Of flows
// with the same inputs, the plan does not fix which one runs for the others.
func (f *Flow) mayRun() bool {
	sameInputs := func(reason Reason) bool { return reason.Code == "same_inputs" }
	return f.Verdict == Run || f.Verdict == MayRun || slices.ContainsFunc(f.Reasons, sameInputs)
}

// disagreement lists what of a flow's manifest is not as it was planned, and
// what should be known by now and is not.
func (s *Session) disagreement(flow *Flow, planned manifest.Manifest) []Reason {
	found := causes{}
	add := found.add
	for _, name := range s.otherOrigins(flow) {
		add(cmp.Or(codeOf[name], "options_changed"), "what "+name+" comes from is not what it was")
	}
	for _, change := range changesSince(planned, flow.Manifest) {
		runs, hooks := usesOf(flow.Uses, change)
		label := change.Path.Label()
		switch {
		case label == "bundle":
			add("code_changed", "", s.fileChanges(flow, change)...)
		case label == "environment":
			s.environmentReason(flow, change, add)
		case len(hooks) > 0 && change.NewUnknown:
			add("hook_may_change", "", leafChange(change))
		case len(runs) > 0:
			add("input_changed", "", leafChange(change))
		case len(hooks) > 0:
			add("hook_changed", "", leafChange(change))
		default:
			add(cmp.Or(codeOf[label], "options_changed"), "", leafChange(change))
		}
	}
	return found.list()
}

// changesSince lists the leaves that are not as they were planned. One that
// was not known then may have any value now, and one that is known now only.
func changesSince(planned, now manifest.Manifest) []manifest.Change {
	var changes []manifest.Change
	for _, change := range manifest.Compare(now, planned) {
		if !change.NewUnknown {
			changes = append(changes, manifest.Change{Path: change.Path, Old: change.New, New: change.Old})
		}
	}
	for _, fact := range now.Facts() {
		at := slices.IndexFunc(changes, func(c manifest.Change) bool { return c.Path.Compare(fact.Path) == 0 })
		switch {
		case fact.Unknown && at >= 0:
			changes[at].NewUnknown = true
		case fact.Unknown:
			changes = append(changes, manifest.Change{Path: fact.Path, NewUnknown: true})
		}
	}
	return changes
}
