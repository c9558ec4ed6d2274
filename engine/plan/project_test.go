package plan_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
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
	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/schema"
)

// project is a folder with a configuration, and the world around it: what its
// runs give, which of them are gone, what hooks answer, which environments
// there are.
type project struct {
	testing.TB
	root      string
	variables map[string]string
	replace   []string
	targets   []string
	later     time.Duration // how far the clock is ahead

	fails   map[string]string // why a flow's runs fail, by address
	gives   map[string]string // the result of a flow's runs; else each has its own
	gone    map[string]bool   // run IDs that do not exist any more
	answers map[string]string // of hooks, by function
	locks   map[string]string // facts of environments' locks, by name; none is stale
	built   bool              // whether environments stand on this machine
	runs    map[string]int    // of each flow so far
}

func newProject(t testing.TB) *project {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &project{
		TB: t, root: root, variables: map[string]string{}, fails: map[string]string{}, gives: map[string]string{},
		gone: map[string]bool{}, answers: map[string]string{}, locks: map[string]string{}, built: true, runs: map[string]int{},
	}
}

func (p *project) write(name, content string) {
	p.Helper()
	path := filepath.Join(p.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		p.Fatal(err)
	}
}

func (p *project) records() *record.Store {
	return record.Open(p.root, "runs", durable.With(durable.OS()))
}

// session reads everything anew, as a command does.
func (p *project) session() (*plan.Session, *schema.Config, hcl.Diagnostics) {
	p.Helper()
	config, diags := schema.Load(p.root)
	diags = append(diags, eval.Check(config)...)
	values, moreDiags := eval.Variables(config, eval.Typed(p.variables))
	if diags = append(diags, moreDiags...); diags.HasErrors() {
		return nil, config, diags
	}
	options := plan.Options{}
	for _, text := range p.replace {
		address, err := schema.ParseAddress(text)
		if err != nil {
			p.Fatal(err)
		}
		options.Replace = append(options.Replace, plan.At(address))
	}
	for _, text := range p.targets {
		address, err := schema.ParseAddress(text)
		if err != nil {
			p.Fatal(err)
		}
		options.Targets = append(options.Targets, plan.At(address))
	}
	given := eval.Given{Variables: values, Workspace: "default"}
	session, diags := plan.NewSession(config, given, plan.Tools{
		Python:  nothing,
		Records: p.records(), Blobs: blob.Open(p.root), Runners: p.runners(), Environment: p.environment, Hooks: p.call, Log: io.Discard,
		Unmerged: p.unmerged,
		Now:      func() time.Time { return time.Now().Add(p.later) },
	}, options)
	return session, config, diags
}

func (p *project) runners() map[string]runner.Runner {
	return map[string]runner.Runner{"command": fake{p}, "metaflow": fake{p}}
}

// plan plans. Problems are given as they are shown.
func (p *project) plan() (*plan.Plan, string) {
	p.Helper()
	session, config, diags := p.session()
	var planned *plan.Plan
	if !diags.HasErrors() {
		planned, diags = session.Plan(context.Background())
	}
	var text strings.Builder
	diag.WriteText(&text, diag.Problems(diags, config.Sources), "")
	return planned, text.String()
}

// json is the plan as JSON, or the problems that it meets.
func (p *project) json() string {
	p.Helper()
	planned, problems := p.plan()
	if problems != "" {
		return problems
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(planned); err != nil {
		p.Fatal(err)
	}
	return text.String()
}

// apply applies all that is to be done. Flows may fail.
func (p *project) apply() {
	p.Helper()
	session, config, diags := p.session()
	if !diags.HasErrors() {
		_, diags = session.Plan(context.Background())
	}
	if diags.HasErrors() {
		var text strings.Builder
		diag.WriteText(&text, diag.Problems(diags, config.Sources), "")
		p.Fatal(text.String())
	}
	_, err := apply.Run(context.Background(), session, apply.Tools{
		Python: nothing, GitCommit: nothing,
		Records: p.records(), Journal: apply.NewJournal(p.records()), Blobs: blob.Open(p.root), Runners: p.runners(), Log: io.Discard,
	}, apply.Options{Parallelism: 1}, func(apply.Event) {})
	if err != nil {
		p.Fatal(err)
	}
}

// fake runs flows of a project: their processes do nothing, and what comes of
// them the project says.
type fake struct{ *project }

func (fake) Spec(args runner.Arguments) map[string]cty.Value {
	spec := map[string]cty.Value{}
	for _, name := range []string{"file", "argv", "parameters", "options"} {
		if value, ok := args[name]; ok {
			spec[name] = value
		}
	}
	return spec
}

func (fake) Refuses(runner.Arguments) []runner.Refusal { return nil }

func (f fake) Command(job *runner.Job) (process.Command, error) {
	f.runs[job.Address]++
	return process.Command{Path: "/bin/true", Dir: job.Dir, Env: job.Env}, nil
}

func (fake) Differences(*runner.Job, *record.Record, *runner.Run) ([]runner.Difference, error) {
	return nil, nil
}

func (f fake) Outcome(job *runner.Job, _ process.Exit) (*runner.Run, error) {
	if reason, ok := f.fails[job.Address]; ok {
		return nil, runner.Failf("%s", reason)
	}
	id := fmt.Sprintf("%s/%d", job.Address, f.runs[job.Address])
	result := f.gives[job.Address]
	if result == "" {
		result = id
	}
	run := &runner.Run{ID: id, DataVersion: job.DataVersion(id, "", "content:"+result), Outputs: map[string]record.Output{}}
	for _, output := range job.Outputs {
		part := result + "/" + output.Name
		run.Outputs[output.Name] = record.Output{
			Value: json.RawMessage(manifest.Quote(part)), Digest: manifest.Digest(part),
			DataVersion: job.DataVersion(id, output.Name, "content:"+part),
		}
	}
	return run, nil
}

func (f fake) Check(_, _ string, rec *record.Record) (missing string, err error) {
	if f.gone[rec.RunID] {
		return "run " + rec.RunID, nil
	}
	return "", nil
}

// environment is the environment of that name as the project has it.
func (p *project) environment(block *schema.Environment, _ map[string]eval.Value) (environment.Environment, hcl.Diagnostics) {
	return locked{p, block.Address.Name}, nil
}

type locked struct {
	*project
	name string
}

func (e locked) Locked() (*environment.Lock, error) {
	facts, ok := e.locks[e.name]
	if !ok {
		return nil, &environment.Stale{Reason: "its packages have changed"}
	}
	return &environment.Lock{Digest: manifest.Digest(facts), Facts: facts}, nil
}

func (e locked) Lock(context.Context, io.Writer) (*environment.Lock, error) { return e.Locked() }

func (e locked) Built(*environment.Lock) (*environment.Prefix, bool) {
	return &environment.Prefix{Python: "/bin/true"}, e.built
}

func (e locked) Build(context.Context, *environment.Lock, io.Writer) (*environment.Prefix, error) {
	return &environment.Prefix{Python: "/bin/true"}, nil
}

// call answers hooks as the project says.
func (p *project) call(_ context.Context, _ hook.Interpreter, calls []hook.Call) []hook.Result {
	var results []hook.Result
	for _, call := range calls {
		results = append(results, hook.Result{Value: json.RawMessage(p.answers[call.Function])})
	}
	return results
}

func equal[T any](t testing.TB, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// nothing stands for what these tests have none of: the Python package, a
// commit.
func nothing() string { return "" }
