package metaflow

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/process"
)

// shapesJob is an attempt at a flow that was given the run IDs of two other
// flows. Both stand for the same data version in every attempt.
func shapesJob(t *testing.T, upstream, seen string, ready bool) *runner.Job {
	job := shared().job(t, "shapes.py")
	job.Args["parameters"] = cty.ObjectVal(map[string]cty.Value{"up_run": cty.StringVal(upstream), "seen-by": cty.StringVal(seen)})
	job.Hashed["parameters"] = cty.ObjectVal(map[string]cty.Value{"up_run": cty.StringVal("@content:01"), "seen-by": cty.StringVal("seen by @content:02")})
	job.Outputs = []runner.Output{{Name: "words", Artifact: "words"}}
	job.Env["READY"] = filepath.Join(job.Scratch, "ready")
	if ready {
		if err := os.WriteFile(job.Env["READY"], nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return job
}

// resume runs the rest of a failed attempt at the job, as a new run.
func resume(t *testing.T, job *runner.Job) process.Exit {
	origin, err := readRunID(job)
	if err != nil || origin == "" {
		t.Fatalf("no run to resume: %q, %v", origin, err)
	}
	if step, ok := (Runner{}).Resumable(job, origin); step != "wait" || !ok {
		t.Fatalf("Resumable: %q, %v", step, ok)
	}
	job.Resume = origin
	exit, log := start(t, job)
	if exit.Code != 0 {
		t.Fatalf("resume: %s", log)
	}
	return exit
}

func TestEqualResultsHaveOneVersion(t *testing.T) {
	t.Parallel()
	var first, resumed *runner.Run
	failing := shapesJob(t, "5", "seen by 6", false)
	t.Run("runs", func(t *testing.T) {
		t.Run("in one go", func(t *testing.T) {
			t.Parallel()
			first, _ = succeed(t, shapesJob(t, "1795303798651234", "seen by 1795303798659999", true))
		})
		t.Run("failed, then resumed, with other run IDs", func(t *testing.T) {
			t.Parallel()
			exit, log := start(t, failing)
			_, err := Runner{}.Outcome(failing, exit)
			if want := "step wait failed (task 12)"; err == nil || err.Error() != want {
				t.Fatalf("got %v, want %s\n%s", err, want, log)
			}
			if err := os.WriteFile(failing.Env["READY"], nil, 0o644); err != nil {
				t.Fatal(err)
			}
			if resumed, err = (Runner{}).Outcome(failing, resume(t, failing)); err != nil {
				t.Fatal(err)
			}
		})
	})
	if t.Failed() {
		return
	}
	if first.DataVersion != resumed.DataVersion {
		t.Errorf("data versions differ:\n%s in one go\n%s resumed", first.DataVersion, resumed.DataVersion)
	}
	if diff := cmp.Diff(first.Outputs, resumed.Outputs); diff != "" {
		t.Errorf("outputs (-in one go +resumed):\n%s", diff)
	}
	for _, run := range []*runner.Run{first, resumed} {
		if missing, err := (Runner{}).Check(shared().root, "", recorded(run)); missing != "" || err != nil {
			t.Errorf("Check(%s) = %q, %v", run.Pathspec, missing, err)
		}
	}
	t.Run("as Metaflow's client", func(t *testing.T) { compareWithClient(t, first, resumed) })
	t.Run("positions", func(t *testing.T) { positions(t, first, resumed) })
}

// positions holds that a clone has the position of the task that ran, and
// that no two tasks of a step are at the same place.
func positions(t *testing.T, first, resumed *runner.Run) {
	places := func(id string) []string {
		r := run{datastore{shared().root}, "ShapesFlow", id}
		var list []string
		for _, task := range must(r.everyTask()) {
			stored := must(task.finished())
			list = append(list, fmt.Sprint(task.step, " ", must(task.position(maxOrigins)), " ", stored.Objects["_iteration_stack"][:4]))
		}
		slices.Sort(list)
		return list
	}
	got, again := places(first.ID), places(resumed.ID)
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("(-run +resumed):\n%s", diff)
	}
	if unique := slices.Compact(slices.Clone(got)); len(unique) != len(got) {
		t.Errorf("two tasks at one place: %s", strings.Join(got, "\n"))
	}
	if !slices.ContainsFunc(got, func(place string) bool { return strings.HasPrefix(place, "year region:0,year:1 ") }) {
		t.Errorf("no task of the inner foreach in %s", strings.Join(got, "\n"))
	}
}

// compareWithClient reads runs through Metaflow itself.
func compareWithClient(t *testing.T, finished ...*runner.Run) {
	job := shared().job(t, "shapes.py")
	command := process.Command{Path: job.Python, Args: []string{must(filepath.Abs(filepath.Join("testdata", "client.py")))}, Dir: job.Dir, Env: environ(job)}
	for _, run := range finished {
		command.Args = append(command.Args, run.Pathspec)
	}
	_, out := execute(t, command)
	var want map[string]map[string]map[string]string // run, task, artifact
	if err := json.Unmarshal([]byte(out), &want); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	got := map[string]map[string]map[string]string{}
	for _, run := range finished {
		got[run.Pathspec] = everyArtifact(must(runAt(job.Root, "ShapesFlow", run.ID)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-Metaflow's client +this reader):\n%s", diff)
	}
}

// everyArtifact is the SHA-1 of each artifact, by task and name.
func everyArtifact(r run) map[string]map[string]string {
	tasks := map[string]map[string]string{}
	for _, task := range must(r.everyTask()) {
		artifacts := map[string]string{}
		for name, sha := range must(task.finished()).Objects {
			if !strings.HasPrefix(name, "_") {
				artifacts[name] = sha
			}
		}
		tasks[task.step+"/"+task.id] = artifacts
	}
	return tasks
}
