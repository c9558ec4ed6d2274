package apply

import (
	"encoding/json"
	"runtime"
	"slices"
	"time"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/schema"
)

// commit records a success, durably, and gives the record that references
// resolve to. Where the result is the same as that of the selected record's
// run and that run still exists, the record keeps pointing at the older run
// and names the newer as equivalent, so that nothing changes for dependents.
//
// The history comes first: a selected record is always in it.
func (l *loop) commit(decision *plan.Flow, job *runner.Job, run *runner.Run, started time.Time) (rec *record.Record, err error) {
	fresh := l.newRecord(decision, job, run, started)
	records := []*record.Record{fresh}
	if old := decision.Selected; old != nil && l.sameResult(old, fresh) && l.session.StillThere(decision, old) {
		records = append(records, confirmed(withPlaces(old, decision.Resolved), fresh))
	}
	if err := l.keepTexts(decision); err != nil {
		return nil, err
	}
	for _, rec = range records {
		if err := l.tools.Records.Append(rec); err != nil {
			return nil, err
		}
	}
	return rec, l.choose(decision, rec)
}

// choose makes rec the flow's record. What stood under a name that the flow
// had before is removed then.
func (l *loop) choose(decision *plan.Flow, rec *record.Record) error {
	if err := l.tools.Records.Select(rec); err != nil || decision.MovedFrom == "" {
		return err
	}
	former, err := schema.ParseAddress(decision.MovedFrom)
	if err != nil {
		panic(err) // a Session writes what can be read
	}
	return l.tools.Records.Forget(former)
}

// confirmed is the record of an older run with a newer one that had the same
// result.
func confirmed(old, fresh *record.Record) *record.Record {
	old.Equivalent = append(slices.Clone(old.Equivalent), record.Equivalent{
		RunID: fresh.RunID, ConfigHash: fresh.ConfigHash, Components: fresh.Components, Inputs: fresh.Inputs, Finished: fresh.Finished(),
	})
	old.Equivalent = old.Equivalent[max(0, len(old.Equivalent)-maxEquivalent):]
	return old
}

// maxEquivalent bounds a record that is confirmed again and again, as a
// volatile flow's is; all runs stay in the history.
const maxEquivalent = 5

// keepTexts stores what explain compares: the manifest, the list of files and
// the facts of the lock, each under its digest.
func (l *loop) keepTexts(decision *plan.Flow) error {
	records := l.tools.Records
	if err := records.PutText(*decision.ConfigHash, decision.Manifest.Text()); err != nil {
		return err
	}
	if err := records.PutText(decision.Listing.Digest, decision.Listing.Text()); err != nil {
		return err
	}
	if e := decision.Place.Environment; e != nil {
		if lock, _ := e.Locked(); lock != nil {
			return records.PutText(lock.Digest, lock.Facts)
		}
	}
	return nil
}

// sameResult compares the data versions of everything that can be referenced.
// The contents of outputs are compared too: under the policy key they may
// differ, and what is placed in the project must be the recorded run's.
func (l *loop) sameResult(old, fresh *record.Record) bool {
	if old.Runner != fresh.Runner || old.DataVersion != fresh.DataVersion || len(old.Outputs) != len(fresh.Outputs) {
		return false
	}
	for name, output := range fresh.Outputs {
		before, ok := old.Outputs[name]
		if !ok || before.DataVersion != output.DataVersion || before.File != output.File || before.Digest != output.Digest {
			return false
		}
	}
	return true
}

// newRecord is the record of a run that has just succeeded.
func (l *loop) newRecord(decision *plan.Flow, job *runner.Job, run *runner.Run, started time.Time) *record.Record {
	store := run.Store
	if store == "" {
		store = l.storeID
	}
	return &record.Record{
		Schema: record.Schema, Flow: decision.Address, Runner: decision.Runner,
		RunID: run.ID, Pathspec: run.Pathspec, Store: store,
		ConfigHash: *decision.ConfigHash, Components: decision.Manifest.Components(),
		DataVersion: run.DataVersion, Outputs: run.Outputs,
		Parameters: parameters(decision.Resolved), Inputs: decision.Inputs,
		Started: started.Truncate(time.Millisecond), Duration: milliseconds(time.Since(started)),
		GitCommit: l.tools.GitCommit(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }

// parameters are those that were passed. What is sensitive, ambient or a path
// of this machine stands in its hashed form.
func parameters(resolved *eval.Flow) map[string]json.RawMessage {
	value, ok := resolved.Arguments["parameters"]
	if !ok {
		return nil
	}
	all := map[string]json.RawMessage{}
	hashed := value.Hashed.AsValueMap()
	real := value.Real
	real, _ = real.Unmark()
	for name, parameter := range real.AsValueMap() {
		if eval.Has(parameter, eval.Sensitive) || eval.Has(parameter, eval.Ambient) || eval.Has(parameter, eval.Local) {
			all[name] = json.RawMessage(eval.CanonicalJSON(hashed[name]))
			continue
		}
		plain, _ := parameter.UnmarkDeep()
		all[name] = json.RawMessage(eval.CanonicalJSON(plain))
	}
	return all
}
