package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/manifest"
)

// codes are the reasons in the order in which they are shown: first causes
// before cascades, what is certain before what may be.
var codes = []string{
	"previous_failed", "new", "result_missing", "parameters_changed", "command_changed", "env_changed", "options_changed",
	"hook_changed", "code_changed", "environment_changed", "salt_changed", "input_changed",
	"hook_may_change", "environment_may_change", "input_may_change",
}

// codeOf is the reason for a changed leaf, by its label. A runner's labels
// that are not here are options.
var codeOf = map[string]string{
	"parameters": "parameters_changed",
	"runner":     "command_changed", "entry": "command_changed", "argv": "command_changed", "shell": "command_changed",
	"workdir": "command_changed", "outputs": "command_changed",
	"env":         "env_changed",
	"bundle":      "code_changed",
	"environment": "environment_changed", "install_project": "environment_changed",
	"salt":       "salt_changed",
	"depends_on": "input_changed",
}

// reasons says why a flow has to run, or may have to. It is the only place
// that does, for plan, apply and explain.
func (s *Session) reasons(flow *Flow, missing string) []Reason {
	found := causes{}
	add := found.add
	// What failed is no reason for a flow that may not have to run.
	if attempt := s.tools.Records.LastAttempt(flow.Instance.Address); flow.Verdict == Run && attempt != nil && attempt.Failed {
		add("previous_failed", attempt.Reason)
	}
	switch {
	case flow.IsNew():
		add("new", "")
	case flow.Selected == nil: // what is wrong with its record is a reason by itself
	case missing != "":
		add("result_missing", missing)
		fallthrough
	default:
		if old, ok := s.manifestOf(flow.Selected); ok {
			s.compare(flow, old, add)
		} else {
			s.compareComponents(flow, add)
		}
	}
	list := found.list()
	if len(list) == 0 && flow.superseded != nil {
		list = append(list, Reason{Code: "record_changed", Detail: fmt.Sprintf("the committed record names run %s of another store, made for another configuration", flow.superseded.RunID)})
	}
	if len(list) == 0 && flow.Selected != nil {
		// The hash differs although no leaf does: the record is of another format.
		list = append(list, Reason{Code: "options_changed", Detail: "the manifest has another format"})
	}
	return list
}

// causes are reasons that are being collected, by their codes.
type causes map[string]*Reason

// add adds what was found to the reason of its code. An empty detail leaves the
// one that is there.
func (c causes) add(code, detail string, changes ...Change) {
	if c[code] == nil {
		c[code] = &Reason{Code: code}
	}
	c[code].Detail = cmp.Or(detail, c[code].Detail)
	c[code].Changes = append(c[code].Changes, changes...)
}

// list lists the reasons in the order in which they are shown.
func (c causes) list() []Reason {
	var list []Reason
	for _, code := range codes {
		if reason := c[code]; reason != nil {
			list = append(list, *reason)
		}
	}
	return list
}

type adder func(code, detail string, changes ...Change)

// compare finds the reasons in the difference of two manifests.
func (s *Session) compare(flow *Flow, old manifest.Manifest, add adder) {
	_, _, inputs, _ := flow.Selected.Current()
	dependsOn := false
	for _, change := range manifest.Compare(old, flow.Manifest) {
		label := change.Path.Label()
		runs, hooks := usesOf(flow.Uses, change)
		switch {
		case label == "depends_on":
			dependsOn = true
		case label == "bundle":
			add("code_changed", "", s.fileChanges(flow, change)...)
		case label == "environment":
			s.environmentReason(flow, change, add)
		case change.NewUnknown && len(hooks) > 0:
			add("hook_may_change", "", leafChange(change))
		case len(runs) > 0:
			s.inputReasons(flow, change, runs, inputs, add)
		case len(hooks) > 0:
			add("hook_changed", "", leafChange(change))
		case codeOf[label] != "":
			add(codeOf[label], "", leafChange(change))
		default:
			add("options_changed", "", leafChange(change))
		}
	}
	if dependsOn {
		s.dependsOnReasons(flow, inputs, add)
	}
}

// usesOf lists the runs and hooks that a changed leaf depends on.
func usesOf(uses []eval.Use, change manifest.Change) (runs []eval.Run, hooks []eval.Hook) {
	for _, use := range uses {
		at := use.At
		if !change.Path.HasPrefix(at) && !at.HasPrefix(change.Path) {
			continue
		}
		switch source := use.Source.(type) {
		case eval.Run:
			if !slices.Contains(runs, source) {
				runs = append(runs, source)
			}
		case eval.Hook:
			hooks = append(hooks, source)
		}
	}
	return runs, hooks
}

// fileChanges lists the files of a flow's bundle that differ, where this
// machine still has the older list. Flows that see the same files have the same
// answer, and lists are long: each is made once.
func (s *Session) fileChanges(flow *Flow, change manifest.Change) []Change {
	key := [2]string{change.Old, change.New}
	changes, known := s.files[key]
	if !known {
		changes = s.compareFiles(flow.Listing, change)
		s.files[key] = changes
	}
	return changes
}

func (s *Session) compareFiles(now *bundle.Listing, change manifest.Change) []Change {
	text, ok := s.text(unquote(change.Old))
	old, err := bundle.ParseText(text)
	if !ok || err != nil || now == nil || now.Digest != unquote(change.New) {
		return []Change{leafChange(change)}
	}
	var changes []Change
	for _, file := range bundle.Compare(old, now) {
		changes = append(changes, Change{Path: file.Path, Kind: file.Kind})
	}
	return changes
}

// environmentReason says which packages differ, where this machine still has
// the older lock.
func (s *Session) environmentReason(flow *Flow, change manifest.Change, add adder) {
	if change.NewUnknown {
		_, stale := flow.Place.Environment.Locked()
		add("environment_may_change", stale)
		return
	}
	if flow.Place.Environment == nil {
		add("environment_changed", "", leafChange(change))
		return
	}
	now, _ := flow.Place.Environment.Locked()
	if old, ok := s.text(unquote(change.Old)); ok && now != nil {
		add("environment_changed", "", packageChanges(old, now.Facts)...)
		return
	}
	add("environment_changed", "", leafChange(change))
}

// compareComponents names the components that changed where this machine does
// not have the older manifest. The record itself says which inputs were used.
func (s *Session) compareComponents(flow *Flow, add adder) {
	_, before, inputs, _ := flow.Selected.Current()
	after := flow.Manifest.Components()
	unknown := map[string]manifest.Fact{}
	for _, fact := range flow.Manifest.Facts() {
		if label := fact.Path.Label(); fact.Unknown && !unknown[label].Changes {
			unknown[label] = fact
		}
	}
	labels := append(append(slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after))...), slices.Sorted(maps.Keys(unknown))...)
	slices.Sort(labels)
	for _, label := range slices.Compact(labels) {
		code := codeOf[label]
		if code == "" {
			code = "options_changed"
		}
		fact, isUnknown := unknown[label]
		_, hooks := usesOf(flow.Uses, manifest.Change{Path: fact.Path})
		switch {
		case isUnknown && label == "environment":
			add("environment_may_change", "")
		case isUnknown && len(hooks) > 0:
			add("hook_may_change", "")
		case isUnknown && fact.Changes:
			add("input_changed", "")
		case isUnknown:
			add("input_may_change", "")
		case before[label] == after[label]:
		case s.movedBelow(label, inputs, add):
		default:
			add(code, fmt.Sprintf("the values are in the history of the machine that made run %s", flow.Selected.RunID))
		}
	}
}

func leafChange(change manifest.Change) Change {
	c := Change{Path: shownPath(change.Path), Unknown: change.NewUnknown}
	if change.Old != "" {
		c.Old = json.RawMessage(change.Old)
	}
	if change.New != "" {
		c.New = json.RawMessage(change.New)
	}
	return c
}

// shownPath is a leaf as its author knows it: without the label where there is
// a name below it.
func shownPath(path manifest.Path) string {
	if below := path.Below(); below != "" && below[0] != '[' {
		return below
	}
	return path.String()
}

func jsonText(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(manifest.Quote(text))
}

func unquote(value string) string {
	var text string
	if json.Unmarshal([]byte(value), &text) != nil {
		return value
	}
	return text
}
