// Package model is the definition of "up to date" (design, section 4) as a
// small program of its own: which flows a plan calls fresh, reuse, run, may_run
// or pinned, and why; what an apply runs, records, reuses and confirms. It is
// there to be compared with the engine, step by step, by the test beside it.
//
// A World is a configuration with all that has happened to it; Plan and Apply
// are its two verbs. Flows compute small sums, so that results repeat and early
// cutoff is common. It is written from the definition, for reading, and shares
// no code with the engine: it reads no file, starts nothing, and knows no HCL.
package model

import (
	"fmt"
	"maps"
	"slices"
)

// Address names a flow, or with a key one of its instances.
type Address struct{ Flow, Key string }

func (a Address) String() string {
	if a.Key == "" {
		return "flow." + a.Flow
	}
	return fmt.Sprintf("flow.%s[%q]", a.Flow, a.Key)
}

// Flow is one flow block. What is not here does not count in the config hash.
type Flow struct {
	Name    string
	Keys    []string // for_each; nil for a flow without
	UsesKey bool     // each.key is part of its env

	// Leaves of the spec that are plain values.
	Word        int    // in its command line
	Noisy       bool   // in its command line: World.Noise is part of its result
	Parameter   string // JSON
	Value       int    // in its env
	Salt        string
	File        string // the one that is bundled; "" for none
	Environment string // "" for none
	Hook        string // whose value is a parameter; "" for none
	Outputs     int    // how many of n and m are declared: 0, 1 or 2

	// Leaves that refer to other flows.
	Runs    []Address // run IDs, each a parameter
	Text    []Address // run IDs, all in one word of the command line
	Reads   []Read    // outputs, each by its path in its env
	Depends []Address // depends_on: whole results
	After   []Address // order only

	// How its result counts and how long it is good.
	Policy       string // content, run or key; "" for the default
	Volatile     bool
	ExpiresAfter int // hours and a half; 0 for never

	Pin int // the run that it is held to; 0 for none. Only of a flow without keys
}

// Read is a reference to one output of a flow.
type Read struct {
	From   Address
	Output string
}

// Needs lists the flows that a flow depends on.
func (f *Flow) Needs() []Address {
	needs := slices.Concat(f.Runs, f.Text, f.Depends)
	for _, read := range f.Reads {
		needs = append(needs, read.From)
	}
	return needs
}

// Instances lists a flow's instances.
func (f *Flow) Instances() []Address {
	if f.Keys == nil {
		return []Address{{Flow: f.Name}}
	}
	var list []Address
	for _, key := range f.Keys {
		list = append(list, Address{f.Name, key})
	}
	return list
}

// policy is what the result of a run is compared by. Without outputs there is
// no content to compare.
func (f *Flow) policy() string {
	switch {
	case f.Policy != "" && f.Policy != "content":
		return f.Policy
	case f.Outputs == 0:
		return "run"
	}
	return "content"
}

// Environment is what flows and hooks run in.
type Environment struct {
	Packages int  // stands for the digest of the lock, or of the one to come
	Locked   bool // false: stale, the digest is not known before an apply
	Built    bool // hooks can be called
}

// Hook is a value that is obtained in an environment.
type Hook struct {
	Environment string
	Value       int
}

// File is one file of the project.
type File struct {
	Content    int
	Executable bool
}

// World is a configuration with everything that has happened to it.
type World struct {
	Flows        []*Flow
	Hooks        map[string]*Hook
	Environments map[string]*Environment
	Files        map[string]*File
	Noise        int             // what noisy flows give besides what they are given
	Failing      map[string]bool // flows whose runs fail, by name
	Now          int             // hours
	Workspace    string          // whose records are selected; all else is shared
	Moves        []Move          // moved blocks

	selected map[string]map[Address]*Record // by workspace
	history  []*Record                      // oldest first
	store    map[blob]bool
	failed   map[Address]bool // whose last attempt has failed
	runs     int
}

// Move says that a flow had another name.
type Move struct{ From, To string }

// New is an empty world.
func New() *World {
	return &World{
		Hooks: map[string]*Hook{}, Environments: map[string]*Environment{}, Files: map[string]*File{}, Failing: map[string]bool{},
		selected: map[string]map[Address]*Record{}, store: map[blob]bool{}, failed: map[Address]bool{},
	}
}

// Fork is a world to which the same has happened. What is applied in one of the
// two does not happen in the other.
func (w *World) Fork() *World {
	fork := *w
	fork.Environments, fork.selected = map[string]*Environment{}, map[string]map[Address]*Record{}
	for name, e := range w.Environments {
		same := *e
		fork.Environments[name] = &same
	}
	for workspace, records := range w.selected {
		fork.selected[workspace] = maps.Clone(records)
	}
	fork.history, fork.store, fork.failed = slices.Clone(w.history), maps.Clone(w.store), maps.Clone(w.failed)
	return &fork
}

// Flow is the flow of that name, or nil.
func (w *World) Flow(name string) *Flow {
	for _, f := range w.Flows {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Closure is the given instances, or all for none, with all they need. Nothing
// is walked on account of a pinned flow.
func (w *World) Closure(targets ...Address) map[Address]bool {
	if len(targets) == 0 {
		for _, f := range w.Flows {
			targets = append(targets, f.Instances()...)
		}
	}
	wanted := map[Address]bool{}
	for len(targets) > 0 {
		next := targets[0]
		targets = targets[1:]
		if !wanted[next] {
			wanted[next] = true
			if f := w.Flow(next.Flow); f.Pin == 0 {
				targets = append(targets, f.Needs()...)
			}
		}
	}
	return wanted
}
