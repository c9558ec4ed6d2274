package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/engine/record"
)

// inputs lists which leaf of a flow uses which result of which run.
func (s *Session) inputs(flow *Flow) []record.Input {
	var list []record.Input
	for _, use := range flow.Uses {
		run, ok := use.Source.(eval.Run)
		if !ok {
			continue
		}
		upstream := s.results[run.Flow]
		if upstream == nil {
			continue
		}
		if use.At.Label() == "depends_on" {
			// Its leaves are sorted by data version, so that none belongs to one run:
			// each run is an input of the whole list.
			list = append(list, record.Input{Leaf: "depends_on", Flow: run.Flow, RunID: upstream.RunID, DataVersion: s.versionOf(run)})
			continue
		}
		for _, fact := range flow.Manifest.Facts() {
			if fact.Path.HasPrefix(use.At) || use.At.HasPrefix(fact.Path) {
				list = append(list, record.Input{
					Leaf: fact.Path.String(), Flow: run.Flow, Output: run.Output,
					RunID: upstream.RunID, DataVersion: s.versionOf(run),
				})
			}
		}
	}
	slices.SortFunc(list, compareInputs)
	return slices.CompactFunc(list, func(a, b record.Input) bool { return compareInputs(a, b) == 0 })
}

// Read is an output in the store that a flow's arguments name.
type Read struct {
	Flow, Output string // who made it
	Digest, File string // what it is in the store; File is a slash path

	Project, Published string // the place at which flowrider has put it, if any; Published is a slash path below Project
}

// reads lists the outputs of others that a flow is handed as files.
func (s *Session) reads(flow *Flow) []Read {
	var list []Read
	for _, use := range flow.Uses {
		run, ok := use.Source.(eval.Run)
		if !ok || s.results[run.Flow] == nil {
			continue
		}
		if output := s.results[run.Flow].Outputs[run.Output]; output.File != "" {
			read := Read{Flow: run.Flow, Output: run.Output, Digest: output.Digest, File: output.File}
			if instance := s.instances[run.Flow]; instance != nil && output.Published != "" {
				if root, known := s.projectRoot(instance); known {
					read.Project, read.Published = root, output.Published
				}
			}
			list = append(list, read)
		}
	}
	slices.SortFunc(list, func(a, b Read) int {
		return cmp.Or(strings.Compare(a.Flow, b.Flow), strings.Compare(a.Output, b.Output))
	})
	return slices.Compact(list)
}

func compareInputs(a, b record.Input) int {
	for _, order := range []int{strings.Compare(a.Leaf, b.Leaf), strings.Compare(a.Flow, b.Flow), strings.Compare(a.Output, b.Output)} {
		if order != 0 {
			return order
		}
	}
	return 0
}

// StillThere says whether a record's run still exists on this machine. It may
// be called from any goroutine.
func (s *Session) StillThere(flow *Flow, rec *record.Record) bool {
	missing, err := s.check(flow, rec)
	return missing == "" && err == nil
}

// MissingRuns names the flows whose recorded runs are not on this machine.
func (s *Session) MissingRuns() []string {
	var list []string
	for _, address := range s.Addresses() {
		flow := s.decided[address.String()]
		if flow == nil || flow.Selected == nil {
			continue
		}
		if missing, err := s.check(flow, flow.Selected); err == nil && missing != "" {
			list = append(list, fmt.Sprintf("%s: its recorded result is missing: %s; apply makes it again", address, missing))
		}
	}
	return list
}

// EnvironmentOf is the environment of a node, or nil if it is none.
func (s *Session) EnvironmentOf(node string) *Environment {
	name, ok := strings.CutPrefix(node, "environment.")
	if !ok {
		return nil
	}
	return s.environments[name]
}

// IsHook says whether a node is a hook that is called: not all instances of one
// together.
func (s *Session) IsHook(node string) bool { return s.hookBlocks[hookName(node)] != nil }

// inputReasons tells an upstream result that moved from an argument that was
// edited: with the data versions taken out, an argument that is the same as
// before was not edited. Of an argument with a result in it that counts as it
// is, and not by a data version, nobody can tell: it is not called edited.
func (s *Session) inputReasons(flow *Flow, change manifest.Change, runs []eval.Run, inputs []record.Input, add adder) {
	before, after := change.Old, change.New
	moved, byValue := false, false
	for _, run := range runs {
		old := inputOf(inputs, change.Path.String(), run)
		now := s.versionOf(run)
		if old != nil {
			before = strings.ReplaceAll(before, "@"+old.DataVersion, "@")
		}
		if now != "" {
			after = strings.ReplaceAll(after, "@"+now, "@")
		}
		if now != "" && old != nil && old.DataVersion == now {
			continue
		}
		moved = true
		byValue = byValue || old != nil && !strings.Contains(change.Old, "@"+old.DataVersion)
		s.moved(shownPath(change.Path), run, old, add)
	}
	if moved && (change.NewUnknown || byValue || before == after) {
		return
	}
	code := codeOf[change.Path.Label()]
	if code == "" {
		code = "options_changed"
	}
	add(code, "", leafChange(change))
}

// moved says that an input is not what it was, or may not be. old is nil where
// it was not used before.
func (s *Session) moved(path string, run eval.Run, old *record.Input, add adder) {
	now := s.versionOf(run)
	change := Change{Path: path, Flow: run.Flow, Output: run.Output, New: jsonText(now), Unknown: now == ""}
	if old != nil {
		change.Old = jsonText(old.DataVersion)
	}
	if now == "" && !s.certain(run.Flow) {
		add("input_may_change", "", change)
	} else {
		add("input_changed", "", change)
	}
}

// dependsOnReasons says which results of depends_on are not what they were.
// The list is hashed sorted and without names, so leaf by leaf it says little.
func (s *Session) dependsOnReasons(flow *Flow, inputs []record.Input, add adder) {
	const label = "depends_on"
	before := map[string]*record.Input{} // by flow
	for i := range inputs {
		if below(inputs[i].Leaf, label) {
			before[inputs[i].Flow] = &inputs[i]
		}
	}
	said := false
	addMoved := func(run eval.Run, old *record.Input) {
		said = true
		s.moved(label, run, old, add)
	}
	var left []eval.Run // without one before
	for _, use := range flow.Uses {
		run, ok := use.Source.(eval.Run)
		if !ok || use.At.String() != label {
			continue
		}
		old := before[run.Flow]
		delete(before, run.Flow)
		if old == nil {
			left = append(left, run)
		} else if old.DataVersion != s.versionOf(run) {
			addMoved(run, old)
		}
	}
	for _, run := range left {
		if !takeVersion(before, s.versionOf(run)) { // else the flow has another name now
			addMoved(run, nil)
		}
	}
	if !said && len(before) == 0 { // the record does not say what it has used: it was accepted before that had run
		add("input_changed", "", Change{Path: label})
	}
	for _, address := range slices.Sorted(maps.Keys(before)) {
		add("input_changed", "", Change{Path: label, Flow: address, Old: jsonText(before[address].DataVersion)})
	}
}

// takeVersion removes an input with a data version, if there is one.
func takeVersion(inputs map[string]*record.Input, version string) bool {
	for _, address := range slices.Sorted(maps.Keys(inputs)) {
		if inputs[address].DataVersion == version {
			delete(inputs, address)
			return true
		}
	}
	return false
}

// movedBelow says which inputs of a component are not what they were; false
// if all are.
func (s *Session) movedBelow(label string, inputs []record.Input, add adder) bool {
	found := false
	for i := range inputs {
		run := eval.Run{Flow: inputs[i].Flow, Output: inputs[i].Output}
		if now := s.versionOf(run); below(inputs[i].Leaf, label) && now != "" && now != inputs[i].DataVersion {
			path := strings.TrimPrefix(strings.TrimPrefix(inputs[i].Leaf, label), ".")
			s.moved(cmp.Or(path, label), run, &inputs[i], add)
			found = true
		}
	}
	return found
}

// inputOf is what a leaf, or one below it, used of a run.
func inputOf(inputs []record.Input, leaf string, run eval.Run) *record.Input {
	for i := range inputs {
		if below(inputs[i].Leaf, leaf) && inputs[i].Flow == run.Flow && inputs[i].Output == run.Output {
			return &inputs[i]
		}
	}
	return nil
}

// below says whether a leaf is the path or lies below it.
func below(leaf, path string) bool {
	rest, ok := strings.CutPrefix(leaf, path)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// versionOf is the data version of a run or of one of its outputs; "" while
// unknown.
func (s *Session) versionOf(run eval.Run) string {
	result := s.outcomes[run.Flow]
	if run.Output == "" {
		return result.DataVersion
	}
	return result.Outputs[run.Output].DataVersion
}

// certain says whether a flow that will run is sure to give a new data
// version.
func (s *Session) certain(address string) bool { return s.outcomes[address].Changes }
