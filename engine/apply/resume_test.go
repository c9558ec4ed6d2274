package apply_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/schema"
)

// resumer is a runner that can go on with the runs that it has started, and
// keeps what each was to go on with. A run's ID is begun before its process is.
type resumer struct {
	*fake
	from    []string        // what each run went on with, "" for the beginning
	gone    map[string]bool // runs that cannot be gone on with
	refuses bool            // Metaflow would not
	mute    bool            // no run is started
}

func newResumer() *resumer { return &resumer{fake: newFake(), gone: map[string]bool{}} }

func (r *resumer) Started(scratch string) string {
	text, _ := os.ReadFile(filepath.Join(scratch, "run_id"))
	return string(text)
}

func (r *resumer) Resumable(_ *runner.Job, runID string) (string, bool) {
	return "train", !r.gone[runID]
}

func (r *resumer) Command(job *runner.Job) (process.Command, error) {
	r.from = append(r.from, job.Resume)
	command, err := r.fake.Command(job)
	os.Remove(filepath.Join(job.Scratch, "run_id"))
	if !r.mute {
		err = errors.Join(err, os.WriteFile(filepath.Join(job.Scratch, "run_id"), []byte(r.id(job)), 0o600))
	}
	return command, err
}

func (r *resumer) id(job *runner.Job) string {
	return plain.Replace(job.Address) + "/" + string(rune('0'+r.runs[job.Address]))
}

func (r *resumer) Outcome(job *runner.Job, exit process.Exit) (*runner.Run, error) {
	run, err := r.fake.Outcome(job, exit)
	if r.refuses && job.Resume != "" {
		failure := runner.Failf("it does not want to")
		failure.Refused = true
		return nil, failure
	}
	return run, err
}

const resumed = `
	variable "n" { default = 1 }
	flow "command" "up" {
		argv = ["up"]
		bundle { include = [] }
	}
	flow "command" "a" {
		argv   = ["a", tostring(var.n), flow.up.run_id]
		bundle {
			include = ["code"]
			link    = ["data"]
		}
	}
`

// newResumed is a project whose flow a has failed once.
func newResumed(t *testing.T, config string) (*project, *resumer) {
	t.Helper()
	r := newResumer()
	p := newProject(t, config, r)
	p.write("code", "1")
	p.write("data", "1")
	r.gives["flow.up"] = "same"
	r.fails["flow.a"] = "no service"
	equal(t, apply.Failed, p.apply(context.Background(), nil).states()["flow.a"])
	r.from = nil
	return p, r
}

func (p *project) lastAttempt() *record.Attempt {
	return p.records().LastAttempt(schema.Address{Block: "flow", Name: "a"})
}

// A run that failed is gone on with if all that it was made of is the same,
// and the flow may.
func TestWhatAFailedRunIsGoneOnWith(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(p *project, r *resumer)
		want   string // what the next run goes on with
	}{
		{"all is the same", func(*project, *resumer) {}, "a/1"},
		{"another parameter", func(p *project, _ *resumer) { p.variables["n"] = "2" }, ""},
		{"other code", func(p *project, _ *resumer) { p.write("code", "2") }, ""},
		{"other data", func(p *project, _ *resumer) { p.write("data", "2") }, ""},
		{"other salt", func(p *project, _ *resumer) { p.reconfigure(strings.NewReplacer(`argv   =`, `salt = "2"`+"\nargv =")) }, ""},
		{"another run with the same result", func(p *project, r *resumer) {
			if err := os.RemoveAll(filepath.Join(p.root, "runs")); err != nil {
				p.Fatal(err)
			}
			if err := os.RemoveAll(filepath.Join(p.root, ".flowrider", "history")); err != nil {
				p.Fatal(err)
			}
		}, ""},
		{"what does not count", func(p *project, _ *resumer) {
			p.reconfigure(strings.NewReplacer(`argv   =`, `description = "d"`+"\nargv ="))
		}, "a/1"},
		{"forced", func(p *project, _ *resumer) { p.replace = []string{"flow.a"} }, ""},
		{"--no-resume", func(p *project, _ *resumer) { p.noResume = true }, ""},
		{"volatile", func(p *project, _ *resumer) {
			p.reconfigure(strings.NewReplacer(`argv   =`, "volatile = true\nargv ="))
		}, ""},
		{"a result that expires", func(p *project, _ *resumer) {
			p.reconfigure(strings.NewReplacer(`argv   =`, `expires_after = "9999h"`+"\nargv ="))
		}, ""},
		{"a run that is gone", func(_ *project, r *resumer) { r.gone["a/1"] = true }, ""},
		{"an attempt that was edited", func(p *project, r *resumer) {
			name := filepath.Join(p.root, ".flowrider", "attempts", "a.json")
			text, err := os.ReadFile(name)
			if err != nil {
				p.Fatal(err)
			}
			p.write(".flowrider/attempts/a.json", strings.Replace(string(text), `"a/1"`, `"a/2"`, 1))
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, r := newResumed(t, resumed)
			delete(r.fails, "flow.a")
			test.change(p, r)
			result := p.apply(context.Background(), nil)
			equal(t, apply.Succeeded, result.states()["flow.a"])
			got := r.from[len(r.from)-1] // up may have run before
			equal(t, test.want, got)
			rec, _ := p.records().Selected(schema.Address{Block: "flow", Name: "a"})
			equal(t, test.want, rec.OriginRunID)
			if flow := result.planned.Flow("flow.a"); flow.Resumes != nil && flow.Resumes.RunID != test.want {
				t.Errorf("planned to go on with %v", flow.Resumes)
			}
		})
	}
}

// One that fails again is gone on with from its newest run, and if that cannot
// be, from the one before.
func TestARunThatFailsAgainIsGoneOnWith(t *testing.T) {
	t.Parallel()
	p, r := newResumed(t, resumed)
	p.apply(context.Background(), nil)
	p.apply(context.Background(), nil)
	r.gone["a/3"] = true
	p.apply(context.Background(), nil)
	r.mute = true // the fifth fails before a run has started
	p.apply(context.Background(), nil)
	r.mute = false
	p.apply(context.Background(), nil)
	equal(t, []string{"a/1", "a/2", "a/2", "a/4", "a/4"}, r.from)
}

// Where the runner will not go on with a run, the flow begins from the
// beginning in the same apply, and says so.
func TestARefusedRunBeginsFromTheBeginning(t *testing.T) {
	t.Parallel()
	p, r := newResumed(t, resumed)
	delete(r.fails, "flow.a")
	r.refuses = true
	result := p.apply(context.Background(), nil)
	equal(t, []string{"a/1", ""}, r.from)
	equal(t, apply.Succeeded, result.states()["flow.a"])
	var notes []string
	for _, event := range result.events {
		if event.Type == "note" {
			notes = append(notes, event.Reason)
		}
	}
	equal(t, []string{"flow.a: run a/1 cannot be gone on with (it does not want to); it begins from the beginning"}, notes)
	rec, _ := p.records().Selected(schema.Address{Block: "flow", Name: "a"})
	equal(t, "", rec.OriginRunID)
}

// A run that was refused is not asked for again, and its log is part of the
// attempt's.
func TestARefusedRunIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	p, r := newResumed(t, resumed)
	r.refuses = true
	r.mute = true
	r.began = func(string) []string { return []string{"/bin/echo", "a line"} }
	equal(t, apply.Failed, p.apply(context.Background(), nil).states()["flow.a"])
	equal(t, "", p.lastAttempt().Origin)
	applies, _ := p.records().Applies()
	for _, tried := range applies[len(applies)-1].Tried {
		equal(t, "", tried.Origin)
	}
	log, err := os.ReadFile(filepath.Join(p.root, p.lastAttempt().Log))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "a line\na line\n", string(log))
	p.apply(context.Background(), nil)
	equal(t, []string{"a/1", "", ""}, r.from)
}

// What a run has read while it was changed counts as nothing, also where it is
// again as it was.
func TestARunThatReadWhatChangedIsNotGoneOnWith(t *testing.T) {
	t.Parallel()
	p, r := newResumed(t, resumed)
	r.judging = func(address string) {
		if address == "flow.a" {
			p.write("data", "2")
		}
	}
	p.apply(context.Background(), nil)
	equal(t, false, p.lastAttempt().Unchanged)
	r.judging = nil
	p.write("data", "1")
	p.apply(context.Background(), nil)
	equal(t, []string{"a/1", ""}, r.from)
}

// An attempt whose end nobody saw has left its run's ID in its scratch folder.
// It is gone on with, unless it reads what may have changed unseen.
func TestARunWhoseEndNobodySawIsGoneOnWith(t *testing.T) {
	for want, config := range map[string]string{"a/1": strings.Replace(resumed, `link    = ["data"]`, "", 1), "": resumed} {
		t.Run("from "+want, func(t *testing.T) {
			t.Parallel()
			p, r := newResumed(t, config)
			last := p.lastAttempt()
			last.Ended, last.Failed, last.Reason, last.RunID = time.Time{}, false, "", ""
			last.Unchanged = want != "" // as it was noted before the process started
			if err := p.records().PutAttempt(schema.Address{Block: "flow", Name: "a"}, *last); err != nil {
				t.Fatal(err)
			}
			p.apply(context.Background(), nil)
			equal(t, []string{want}, r.from)
		})
	}
}

// A stopped run is gone on with, and a recorded one whose result is lost is not.
func TestAStoppedRunIsGoneOnWith(t *testing.T) {
	t.Parallel()
	p, r := newResumed(t, strings.Replace(resumed, `link    = ["data"]`, "", 1))
	ctx, stop := context.WithCancelCause(context.Background())
	r.began = func(address string) []string {
		stop(errors.New("enough"))
		return []string{"/bin/sleep", "1000"}
	}
	equal(t, apply.Cancelled, p.apply(ctx, nil).states()["flow.a"])
	r.began = nil
	delete(r.fails, "flow.a")
	p.apply(context.Background(), nil)
	equal(t, []string{"a/1", "a/2"}, r.from)

	for _, folder := range []string{"runs/a.json", ".flowrider/history"} {
		if err := os.RemoveAll(filepath.Join(p.root, folder)); err != nil {
			t.Fatal(err)
		}
	}
	p.apply(context.Background(), nil)
	equal(t, "", r.from[len(r.from)-1])
}
