package apply

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/oklog/ulid/v2"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
)

// Publisher is a runner that places outputs in the project: it puts back what
// is missing there, or what belongs to another run of the flow.
type Publisher interface {
	Restore(root, project string, rec *record.Record, published map[string]string) (notes []string, err error)
}

// dispatchFlow decides a flow whose needs are all done, and begins what the
// decision says.
func (l *loop) dispatchFlow(address string) {
	f := l.flows[address]
	f.started = time.Now()
	decision, diags := l.session.Decide(l.session.Instance(address), nil)
	f.decision = decision
	switch {
	case diags.HasErrors():
		l.end(address, Failed, Event{Reason: describe(diags)})
	case decision.Twin != "":
		l.followTwin(address, decision)
	case decision.Verdict == plan.Fresh, decision.Verdict == plan.Reuse:
		l.settle(address, decision)
	case decision.Verdict == plan.Run:
		l.prepare(address, decision)
	case decision.Verdict == plan.Blocked:
		l.end(address, Failed, Event{Reason: decision.Reasons[0].Detail})
	default:
		panic(fmt.Sprintf("apply: %s is %s although all that it needs is done", address, decision.Verdict))
	}
}

// followTwin lets a flow wait for the one that runs with the same inputs, and
// then be decided again. Where that one has not been started, this one runs
// in its place: it might be waiting for this very flow.
func (l *loop) followTwin(address string, decision *plan.Flow) {
	twin := l.flows[decision.Twin]
	if twin != nil && (twin.state == Preparing || twin.state == Running) {
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
// are missing, and a reused record is selected.
func (l *loop) settle(address string, decision *plan.Flow) {
	l.work(func() func() {
		notes, err := l.restore(decision)
		if err == nil && decision.Verdict == plan.Reuse {
			err = l.selectReused(decision)
		}
		if err == nil {
			err = l.writeRunIDFile(decision, decision.Record.RunID)
		}
		return func() {
			l.note(notes)
			switch {
			case err != nil:
				l.end(address, Failed, Event{Reason: err.Error()})
			case decision.Verdict == plan.Reuse:
				l.end(address, Reused, Event{RunID: decision.Record.RunID})
			default:
				l.end(address, Fresh, Event{RunID: decision.Record.RunID})
			}
		}
	})
}

// selectReused makes an older record the selected one, under the flow's
// present name.
func (l *loop) selectReused(decision *plan.Flow) error {
	rec := *decision.Record
	rec.Flow = decision.Address
	if err := l.keepTexts(decision); err != nil {
		return err
	}
	decision.Record = &rec
	return l.tools.Records.Select(&rec)
}

func (l *loop) restore(decision *plan.Flow) ([]string, error) {
	publisher, ok := l.tools.Runners[decision.Runner].(Publisher)
	if !ok {
		return nil, nil
	}
	return publisher.Restore(l.session.Config.Root, decision.Place.Project, decision.Record, published(decision.Selected))
}

// published are the digests of what the selected record's run has placed in
// the project, by path below it: only that may be written over.
func published(rec *record.Record) map[string]string {
	digests := map[string]string{}
	if rec != nil {
		for _, output := range rec.Outputs {
			if output.Published != "" {
				digests[output.Published] = output.Digest
			}
		}
	}
	return digests
}

// place is what has been made for one attempt.
type place struct {
	attempt string
	dir     string // the bundle
	scratch string
	listing *bundle.Listing
}

// prepare builds the environment and copies the bundle. The loop then decides
// once more, by the bytes that were really copied.
func (l *loop) prepare(address string, decision *plan.Flow) {
	l.set(address, Preparing, Event{Reason: reasonLine(decision)})
	attempt := ulid.MustNew(ulid.Now(), rand.Reader).String()
	l.work(func() func() {
		made, err := l.makePlace(attempt, decision)
		return func() {
			switch {
			case l.ctx.Err() != nil:
				l.end(address, Cancelled, Event{Reason: "interrupted"})
			case err != nil:
				l.end(address, Failed, Event{Reason: err.Error()})
			default:
				l.confirm(address, decision, made)
			}
		}
	})
}

func (l *loop) makePlace(attempt string, decision *plan.Flow) (*place, error) {
	if err := l.build(decision.Place.Environment); err != nil {
		return nil, err
	}
	work := filepath.Join(l.session.Config.Root, filepath.FromSlash(record.WorkPath(decision.Instance.Address)))
	made := &place{attempt: attempt, dir: filepath.Join(work, attempt), scratch: filepath.Join(work, attempt+".scratch")}
	if err := os.MkdirAll(made.scratch, 0o700); err != nil {
		return nil, err
	}
	listing, err := bundle.Copy(l.ctx, decision.Place.Selection, made.dir)
	if err != nil {
		return nil, fmt.Errorf("its bundle cannot be made: %w", err)
	}
	made.listing = listing
	return made, nil
}

// confirm fixes the config hash by what was copied. Where files have changed
// since the decision, the flow is decided again, and may even be fresh.
func (l *loop) confirm(address string, decision *plan.Flow, made *place) {
	if made.listing.Digest != decision.Listing.Digest {
		again, diags := l.session.Decide(decision.Instance, made.listing)
		if diags.HasErrors() {
			l.end(address, Failed, Event{Reason: describe(diags)})
			return
		}
		decision = again
		l.flows[address].decision = again
		if decision.Verdict != plan.Run {
			l.discard(decision, made)
			if decision.Twin != "" {
				l.followTwin(address, decision)
			} else {
				l.settle(address, decision)
			}
			return
		}
	}
	l.start(address, decision, made)
}

// reasonLine is the reasons in a line: their codes.
func reasonLine(decision *plan.Flow) string {
	var codes []string
	for _, reason := range decision.Reasons {
		codes = append(codes, reason.Code)
	}
	return strings.Join(codes, ", ")
}

func (l *loop) note(notes []string) {
	for _, note := range notes {
		l.emit(Event{Type: "note", Reason: note, Time: time.Now()})
	}
}

// writeRunIDFile writes the bare run ID for code that reads such files.
func (l *loop) writeRunIDFile(decision *plan.Flow, runID string) error {
	name, ok := decision.Resolved.Arguments["run_id_file"].Text()
	if !ok {
		return nil
	}
	file := filepath.Join(l.session.Config.Root, filepath.FromSlash(name))
	if content, err := os.ReadFile(file); err == nil && string(content) == runID {
		return nil
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return durable.WriteFile(file, []byte(runID))
}

// discard notes what of a place is to be removed at the end of the apply: the
// bundle, and the byte code that Python keeps of it elsewhere.
func (l *loop) discard(decision *plan.Flow, made *place) {
	l.used = append(l.used, made.dir, made.scratch)
	if e := decision.Place.Environment; e != nil {
		if prefix, built := e.Prefix(); built && prefix.Env["PYTHONPYCACHEPREFIX"] != "" {
			l.used = append(l.used, filepath.Join(prefix.Env["PYTHONPYCACHEPREFIX"], made.dir))
		}
	}
}

// removeUsed removes the bundles that nobody needs any more: at the end, since
// deleting slows creating down on some file systems.
func (l *loop) removeUsed() {
	for _, folder := range l.used {
		os.RemoveAll(folder) // a leftover is removed by the flow's next apply
	}
}
