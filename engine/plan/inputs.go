package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/eval"
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

// UseStore says which store of runs is this machine's.
func (s *Session) UseStore(id string) { s.localStore = id }

// EnvironmentOf is the environment of a node, or nil if it is none.
func (s *Session) EnvironmentOf(node string) *Environment {
	name, ok := strings.CutPrefix(node, "environment.")
	if !ok {
		return nil
	}
	return s.environments[name]
}

// IsHook says whether a node is a hook.
func (s *Session) IsHook(node string) bool { return hookName(node) != "" }
