package apply_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/hook"
	"github.com/flowrider/flowrider/engine/index"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/schema"
)

// project is a folder with a configuration, whose flows are run by a runner of
// the test's.
type project struct {
	testing.TB
	root        string
	runner      runner.Runner
	variables   map[string]string
	parallelism int
	replace     []string
	noResume    bool
	workspace   string           // "" is the default one
	now         func() time.Time // nil is the machine's
	approved    *plan.Approved
	environment func(name string) environment.Environment
	hooks       func(calls []hook.Call) []hook.Result
	finished    func([]*record.Tried) []*record.Tried // what else recovery might have found
	planned     func()                                // called between plan and apply
	files       *index.Cache                          // of the session that was made last
}

func newProject(t testing.TB, config string, r runner.Runner) *project {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err == nil {
		err = os.WriteFile(filepath.Join(root, schema.FileName), []byte(config), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &project{TB: t, root: root, runner: r, parallelism: 2, variables: map[string]string{}}
}

func (p *project) records() *record.Store {
	records := record.Open(p.root, "runs", durable.Writer{})
	if p.workspace != "" {
		return records.In(p.workspace)
	}
	return records
}

// session reads the configuration as it is now.
func (p *project) session() *plan.Session {
	p.Helper()
	config, diags := schema.Load(p.root)
	diags = append(diags, eval.Check(config)...)
	values, moreDiags := eval.Variables(config, eval.Typed(p.variables))
	if diags = append(diags, moreDiags...); !diags.HasErrors() {
		options := plan.Options{Approved: p.approved, NoResume: p.noResume}
		for _, text := range p.replace {
			address, err := schema.ParseAddress(text)
			if err != nil {
				p.Fatal(err)
			}
			options.Replace = append(options.Replace, plan.At(address))
		}
		p.files = index.Open(filepath.Join(p.root, ".flowrider", "cache", "files"), p.records().Prepare, false)
		var s *plan.Session
		s, moreDiags = plan.NewSession(config, eval.Given{Variables: values, Workspace: p.records().Workspace()}, plan.Tools{
			Python: nothing, Files: p.files, Now: p.now,
			Records: p.records(), Blobs: blob.Open(p.root), Runners: map[string]runner.Runner{"command": p.runner},
			Environment: func(block *schema.Environment, _ map[string]eval.Value) (environment.Environment, hcl.Diagnostics) {
				return p.environment(block.Address.Name), nil
			},
			Hooks: func(_ context.Context, _ hook.Interpreter, calls []hook.Call) []hook.Result { return p.hooks(calls) },
		}, options)
		if diags = append(diags, moreDiags...); !diags.HasErrors() {
			return s
		}
	}
	var text strings.Builder
	diag.WriteText(&text, diag.Problems(diags, config.Sources), "")
	p.Fatal(text.String())
	return nil
}

// applied is what an apply has told.
type applied struct {
	planned *plan.Plan
	events  []apply.Event // without their times
	summary *apply.Summary
	err     error
}

// apply plans and applies. watch, if any, sees each event as it comes.
func (p *project) apply(ctx context.Context, watch func(apply.Event)) applied {
	p.Helper()
	var result applied
	session := p.session()
	result.planned = p.plan(session)
	if p.planned != nil {
		p.planned()
	}
	found, err := p.records().Recover(func([]record.Left) (string, error) { return "", nil })
	if err != nil {
		p.Fatal(err)
	}
	if p.finished != nil {
		found.Finished = p.finished(found.Finished)
	}
	var mutex sync.Mutex
	result.summary, result.err = apply.Run(ctx, session, apply.Tools{
		Python: nothing, GitCommit: nothing,
		Records: p.records(), Journal: apply.NewJournal(p.records()), Blobs: blob.Open(p.root), Runners: map[string]runner.Runner{"command": p.runner},
	}, apply.Options{Parallelism: p.parallelism, Finished: found.Finished, Open: found.Open}, func(event apply.Event) {
		mutex.Lock()
		defer mutex.Unlock()
		result.events = append(result.events, event)
		if watch != nil {
			watch(event)
		}
	})
	p.files.Save()
	return result
}

// plan plans a session's walk.
func (p *project) plan(session *plan.Session) *plan.Plan {
	p.Helper()
	planned, diags := session.Plan(context.Background())
	if diags.HasErrors() {
		p.Fatal(diags)
	}
	return planned
}

// states are the flows' final states, by address.
func (a applied) states() map[string]apply.State {
	states := map[string]apply.State{}
	for _, event := range a.events {
		if event.Type == "flow" {
			states[event.Address] = event.State
		}
	}
	return states
}

// recorded lists the run IDs of the selected records, by address.
func (p *project) recorded() map[string]string {
	p.Helper()
	all, problems := p.records().All()
	if len(problems) > 0 {
		p.Fatal(problems)
	}
	ids := map[string]string{}
	for _, selected := range all {
		ids[selected.Address.String()] = selected.Record.RunID
	}
	return ids
}

// fake is a runner whose runs are decided by the test. It starts real
// processes, /bin/true if the test does not say otherwise.
type fake struct {
	fails   map[string]string             // why a flow fails, by address
	breaks  map[string]error              // what the machine fails with when a flow is judged
	gives   map[string]string             // the data version of a flow's runs; else each is new
	began   func(address string) []string // argv of a flow's process, called when it is about to be started
	judging func(address string)          // called when a flow's process has ended

	mutex         sync.Mutex
	runs          map[string]int // attempts so far
	running, most int            // at once, now and at most
}

func newFake() *fake {
	return &fake{fails: map[string]string{}, breaks: map[string]error{}, gives: map[string]string{}, runs: map[string]int{}}
}

// Spec counts all arguments that a flow of this runner may have.
func (f *fake) Spec(args runner.Arguments) map[string]cty.Value {
	spec := map[string]cty.Value{}
	for _, name := range []string{"argv", "parameters"} {
		if value, ok := args[name]; ok {
			spec[name] = value
		}
	}
	return spec
}

func (f *fake) Command(job *runner.Job) (process.Command, error) {
	f.mutex.Lock()
	f.runs[job.Address]++
	f.running++
	f.most = max(f.most, f.running)
	f.mutex.Unlock()
	argv := []string{"/bin/true"}
	if f.began != nil {
		argv = f.began(job.Address)
	}
	return process.Command{Path: argv[0], Args: argv[1:], Dir: job.Dir, Env: job.Env}, nil
}

func (*fake) Refuses(runner.Arguments) []runner.Refusal { return nil }

func (*fake) Differences(*runner.Job, *record.Record, *runner.Run) ([]runner.Difference, error) {
	return nil, nil
}

func (f *fake) Outcome(job *runner.Job, exit process.Exit) (*runner.Run, error) {
	if f.judging != nil {
		f.judging(job.Address)
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.running--
	id := fmt.Sprintf("%s/%d", plain.Replace(job.Address), f.runs[job.Address])
	if err := f.breaks[job.Address]; err != nil {
		return nil, err
	}
	if reason, ok := f.fails[job.Address]; ok {
		return nil, runner.Failf("%s", reason)
	}
	if exit.Code != 0 {
		return nil, runner.Failf("exit status %d", exit.Code)
	}
	version := f.gives[job.Address]
	if version == "" {
		version = id
	}
	run := &runner.Run{ID: id, DataVersion: "content:" + version, Outputs: map[string]record.Output{}}
	for _, output := range job.Outputs {
		run.Outputs[output.Name] = record.Output{
			Value: json.RawMessage(`"` + version + `"`), Digest: version, DataVersion: job.DataVersion(id, output.Name, "content:"+version),
		}
	}
	return run, nil
}

// plain makes an address readable in a run ID: train.forest.
var plain = strings.NewReplacer("flow.", "", `["`, ".", `"]`, "")

func (f *fake) Check(string, string, *record.Record) (missing string, err error) { return "", nil }

func equal[T any](t testing.TB, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// nothing stands for what these tests have none of: the Python package, a
// commit.
func nothing() string { return "" }
