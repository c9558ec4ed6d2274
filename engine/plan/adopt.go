package plan

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
)

// Adoption is a run that was not made with the configuration of now, as its
// record for that would be. Of such a run the parameters are known. Its code
// and environment are not, or do not count: that is what is asserted.
type Adoption struct {
	Record *record.Record // without a config hash while that is not known
	Notes  []string       // for the person

	flow *Flow // with the run's own parameters
}

// Texts are kept with the record, by digest.
func (a *Adoption) Texts() map[string]string { return a.flow.Texts() }

// adopt makes the record of a run for the configuration of now: its manifest,
// but where a parameter of the run is known to be another, that. So a plan
// names what differs, and does not believe what is false. A run that flowrider
// has made with just this configuration is found, and nothing is asserted.
// lacks says what is wrong with the run.
func (s *Session) adopt(flow *Flow, runID string) (adoption *Adoption, lacks string) {
	if rec := s.madeWith(flow, runID); rec != nil {
		return &Adoption{Record: rec, flow: flow}, ""
	}
	if known := s.recordOf(flow, runID); known != nil {
		return s.adoptKnown(flow, known)
	}
	return s.adoptUnseen(flow, runID)
}

// madeWith is the record of a run that flowrider has made with the configuration
// of now, and that is still there: of that nothing need be asserted. It is nil
// if there is none.
func (s *Session) madeWith(flow *Flow, runID string) *record.Record {
	if flow.ConfigHash == nil {
		return nil
	}
	for _, rec := range s.history(*flow.ConfigHash) {
		if isRun(rec, runID) && !rec.Asserted && s.StillThere(flow, rec) {
			rec.Flow = flow.Address
			return rec
		}
	}
	return nil
}

// isRun says whether a record is of a run, which is named by its ID or as its
// runner names it.
func isRun(rec *record.Record, runID string) bool {
	return rec.RunID == runID || rec.Pathspec != "" && rec.Pathspec == runID
}

// adoptKnown adopts a run that the history knows.
func (s *Session) adoptKnown(flow *Flow, known *record.Record) (*Adoption, string) {
	if lacks := s.lacks(flow, known); lacks != "" {
		return nil, lacks
	}
	given, err := givenBefore(flow, known)
	if err != nil {
		return nil, err.Error()
	}
	as, err := s.as(flow, given)
	if err != nil {
		return nil, err.Error()
	}
	if made := s.madeWith(as, known.RunID); made != nil {
		return &Adoption{Record: made, flow: as}, ""
	}
	rec := *known
	rec.Equivalent, rec.SharedHash = nil, ""
	return &Adoption{Record: asserted(&rec, as), flow: as}, ""
}

// adoptUnseen adopts a run that flowrider did not make, where the runner can
// read it.
func (s *Session) adoptUnseen(flow *Flow, runID string) (*Adoption, string) {
	adopter, ok := s.tools.Runners[flow.Runner].(runner.Adopter)
	if !ok {
		return nil, "no such run is known here; of a " + flow.Runner + " flow only the history knows runs"
	}
	given, err := adopter.Given(s.adoptedJob(flow), runID)
	if err != nil {
		return nil, unread(err)
	}
	as, err := s.as(flow, given)
	if err != nil {
		return nil, err.Error()
	}
	run, err := adopter.Adopt(s.adoptedJob(as), given)
	if err != nil {
		return nil, unread(err)
	}
	rec := asserted(&record.Record{
		Schema: record.Schema, Runner: flow.Runner, RunID: run.ID, Pathspec: run.Pathspec, Store: run.Store,
		DataVersion: run.DataVersion, Outputs: run.Outputs, Started: given.Started, Duration: given.Duration.Seconds(),
	}, as)
	if rec.Store == "" {
		if rec.Store, err = s.tools.Records.KnownStoreID(); err != nil {
			return nil, err.Error()
		}
	}
	return &Adoption{Record: rec, Notes: notesOn(flow, given), flow: as}, ""
}

// unread is why a run cannot be read, as the end of a sentence.
func unread(err error) string {
	if failure := (*runner.Failure)(nil); errors.As(err, &failure) {
		return failure.Reason
	}
	return fmt.Sprintf("it cannot be read: %v", err)
}

// notesOn says what of a run's parameters is taken for granted.
func notesOn(flow *Flow, given *runner.Given) []string {
	var notes []string
	if len(given.Unread) > 0 {
		notes = append(notes, fmt.Sprintf("%s: what run %s had for %s cannot be read; it is taken to be what is configured", flow.Address, given.RunID, strings.Join(given.Unread, ", ")))
	}
	if len(given.Unset) > 0 {
		notes = append(notes, fmt.Sprintf("%s: run %s had %s, which the configuration does not give; it is taken to be the default", flow.Address, given.RunID, strings.Join(shownParameters(given), ", ")))
	}
	return notes
}

func shownParameters(given *runner.Given) []string {
	var list []string
	for _, name := range given.Unset {
		if value, ok := given.Parameters[name]; ok {
			name += " = " + eval.CanonicalJSON(value)
		}
		list = append(list, name)
	}
	return list
}

// asserted fills in what a record says of the configuration, which is as's.
func asserted(rec *record.Record, as *Flow) *record.Record {
	rec.Flow, rec.Asserted = as.Address, true
	rec.Components, rec.Inputs, rec.Parameters = as.Manifest.Components(), as.Inputs, as.Passed()
	if rec.ConfigHash = ""; as.ConfigHash != nil {
		rec.ConfigHash = *as.ConfigHash
	}
	return rec
}

// adoptedJob is what a runner needs to know of a flow to read a run of it.
func (s *Session) adoptedJob(flow *Flow) *runner.Job {
	job := &runner.Job{
		Address: flow.Address, Name: flow.Instance.Flow.Address.Name, Root: s.Config.Root, Project: flow.Place.Project,
		Args: runner.Arguments{}, Hashed: runner.Arguments{}, DataPolicy: Policy(flow),
	}
	if flow.ConfigHash != nil {
		job.ConfigHash = *flow.ConfigHash
	}
	for name, value := range flow.Resolved.Arguments {
		job.Args[name], job.Hashed[name] = value.Unmarked(), value.Hashed
	}
	for _, declared := range flow.Instance.Flow.Outputs {
		artifact, _ := flow.Resolved.Outputs[declared.Name]["artifact"].Text()
		job.Outputs = append(job.Outputs, runner.Output{Name: declared.Name, Artifact: artifact})
	}
	return job
}

// givenBefore compares a recorded run's parameters with those that would be
// passed now.
func givenBefore(flow *Flow, rec *record.Record) (*runner.Given, error) {
	given := &runner.Given{RunID: rec.RunID, Parameters: map[string]cty.Value{}}
	passed := flow.Passed()
	for name, text := range rec.Parameters {
		value, err := fromJSON(text)
		if err != nil {
			return nil, err
		}
		given.Parameters[name] = value
		if now, ok := passed[name]; !ok || string(now) != eval.CanonicalJSON(value) {
			given.Differ = append(given.Differ, name)
		}
	}
	for name := range membersOf(parameters(flow.Resolved).Real) {
		if _, ok := rec.Parameters[name]; !ok {
			given.Differ = append(given.Differ, name)
		}
	}
	slices.Sort(given.Differ)
	return given, nil
}

var errParametersUnknown = errors.New("what its parameters are now is not known yet; apply what it needs first")

// as is the flow as it would be with the parameters of a run: where one is
// what would be passed now, its hashed form stays, so that a run ID counts as
// the data version that it stands for; where it differs, the run's own value
// stands.
func (s *Session) as(flow *Flow, given *runner.Given) (*Flow, error) {
	as, resolved := *flow, *flow.Resolved
	resolved.Arguments = maps.Clone(flow.Resolved.Arguments)
	if value, ok := resolved.Arguments["parameters"]; ok || len(given.Differ) > 0 {
		value, err := withParameters(value, given)
		if err != nil {
			return nil, err
		}
		resolved.Arguments["parameters"] = value
	}
	as.Resolved = &resolved
	facts, uses := s.facts(&as)
	as.Manifest, as.Uses = manifest.New(facts), uses
	as.Inputs, as.ConfigHash = s.inputs(&as), nil
	if as.Manifest.Known() {
		hash := as.Manifest.Hash()
		as.ConfigHash = &hash
		s.adopted[hash] = as.Manifest
	} else if Policy(flow) == runner.PolicyKey {
		return nil, errors.New("what its result is compared by is its config hash, which is not known yet; apply what it needs first")
	}
	return &as, nil
}

// withParameters are the parameters of now with a run's own where they differ.
// What is ambient does not count, so it may differ; a path of a machine is not
// kept.
func withParameters(value eval.Value, given *runner.Given) (eval.Value, error) {
	reals, hashes := map[string]cty.Value{}, map[string]cty.Value{}
	if !value.Absent() {
		real, _ := value.Real.Unmark()
		hashed, _ := value.Hashed.Unmark()
		if !real.IsKnown() || !hashed.IsKnown() {
			return value, errParametersUnknown
		}
		maps.Copy(reals, real.AsValueMap())
		maps.Copy(hashes, hashed.AsValueMap())
	}
	for _, name := range given.Differ {
		theirs, had := given.Parameters[name]
		ours, have := reals[name]
		switch {
		case have && eval.Has(ours, eval.Ambient):
		case !had:
			delete(reals, name)
			delete(hashes, name)
		case have && eval.Has(ours, eval.Local) && theirs.Type() == cty.String && strings.HasPrefix(theirs.AsString(), "/"):
			reals[name], hashes[name] = cty.StringVal("(another path)"), cty.StringVal("(another path)")
		default:
			reals[name], hashes[name] = theirs, theirs
		}
	}
	for _, real := range reals {
		if plain, _ := real.UnmarkDeep(); !plain.IsWhollyKnown() {
			return value, errParametersUnknown
		}
	}
	return eval.Value{Real: cty.ObjectVal(reals), Hashed: cty.ObjectVal(hashes)}, nil
}
