package model

import (
	"maps"
	"slices"
)

// Record is what is kept of a run that succeeded.
type Record struct {
	Flow       Address // whose it is, or was when it came into the history
	Run        int
	Asserted   bool // somebody says so, and no run does
	Made       made
	Version    string            // data version of the whole result
	Versions   map[string]string // of each output
	contents   map[string]int    // of each output
	Equivalent []Confirmation    // newest last
}

// made is what a run was made of, and when it ended.
type made struct {
	Hash     string
	manifest manifest
	ended    int
}

// Confirmation is a newer run that had the same result.
type Confirmation struct {
	Run  int
	Made made
}

// confirmations bounds how many a record names.
const confirmations = 5

// current is what was run last with the recorded result.
func (r *Record) current() made {
	if last := len(r.Equivalent) - 1; last >= 0 {
		return r.Equivalent[last].Made
	}
	return r.Made
}

// Hash is the config hash that the record stands for.
func (r *Record) Hash() string { return r.current().Hash }

// as is the record as it was when its newest run had a config hash, or nil.
func (r *Record) as(hash string) *Record {
	then := *r
	for i, confirmation := range slices.Backward(r.Equivalent) {
		if confirmation.Made.Hash == hash {
			then.Equivalent = r.Equivalent[:i+1]
			return &then
		}
	}
	if then.Equivalent = nil; r.Made.Hash != hash {
		return nil
	}
	return &then
}

// same says whether two runs had the same result in all that can be referred
// to, and in what it is made of.
func (r *Record) same(other *Record) bool {
	return r.Version == other.Version && maps.Equal(r.Versions, other.Versions) && maps.Equal(r.contents, other.contents)
}

// blob is an output in the store: contents are kept once.
type blob struct {
	output  string
	content int
}

// exists says whether all outputs of a run are in the store.
func (w *World) exists(r *Record) bool {
	for output, content := range r.contents {
		if !w.store[blob{output, content}] {
			return false
		}
	}
	return true
}

// append adds a record to the history, unless the very same is in it.
func (w *World) append(r *Record) {
	equal := func(e *Record) bool {
		return e.Flow == r.Flow && e.Run == r.Run && e.Asserted == r.Asserted && e.Made.Hash == r.Made.Hash &&
			slices.EqualFunc(e.Equivalent, r.Equivalent, func(a, b Confirmation) bool { return a.Run == b.Run && a.Made.Hash == b.Made.Hash })
	}
	if !slices.ContainsFunc(w.history, equal) {
		w.history = append(w.history, r)
	}
}

// found lists what the history has for a config hash, newest first, each run
// once: what it was made with before what somebody has asserted of it.
func (w *World) found(hash string) []*Record {
	var list []*Record
	at := map[int]int{}
	for _, entry := range slices.Backward(w.history) {
		then := entry.as(hash)
		if then == nil {
			continue
		}
		if i, seen := at[entry.Run]; !seen {
			at[entry.Run] = len(list)
			list = append(list, then)
		} else if list[i].Asserted && !then.Asserted {
			list[i] = then
		}
	}
	return list
}

// confirmed lists the records of the history as they were for each config hash
// that they have.
func (w *World) confirmed() []*Record {
	var list []*Record
	for _, entry := range w.history {
		list = append(list, entry.as(entry.Made.Hash))
		for _, confirmation := range entry.Equivalent {
			list = append(list, entry.as(confirmation.Made.Hash))
		}
	}
	return list
}

// Selected is what is selected for an instance, or nil.
func (w *World) Selected(a Address) *Record { return w.selected[w.Workspace][a] }

// taken is the record of an instance, under its name or, without one, under the
// newest name that it had before. former is that name, if a record has to be
// taken away there.
func (w *World) taken(a Address) (r *Record, former Address) {
	own := w.Selected(a)
	name := a
	for range w.Moves {
		i := slices.IndexFunc(w.Moves, func(m Move) bool { return m.To == name.Flow })
		if i < 0 {
			break
		}
		name.Flow = w.Moves[i].From
		there := w.Selected(name)
		switch {
		case there == nil:
		case own == nil:
			renamed := *there
			renamed.Flow = a
			return &renamed, name
		case own.Run == there.Run:
			return own, name
		}
	}
	return own, Address{}
}

// choose selects a record, and takes away what stands under a former name.
func (w *World) choose(a Address, r *Record) {
	_, former := w.taken(a)
	delete(w.selected[w.Workspace], former)
	if w.selected[w.Workspace] == nil {
		w.selected[w.Workspace] = map[Address]*Record{}
	}
	chosen := *r
	chosen.Flow = a
	w.selected[w.Workspace][a] = &chosen
}

// Recorded lists the instances that have a record, declared or not.
func (w *World) Recorded() map[Address]*Record { return w.selected[w.Workspace] }

// LoseRecord removes a selected record.
func (w *World) LoseRecord(a Address) { delete(w.selected[w.Workspace], a) }

// pinned is the record of the run that a flow is held to: its own, or one of
// the history, where its own come before those of others, and those of runs
// before asserted ones. It is nil where there is none, or its run is gone.
func (w *World) pinned(a Address, options Options) *Record {
	f := w.Flow(a.Flow)
	worth := func(r *Record) int {
		worth := 0
		if r.Flow == a {
			worth += 2
		}
		if !r.Asserted {
			worth++
		}
		return worth
	}
	found := w.Selected(a)
	if found == nil || found.Run != f.Pin {
		found = nil
		for _, r := range w.history {
			if r.Run == f.Pin && (found == nil || worth(r) >= worth(found)) {
				found = r
			}
		}
	}
	if found == nil || !options.NoRefresh && !w.exists(found) || !found.has(f.Outputs) {
		return nil
	}
	return found
}

// has says whether a run has the outputs that are declared.
func (r *Record) has(outputs int) bool {
	for _, name := range outputNames[:outputs] {
		if _, ok := r.contents[name]; !ok {
			return false
		}
	}
	return true
}

// Runs lists the runs that a pin may name.
func (w *World) Runs() []int {
	var list []int
	for _, r := range w.history {
		if !slices.Contains(list, r.Run) {
			list = append(list, r.Run)
		}
	}
	return list
}

// Unpinnable says whether an instance is held to a run that is not there.
func (w *World) Unpinnable(a Address, options Options) bool {
	return w.Flow(a.Flow).Pin != 0 && w.pinned(a, options) == nil
}

// LoseHistory removes the whole history.
func (w *World) LoseHistory() { w.history = nil }

// Stored says whether the store has an output with a content.
func (w *World) Stored(output string, content int) bool { return w.store[blob{output, content}] }

// LoseResult removes an output from the store, and so from every run that had
// this content.
func (w *World) LoseResult(output string, content int) { delete(w.store, blob{output, content}) }

// Inputs lists the data versions that the recorded run has used.
func (r *Record) Inputs() map[Read]string {
	versions := map[Read]string{}
	for _, l := range r.Made.manifest {
		for _, u := range l.uses {
			versions[Read{u.from, u.output}] = u.version
		}
	}
	return versions
}

// Contents are the contents of the outputs of a record's run.
func (r *Record) Contents() map[string]int { return r.contents }
