// Package gc finds what this machine keeps of a project and nothing refers to
// any more, and removes it: outputs in the store, runs of the history whose
// outputs go, texts, logs, the bundles of failed attempts, and what killed
// processes have left behind.
//
// Whatever a root reaches stays: a selected record of any workspace, a pinned
// run, the last attempt at a flow. Runs of Metaflow, and the user's own files
// that were moved out of the way, are never touched. It decides no verdict
// (engine/plan): what is selected is as good after it as before.
package gc

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/schema"
)

// The kinds of what can be removed, in the order in which it is: what refers
// to something goes before that, so that nothing that is left ever names what
// is gone, whenever the machine stops.
const (
	Record   = "record"   // a selected record of a flow that is not declared any more
	Run      = "run"      // a run of the history
	Output   = "output"   // of a run, in the store
	Text     = "text"     // a manifest, a list of files or a lock
	Attempt  = "attempt"  // what is known of the last attempt at a flow that is not declared
	Log      = "log"      // of an attempt
	Bundle   = "bundle"   // of an attempt that failed
	Leftover = "leftover" // of a killed process
)

var order = []string{Record, Run, Output, Text, Attempt, Log, Bundle, Leftover}

// Item is one thing that nothing refers to.
type Item struct {
	Kind  string `json:"kind"`
	Path  string `json:"path,omitempty"` // below the root; of a run none: it is part of a log
	Flow  string `json:"flow,omitempty"`
	RunID string `json:"run_id,omitempty"`
	Size  int64  `json:"size"`
}

// Garbage is all that nothing refers to.
type Garbage struct {
	Items []Item `json:"items"` // by kind, in the order of their removal
	Size  int64  `json:"size"`
	Kept  Kept   `json:"kept"`

	logs    []record.HistoryLog
	records []schema.Address // to be forgotten
	drop    func(*record.Record) bool
}

// Kept is what gc does not remove and somebody may want to know of.
type Kept struct {
	Undeclared    []string `json:"undeclared"`     // flows that have a record and are not declared any more
	Displaced     int      `json:"displaced"`      // files of the user's that were moved out of the way
	DisplacedSize int64    `json:"displaced_size"` // in bytes
	Damaged       []string `json:"damaged"`        // logs of the history that stay as they are, and why
}

// Options say what counts as garbage.
type Options struct {
	Declared  []schema.Address // flows of the configuration
	Pinned    []string         // run IDs
	Records   bool             // records of flows that are not declared count too
	OlderThan time.Duration    // what is younger does not count
	Now       time.Time
}

// Collector clears up one project. Whoever removes holds the apply lock.
type Collector struct {
	Root    string // the folder of flowrider.hcl
	Records *record.Store
	Blobs   *blob.Store
	Writer  durable.Writer
}

// Find lists what nothing refers to. It writes nothing. Where it cannot tell
// what a record refers to, nothing may be removed, and that is an error.
func (c *Collector) Find(options Options) (*Garbage, error) {
	m := &marker{Collector: c, options: options, garbage: &Garbage{Items: []Item{}}, keep: map[string]bool{}, stays: map[schema.Address]bool{}}
	if err := m.mark(); err != nil {
		return nil, err
	}
	if err := m.sweep(); err != nil {
		return nil, err
	}
	g := m.garbage
	slices.SortStableFunc(g.Items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)),
			strings.Compare(a.Flow, b.Flow), strings.Compare(a.RunID, b.RunID), strings.Compare(a.Path, b.Path))
	})
	for _, item := range g.Items {
		g.Size += item.Size
	}
	return g, nil
}
