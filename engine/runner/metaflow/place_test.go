package metaflow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/internal/testenv"
)

// shared is one root for most tests, as a project has one for its flows.
var shared = sync.OnceValue(func() *place { return newPlace(must(os.MkdirTemp("", "flowrider-metaflow"))) })

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(shared().root)
	os.Exit(code)
}

// place is a root folder with a bundle of the flows in testdata.
type place struct {
	root, bundle string
	attempts     atomic.Int64
}

func newPlace(root string) *place {
	bundle := filepath.Join(root, ".flowrider", "bundles", "b")
	if err := os.CopyFS(bundle, os.DirFS(filepath.Join("testdata", "flows"))); err != nil {
		panic(err)
	}
	return &place{root: must(filepath.EvalSymlinks(root)), bundle: must(filepath.EvalSymlinks(bundle))}
}

// job is an attempt at the flow in the file, named after it.
func (p *place) job(t *testing.T, file string) *runner.Job {
	t.Helper()
	prefix := testenv.Python(t, map[string]string{"metaflow": ">=2.19"})
	env := map[string]string{}
	for _, variable := range testenv.Environ(t) {
		name, value, _ := strings.Cut(variable, "=")
		env[name] = value
	}
	maps.Copy(env, prefix.Env)
	scratch := filepath.Join(p.root, ".flowrider", "scratch", fmt.Sprint(p.attempts.Add(1)))
	if err := os.MkdirAll(scratch, 0o755); err != nil {
		t.Fatal(err)
	}
	name := strings.ReplaceAll(strings.TrimSuffix(file, ".py"), "/", "_")
	return &runner.Job{
		Address: "flow." + name, Name: name, Attempt: filepath.Base(scratch), Root: p.root, Project: p.root, Dir: p.bundle, Scratch: scratch,
		Python: prefix.Python, Env: env,
		Args:   runner.Arguments{"file": cty.StringVal(file)},
		Hashed: runner.Arguments{"file": cty.StringVal(file)},
	}
}

// give passes parameters, which are also their own hashed form.
func give(job *runner.Job, parameters map[string]cty.Value) {
	job.Args["parameters"] = cty.ObjectVal(parameters)
	job.Hashed["parameters"] = cty.ObjectVal(parameters)
}

// start runs the job's process to its end and gives its exit and its log.
func start(t *testing.T, job *runner.Job) (process.Exit, string) {
	t.Helper()
	command, err := Runner{}.Command(job)
	if err != nil {
		t.Fatal(err)
	}
	return execute(t, command)
}

func execute(t *testing.T, command process.Command) (process.Exit, string) {
	t.Helper()
	var log bytes.Buffer
	cmd := &exec.Cmd{Path: command.Path, Args: append([]string{command.Path}, command.Args...), Dir: command.Dir, Stdout: &log, Stderr: &log}
	for _, name := range slices.Sorted(maps.Keys(command.Env)) {
		cmd.Env = append(cmd.Env, name+"="+command.Env[name])
	}
	err := cmd.Run()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	exit := process.Exit{Code: cmd.ProcessState.ExitCode()}
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		exit.Signal = status.Signal()
	}
	return exit, log.String()
}

// succeed runs a job that must succeed.
func succeed(t *testing.T, job *runner.Job) (*runner.Run, string) {
	t.Helper()
	exit, log := start(t, job)
	run, err := Runner{}.Outcome(job, exit)
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	return run, log
}

// recorded is as much of a record as Check needs.
func recorded(run *runner.Run) *record.Record {
	return &record.Record{RunID: run.ID, Pathspec: run.Pathspec, Outputs: run.Outputs}
}

// report reads the JSON that a flow has printed after a word.
func report(t *testing.T, log, word string) map[string]any {
	t.Helper()
	for line := range strings.Lines(log) {
		if _, text, found := strings.Cut(line, word+" "); found {
			var values map[string]any
			if err := json.Unmarshal([]byte(text), &values); err != nil {
				t.Fatalf("%v in %s", err, line)
			}
			return values
		}
	}
	t.Fatalf("no line with %s in\n%s", word, log)
	return nil
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
