package apply

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/attempt"
	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
)

// dispatchFlow decides a flow whose needs are all done, and begins what the
// decision says.
func (l *loop) dispatchFlow(address string) {
	decision, ok := l.decide(address, l.session.Instance(address), nil)
	if ok && !l.takeUp(address, decision) {
		l.queue(address, decision)
	}
}

// decide decides a flow, once more where it was about to run: a run of another
// flow may have been found to do meanwhile, or a forced twin have come to run in
// its place. ok is false where it is not to run, which ends it.
func (l *loop) decide(address string, instance *eval.Instance, listing *bundle.Listing) (decision *plan.Flow, ok bool) {
	decision, diags := l.session.Decide(instance, listing)
	l.flows[address].decision = decision
	switch {
	case diags.HasErrors():
		l.end(address, Failed, Event{Reason: describe(diags)})
	case l.stale(address, decision):
	case decision.Verdict != plan.Run:
		l.withoutRun(address, decision)
	default:
		return decision, true
	}
	return nil, false
}

// withoutRun ends a flow whose decision is not to run. It may have been about
// to.
func (l *loop) withoutRun(address string, decision *plan.Flow) {
	l.slots.Release(address)
	switch {
	case decision.Asserted && l.session.Options.Strict: // only this apply has shown that it would be used
		l.end(address, Failed, Event{Reason: (&plan.Refused{Flows: []string{address}}).Error()})
	case decision.Twin != "":
		l.followTwin(address, decision)
	case decision.Verdict == plan.Fresh, decision.Verdict == plan.Reuse, decision.Verdict == plan.Pinned:
		l.settle(address, decision)
	case decision.Verdict == plan.Blocked:
		l.fail(address, decision.Reasons[0].Detail) // it has not failed, and yet not all is done
		l.end(address, Blocked, Event{Reason: decision.Reasons[0].Detail})
	default:
		panic(fmt.Sprintf("apply: %s is %s although all that it needs is done", address, decision.Verdict))
	}
}

// followTwin lets a flow wait for the one that runs with the same inputs, and
// then be decided again. Where that one is not about to run, this one runs in
// its place: it might be waiting for this very flow.
func (l *loop) followTwin(address string, decision *plan.Flow) {
	twin := l.flows[decision.Twin]
	if twin != nil && (l.turns[decision.Twin] != nil || twin.state != Waiting && !twin.state.Ended()) {
		l.slots.Raise(decision.Twin, l.remaining[address])
		l.twins[decision.Twin] = append(l.twins[decision.Twin], address)
		return
	}
	l.session.Claim(decision)
	l.dispatchFlow(address)
}

// describe is a diagnostic as the reason of a failure: its place and text.
func describe(diags hcl.Diagnostics) string {
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			text := d.Summary + ": " + d.Detail
			if d.Subject != nil {
				text = fmt.Sprintf("%s:%d: %s", d.Subject.Filename, d.Subject.Start.Line, text)
			}
			return text
		}
	}
	return ""
}

// settle ends a flow that does not run: its outputs are put back where they
// are missing or wanted elsewhere now, and the record of another run is
// selected where it is reused or pinned.
func (l *loop) settle(address string, decision *plan.Flow) {
	rec := withPlaces(decision.Record, decision.Resolved)
	rec.Flow = decision.Address // a reused one may have had another name
	if decision.Verdict != plan.Pinned {
		rec = rec.SharedAs(decision.SharedHash)
	}
	l.slots.Expect(address, l.remaining[address])
	l.settling(func() func() {
		notes, err := l.restore(decision, rec, attempt.Published(decision.Selected))
		if err == nil {
			err = l.point(decision, rec)
		}
		if err == nil {
			notes = append(notes, l.writeRunIDFile(decision, rec)...)
			notes = append(notes, l.notePlaced(decision, rec)...)
		}
		aside := ""
		if damaged, ok := errors.AsType[*blob.Missing](err); ok {
			aside, _ = l.maker.PutAside(damaged.Digest, damaged.Name)
		}
		return func() {
			l.note(notes)
			l.slots.Release(address)
			switch {
			case aside != "" && !l.session.StillThere(decision, rec):
				l.note([]string{fmt.Sprintf("%s: %v: %s", address, err, aside)})
				l.dispatchFlow(address) // which finds it missing now
			case err != nil:
				l.failed(address, err, Event{})
			case decision.Reselects():
				l.end(address, Reused, Event{RunID: rec.RunID, Saved: rec.Duration, Reason: decision.Settled()})
			default:
				l.end(address, Fresh, Event{RunID: rec.RunID, Saved: rec.Duration})
			}
		}
	})
}

// point makes rec the record of a flow that does not run.
func (l *loop) point(decision *plan.Flow, rec *record.Record) error {
	var texts map[string]string
	var unseen []*record.Record // which the history does not have
	switch side := decision.Settles(); {
	case decision.Adopts() && rec.ConfigHash == "":
		return nil // the first apply that knows it writes the record
	case decision.Adopts():
		texts, unseen = decision.Adopted.Texts(), append(unseen, rec)
	case side != nil:
		texts, unseen = decision.Texts(), append(unseen, side.Record) // perhaps it was made elsewhere
	case decision.Verdict == plan.Reuse:
		texts = decision.Texts()
	}
	records := l.tools.Records
	if err := records.PutTexts(texts); err != nil {
		return err
	}
	for _, rec := range unseen {
		if err := records.Append(rec); err != nil {
			return err
		}
	}
	if decision.Reselects() || decision.MovedFrom != "" || !sameRecord(rec, decision.Record) {
		return records.SelectHere(rec, decision.Elsewhere, decision.MovedFrom)
	}
	return nil
}

// prepare builds the environment and copies the bundle. The loop then decides
// once more, by the bytes that were really copied.
func (l *loop) prepare(address string, decision *plan.Flow) {
	l.sayLimits()
	l.set(address, Preparing, Event{Reason: l.flows[address].because(decision)})
	work := filepath.Join(l.session.Config.Root, filepath.FromSlash(record.WorkPath(decision.Instance.Address)))
	l.work(func() func() {
		made, err := l.maker.Make(l.ctx, decision, work, attempt.NewID(l.session.Now()))
		return func() {
			switch {
			case l.halted() != "":
				l.leave(address, l.halted())
			case err != nil:
				l.failed(address, err, Event{})
			default:
				l.confirm(address, decision, made)
			}
		}
	})
}

// confirm fixes the config hash by what was copied. Where files have changed
// since the decision, the flow is decided again, and may even be fresh.
func (l *loop) confirm(address string, decision *plan.Flow, made *attempt.Place) {
	if made.Listing.Digest != decision.Listing.Digest {
		again, ok := l.decide(address, decision.Instance, made.Listing)
		if !ok {
			l.discard(made)
			return
		}
		decision = again
	}
	l.start(address, decision, made)
}

// because says in a line for what reasons a flow runs in this apply: that an
// attempt of the same apply has failed is none.
func (f *flow) because(decision *plan.Flow) string {
	if f.tries == 0 {
		f.why = codes(decision.Reasons)
	}
	return f.why
}

// codes is reasons in a line.
func codes(reasons []plan.Reason) string {
	var list []string
	for _, reason := range reasons {
		list = append(list, reason.Code)
	}
	return strings.Join(list, ", ")
}

func (l *loop) note(notes []string) {
	for _, note := range notes {
		l.emit(Event{Type: "note", Reason: note, Time: time.Now()})
	}
}

// discard notes that a place is to be removed at the end of the apply.
func (l *loop) discard(made *attempt.Place) {
	l.used = append(l.used, made.Folders()...)
}

// removeUsed removes the bundles that nobody needs any more: at the end, since
// deleting slows creating down on some file systems.
func (l *loop) removeUsed() {
	for _, folder := range l.used {
		os.RemoveAll(folder) // a leftover is removed by the flow's next apply
	}
}
