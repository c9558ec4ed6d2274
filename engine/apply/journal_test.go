package apply_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/schema"
)

const threeFlows = `
	flow "command" "a" {
		argv = ["a"]
		bundle { include = [] }
	}
	flow "command" "b" {
		argv       = ["b"]
		depends_on = [flow.a]
		bundle { include = [] }
	}
	flow "command" "c" {
		argv = ["c"]
		bundle { include = [] }
	}`

// A run that had ended well, and that nobody could judge since the machine had
// failed then, is judged by the next apply and not made again: unless something
// else would be run now, or it is no success.
func TestFinishedRunIsNotMadeAgain(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(p *project, runner *fake)
		runs   int
		state  apply.State
		reason string // in a note
	}{
		{"judged", func(*project, *fake) {}, 1, apply.Succeeded, ""},
		{"something else would run", func(p *project, _ *fake) {
			p.write("flowrider.hcl", strings.Replace(threeFlows, `["a"]`, `["a", "x"]`, 1))
		}, 2, apply.Succeeded, ""},
		{"forced", func(p *project, _ *fake) { p.replace = []string{"flow.a"} }, 2, apply.Succeeded, ""},
		{"no success", func(_ *project, runner *fake) { runner.fails["flow.a"] = "no output" }, 2, apply.Failed,
			"flow.a: what its last attempt has left is no success (no output); it runs again"},
		{"the environment cannot be built", func(_ *project, runner *fake) {
			runner.breaks["flow.a"] = errors.New("no network")
		}, 1, apply.Failed, "flow.a: the next apply looks at its run once more; to make another one, flowrider apply --replace flow.a"},
		{"the disk is full again", func(_ *project, runner *fake) {
			runner.breaks["flow.a"] = &diskError{"a.txt", syscall.ENOSPC}
		}, 1, apply.Failed, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			runner := newFake()
			runner.breaks = map[string]error{"flow.a": errors.New("the machine is on fire")}
			p := newProject(t, threeFlows, runner)
			first := p.apply(context.Background(), nil)
			equal(t, apply.Failed, first.states()["flow.a"])
			delete(runner.breaks, "flow.a")
			test.change(p, runner)
			second := p.apply(context.Background(), nil)
			equal(t, test.state, second.states()["flow.a"])
			equal(t, test.runs, runner.runs["flow.a"])
			if test.state == apply.Succeeded {
				equal(t, fmt.Sprintf("a/%d", test.runs), p.recorded()["flow.a"])
				p.replace = nil // from then on it is fresh, and nothing is left to do
				equal(t, apply.Fresh, p.apply(context.Background(), nil).states()["flow.a"])
				for _, journal := range p.journals() {
					equal(t, true, journal)
				}
			}
			if test.reason != "" && !strings.Contains(fmt.Sprint(second.events), test.reason) {
				t.Errorf("no note %q in %v", test.reason, second.events)
			}
		})
	}
}

// A run that had ended well is not thrown away when somebody stops the apply that
// judges it, whatever the judging says then.
func TestFinishedRunOutlivesAStop(t *testing.T) {
	for _, says := range []error{errors.New("signal: interrupt"), runner.Failf("no output"), nil} {
		r := newFake()
		r.breaks = map[string]error{"flow.a": errors.New("the machine is on fire")}
		p := newProject(t, threeFlows, r)
		p.apply(context.Background(), nil)
		ctx, stop := context.WithCancel(context.Background())
		r.breaks["flow.a"] = says
		r.judging = func(address string) {
			if address == "flow.a" {
				stop()
			}
		}
		want := apply.Cancelled
		if says == nil { // it was good after all
			want = apply.Succeeded
		}
		equal(t, want, p.apply(ctx, nil).states()["flow.a"])
		r.judging = nil
		delete(r.breaks, "flow.a")
		p.apply(context.Background(), nil)
		equal(t, 1, r.runs["flow.a"])
		equal(t, "a/1", p.recorded()["flow.a"])
	}
}

// A run that had ended well does not count if it would not have counted any more
// when it was recorded: another one is made, and the first is given up.
func TestFinishedRunIsOutdated(t *testing.T) {
	for _, rule := range []string{`expires_after = "10m"`, `volatile = true`} {
		r := newFake()
		r.breaks = map[string]error{"flow.a": errors.New("the machine is on fire")}
		p := newProject(t, strings.Replace(threeFlows, `argv = ["a"]`, `argv = ["a"]`+"\n"+rule, 1), r)
		p.apply(context.Background(), nil)
		delete(r.breaks, "flow.a")
		p.now = func() time.Time { return time.Now().Add(time.Hour) }
		p.apply(context.Background(), nil)
		equal(t, 2, r.runs["flow.a"])
		equal(t, "a/2", p.recorded()["flow.a"])
		applies, _ := p.records().Applies()
		for _, tried := range applies[0].Tried {
			if tried.Flow == "flow.a" {
				equal(t, record.Failed, tried.Last)
			}
		}
	}
}

// Of several runs of a flow that had ended well, the newest is judged.
func TestNewestFinishedRunIsJudged(t *testing.T) {
	r := newFake()
	r.breaks = map[string]error{"flow.a": errors.New("the machine is on fire")}
	p := newProject(t, threeFlows, r)
	p.apply(context.Background(), nil)
	delete(r.breaks, "flow.a")
	newest := ""
	p.finished = func(found []*record.Tried) []*record.Tried {
		older, draft := *found[0], *found[0].Exit.Draft
		newest = draft.Attempt
		older.ID, draft.Attempt = "01K00000000000000000000000", "01K00000000000000000000000"
		older.Number, older.Exit.Draft = older.Number-1, &draft
		return []*record.Tried{&older, found[0]}
	}
	equal(t, apply.Succeeded, p.apply(context.Background(), nil).states()["flow.a"])
	rec, _ := p.records().Selected(schema.Address{Block: "flow", Name: "a"})
	equal(t, newest, rec.Attempt)
}

// A record that somebody has exchanged while the flow ran, as a change of the branch
// does, is not written over: the run is kept in the history, and a note says so.
func TestRecordThatChangedMeanwhileStays(t *testing.T) {
	r := newFake()
	p := newProject(t, threeFlows, r)
	p.apply(context.Background(), nil)
	other, _ := p.records().Selected(schema.Address{Block: "flow", Name: "a"})
	other.RunID, other.ConfigHash = "other", "h1:other"
	p.write("flowrider.hcl", strings.Replace(threeFlows, `["a"]`, `["a", "x"]`, 1))
	r.judging = func(address string) {
		if address == "flow.a" {
			if err := p.records().Select(other); err != nil {
				t.Error(err)
			}
		}
	}
	applied := p.apply(context.Background(), nil)
	equal(t, apply.Succeeded, applied.states()["flow.a"])
	equal(t, "other", p.recorded()["flow.a"])
	if want := "flow.a: run a/2 has succeeded; its record has changed since it was begun"; !strings.Contains(fmt.Sprint(applied.events), want) {
		t.Errorf("no note %q in %v", want, applied.events)
	}
	past, _ := p.records().Entries()
	equal(t, true, slices.ContainsFunc(past, func(rec *record.Record) bool { return rec.RunID == "a/2" }))
	for _, ended := range p.journals() {
		equal(t, true, ended)
	}
}

// What waits for an apply of one workspace is left alone by those of others,
// although the bundles of all lie in one folder.
func TestFinishedRunOfAnotherWorkspace(t *testing.T) {
	r := newFake()
	r.breaks = map[string]error{"flow.a": errors.New("the machine is on fire")}
	p := newProject(t, threeFlows, r)
	p.apply(context.Background(), nil)
	delete(r.breaks, "flow.a")
	other := strings.Replace(threeFlows, `["a"]`, `["a", "x"]`, 1)
	p.write("flowrider.hcl", other)
	p.workspace = "other"
	equal(t, apply.Succeeded, p.apply(context.Background(), nil).states()["flow.a"])
	equal(t, 2, r.runs["flow.a"])
	p.write("flowrider.hcl", threeFlows)
	p.workspace = ""
	equal(t, apply.Succeeded, p.apply(context.Background(), nil).states()["flow.a"])
	equal(t, 2, r.runs["flow.a"])
}

// diskError is one with a path.
type diskError struct {
	path  string
	errno syscall.Errno
}

func (e *diskError) Error() string { return e.path + ": " + e.errno.Error() }

func (e *diskError) Unwrap() error { return e.errno }

// journals says of each journal whether it has its end.
func (p *project) journals() (ended []bool) {
	applies, problems := p.records().Applies()
	if len(problems) > 0 {
		p.Error(problems)
	}
	for _, apply := range applies {
		ended = append(ended, apply.Ended)
	}
	return ended
}

// A full disk stops the starting of flows, keeps what has finished, and is named
// with its path and what is free. With room the next apply does the rest, and
// makes no run again.
func TestFullDiskStopsTheStarting(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS} {
		runner := newFake()
		runner.breaks = map[string]error{"flow.c": &diskError{"/somewhere/c.txt", errno}}
		p := newProject(t, strings.Replace(threeFlows, `argv       = ["b"]`, `argv = ["b"]
			after = [flow.c]`, 1), runner)
		p.parallelism = 1
		first := p.apply(context.Background(), nil)
		if first.err == nil || !strings.Contains(first.err.Error(), "/somewhere/c.txt: "+errno.Error()+" (") || !strings.Contains(first.err.Error(), " bytes and ") {
			t.Errorf("err = %v", first.err)
		}
		states := first.states()
		equal(t, apply.Failed, states["flow.c"])
		equal(t, 0, runner.runs["flow.b"])
		for address := range p.recorded() {
			equal(t, apply.Succeeded, states[address])
		}
		delete(runner.breaks, "flow.c")
		second := p.apply(context.Background(), nil)
		if second.err != nil {
			t.Error(second.err)
		}
		equal(t, map[string]int{"flow.a": 1, "flow.b": 1, "flow.c": 1}, runner.runs)
		equal(t, 3, len(p.recorded()))
	}
}

// An apply with nothing to run makes no journal, and one whose flows have all
// come to their ends leaves one that says so.
func TestJournalOfAnApply(t *testing.T) {
	runner := newFake()
	p := newProject(t, threeFlows, runner)
	runner.fails["flow.c"] = "no luck"
	p.apply(context.Background(), nil)
	equal(t, []bool{true}, p.journals())
	applies, _ := p.records().Applies()
	last := map[string]string{}
	for _, tried := range applies[0].Tried {
		last[tried.Flow] = tried.Last
		if tried.Process.PID == 0 || tried.Process.Born == "" && tried.Last == "started" {
			t.Errorf("process %+v", tried.Process)
		}
		if tried.Last == "committed" && tried.Success == nil {
			t.Errorf("%s was recorded without a word of what was verified", tried.Flow)
		}
	}
	equal(t, map[string]string{"flow.a": "committed", "flow.b": "committed", "flow.c": "failed"}, last)
	delete(runner.fails, "flow.c")
	p.apply(context.Background(), nil)
	p.apply(context.Background(), nil)
	equal(t, []bool{true, true}, p.journals())
}
