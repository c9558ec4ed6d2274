package model

import (
	"maps"
	"slices"
)

// Record is what is kept of a run that succeeded.
type Record struct {
	Run        int
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

// found lists what the history has for a config hash, newest first, each run
// once.
func (w *World) found(hash string) []*Record {
	var list []*Record
	seen := map[int]bool{}
	for _, entry := range slices.Backward(w.history) {
		if then := entry.as(hash); then != nil && !seen[entry.Run] {
			seen[entry.Run] = true
			list = append(list, then)
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

// Selected is the selected record of an instance, or nil.
func (w *World) Selected(a Address) *Record { return w.selected[a] }

// Recorded lists the instances that have a record, declared or not.
func (w *World) Recorded() map[Address]*Record { return w.selected }

// LoseRecord removes a selected record.
func (w *World) LoseRecord(a Address) { delete(w.selected, a) }

// LoseHistory removes the whole history.
func (w *World) LoseHistory() { w.history = nil }

// Stored says whether the store has an output with a content.
func (w *World) Stored(output string, content int) bool { return w.store[blob{output, content}] }

// LoseResult removes an output from the store, and so from every run that had
// this content.
func (w *World) LoseResult(output string, content int) { delete(w.store, blob{output, content}) }

// Contents are the contents of the outputs of a record's run.
func (r *Record) Contents() map[string]int { return r.contents }
