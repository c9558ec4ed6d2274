package apply

import (
	"cmp"
	"runtime"
	"slices"
	"time"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
)

// success is what is recorded of a run; its last record is the one that
// references resolve to. Where the result is the same as that of the selected
// record's run and that run still exists, the record keeps pointing at the older
// run and names the newer as equivalent, so that nothing changes for dependents.
// Of a run that somebody has asserted, the newer one takes the place: it is
// known.
func (l *loop) success(decision *plan.Flow, fresh *record.Record) record.Success {
	records := []*record.Record{fresh}
	if old := decision.Selected; old != nil && l.confirmable(old) && l.sameResult(old, fresh) && l.session.StillThere(decision, old) {
		records = append(records, confirmed(withPlaces(old, decision.Resolved), fresh))
	}
	return record.Success{Records: records, Elsewhere: decision.Elsewhere, Former: decision.MovedFrom, Stood: decision.Stood}
}

// confirmable says whether a record may go on to name its run where a newer one
// has confirmed it. One that somebody has asserted, or whose run is another
// machine's, gives way to what was seen here.
func (l *loop) confirmable(rec *record.Record) bool {
	return !rec.Asserted && !l.tools.Records.IsElsewhere(rec)
}

// confirmed is the record of an older run with a newer one that had the same
// result.
func confirmed(old, fresh *record.Record) *record.Record {
	old.Equivalent = append(slices.Clone(old.Equivalent), record.Equivalent{
		RunID: fresh.RunID, ConfigHash: fresh.ConfigHash, SharedHash: fresh.SharedHash,
		Components: fresh.Components, Inputs: fresh.Inputs, Finished: fresh.Finished(),
	})
	old.Equivalent = old.Equivalent[max(0, len(old.Equivalent)-maxEquivalent):]
	return old
}

// maxEquivalent bounds a record that is confirmed again and again, as a
// volatile flow's is; all runs stay in the history.
const maxEquivalent = 5

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

// draft is the record of a run whose process has ended, but for what the run
// itself will say.
func (l *loop) draft(decision *plan.Flow, job *runner.Job, noted record.Attempt) *record.Record {
	rec := &record.Record{
		Schema: record.Schema, Flow: decision.Address, Runner: decision.Runner,
		Attempt: job.Attempt, OriginRunID: job.Resume,
		ConfigHash: *decision.ConfigHash, Components: decision.Manifest.Components(),
		Parameters: decision.Passed(), Inputs: decision.Inputs,
		Started: noted.Started.Truncate(time.Millisecond), Duration: milliseconds(l.session.Now().Sub(noted.Started)), Attempts: noted.Try,
		GitCommit: l.tools.GitCommit(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	return rec.SharedAs(decision.SharedHash)
}

// complete adds to a draft what the run says.
func (l *loop) complete(draft *record.Record, run *runner.Run) *record.Record {
	rec := *draft
	rec.RunID, rec.Pathspec, rec.Store = run.ID, run.Pathspec, cmp.Or(run.Store, l.storeID)
	rec.DataVersion, rec.Outputs = run.DataVersion, run.Outputs
	if rec.Attempt == run.ID {
		rec.Attempt = ""
	}
	return &rec
}

// milliseconds is a duration in seconds. No run took less than no time, whatever
// clock says so.
func milliseconds(d time.Duration) float64 { return float64(max(0, d).Milliseconds()) / 1000 }
