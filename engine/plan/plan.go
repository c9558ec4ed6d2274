// Package plan decides for each flow whether it would run, and why: its
// verdict, its reasons and its config hash.
//
// A Session is one walk over the configuration with what is known so far.
// Plan walks all of it and changes nothing; engine/apply uses the same Session
// and the same Decide, and puts in results as flows end. There is one function
// that makes verdicts (judge) and one that says why a flow has to run (reasons);
// why it exceeds an approved plan is collected in the same way (Exceeds).
//
// It runs no flow, builds no environment and writes no record. It does call
// hooks, which are the user's own code.
package plan

import (
	"encoding/json"
	"slices"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/diag"
)

// FormatVersion is that of the JSON form of a Plan.
const FormatVersion = "1.0"

// Verdict is what plan says of a flow.
type Verdict string

// The verdicts.
const (
	Fresh   Verdict = "fresh"   // nothing to do
	Reuse   Verdict = "reuse"   // the history has a good run with this config hash
	Run     Verdict = "run"     // will run, whatever upstream brings
	MayRun  Verdict = "may_run" // runs only if something not known yet comes out different
	Pinned  Verdict = "pinned"  // held by a pin
	Blocked Verdict = "blocked" // cannot run
)

// Valid says whether it is one of the verdicts.
func (v Verdict) Valid() bool {
	return slices.Contains([]Verdict{Fresh, Reuse, Run, MayRun, Pinned, Blocked}, v)
}

// Reason is why a flow has its verdict.
type Reason struct {
	Code    string   `json:"code"`
	Detail  string   `json:"detail,omitempty"`
	Changes []Change `json:"changes,omitempty"`
}

// Change is one leaf that differs. Old and New are JSON values; absent where
// the leaf is. A value that is not known before something has run is Unknown.
type Change struct {
	Path    string          `json:"path"`
	Flow    string          `json:"flow,omitempty"`   // the upstream flow of an input
	Output  string          `json:"output,omitempty"` // and its output, if one is named
	Kind    string          `json:"kind,omitempty"`   // of a file: added, changed or removed
	Old     json.RawMessage `json:"old,omitempty"`
	New     json.RawMessage `json:"new,omitempty"`
	Unknown bool            `json:"unknown,omitempty"`
}

// Flow is the decision on one flow.
type Flow struct {
	Address    string   `json:"address"`
	Runner     string   `json:"runner"`
	Verdict    Verdict  `json:"verdict"`
	Reasons    []Reason `json:"reasons"`
	ConfigHash *string  `json:"config_hash"` // null while unknown
	RunID      *string  `json:"run_id"`      // of the run that its references resolve to; null while unknown
	DependsOn  []string `json:"depends_on"`
	// CommittedRunID is the run of the committed record, where that is right and
	// its run lies in another store; ChoiceRunID is the one that counts here
	// instead, if there is one.
	CommittedRunID string `json:"committed_run_id,omitempty"`
	ChoiceRunID    string `json:"choice_run_id,omitempty"`
	Pin            *Pin   `json:"pin,omitempty"` // of a pinned flow
	// Resumes is what is left of its last attempt, from which it goes on; nil to
	// begin from the beginning.
	Resumes   *Resumption `json:"resumes,omitempty"`
	MovedFrom string      `json:"moved_from,omitempty"` // the old name, under which its record still stands
	Asserted  bool        `json:"asserted,omitempty"`   // its record is that of an accepted or imported run

	Instance *eval.Instance    `json:"-"`
	Resolved *eval.Flow        `json:"-"`
	Place    *Place            `json:"-"`
	Listing  *bundle.Listing   `json:"-"` // what would be bundled
	Manifest manifest.Manifest `json:"-"`
	Uses     []eval.Use        `json:"-"` // which leaves depend on which runs and hooks
	Inputs   []record.Input    `json:"-"` // of the leaves that depend on runs that are known
	Reads    []Read            `json:"-"` // files of other flows that its arguments name, where they are known
	Selected *record.Record    `json:"-"` // what the record says now; nil without one
	Stood    map[string]string `json:"-"` // digests of the records that Selected was read from, as record.Success has them
	// Elsewhere is the committed record, where its run lies in another store and
	// it is right for this configuration: it is not to be written over.
	Elsewhere  *record.Record `json:"-"`
	SharedHash string         `json:"-"` // the config hash that all machines agree on; "" while unknown
	Record     *record.Record `json:"-"` // the record of a fresh or reused flow
	Adopted    *Adoption      `json:"-"` // the run that is recorded without having been made for this; nil without one
	Twin       string         `json:"-"` // the flow of this walk whose run will be reused, not recorded yet

	missing    string          // what the run lacks that was looked at last
	outdated   *Reason         // why a good run with this config hash does not count
	conflict   *conflict       // its record has git conflict markers
	damaged    *record.Problem // why its record is not believed
	renewed    bool            // it has run for the approved plan already
	shared     *eval.Flow      // Resolved with what the committed records name; nil where it is the same
	superseded *record.Record  // the committed record, where its run lies in another store and it is not right
}

// Pending says whether applying the decision could change anything.
func (f *Flow) Pending() bool {
	return f.Verdict == Reuse || f.Verdict == Run || f.Verdict == MayRun || f.Reselects() || f.MovedFrom != ""
}

// IsNew says whether a flow has no record, not even one that is not believed.
func (f *Flow) IsNew() bool { return f.Selected == nil && f.damaged == nil && f.conflict == nil }

// Reselects says whether the flow's record is to point to another run than it
// does, or to one alone, without running the flow.
func (f *Flow) Reselects() bool {
	return f.Record != nil && (f.Record != f.Selected || f.conflict != nil || f.Adopts())
}

// Adopts says whether the flow's record is to be that of an adopted run.
func (f *Flow) Adopts() bool { return f.Adopted != nil && f.Record == f.Adopted.Record }

// Summary counts the verdicts.
type Summary struct {
	Fresh   int `json:"fresh"`
	Reuse   int `json:"reuse"`
	Run     int `json:"run"`
	MayRun  int `json:"may_run"`
	Pinned  int `json:"pinned"`
	Blocked int `json:"blocked"`
}

// Plan is the decision on all flows.
type Plan struct {
	FormatVersion string  `json:"format_version"`
	Workspace     string  `json:"workspace"`
	Flows         []*Flow `json:"flows"` // each after what it depends on
	Summary       Summary `json:"summary"`

	Undeclared []string `json:"undeclared,omitempty"` // records of flows that are not declared any more
	Notes      []string `json:"notes,omitempty"`      // for the person

	Warnings []diag.Problem `json:"warnings,omitempty"` // what may be wrong with the configuration
}

// Pending says whether applying the plan could change anything.
func (p *Plan) Pending() bool { return slices.ContainsFunc(p.Flows, (*Flow).Pending) }

// Flow is the decision on the flow of that address, or nil.
func (p *Plan) Flow(address string) *Flow {
	for _, flow := range p.Flows {
		if flow.Address == address {
			return flow
		}
	}
	return nil
}

func (s *Summary) count(v Verdict) {
	switch v {
	case Fresh:
		s.Fresh++
	case Reuse:
		s.Reuse++
	case Run:
		s.Run++
	case MayRun:
		s.MayRun++
	case Pinned:
		s.Pinned++
	case Blocked:
		s.Blocked++
	}
}
