package metaflow

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
)

func TestFailures(t *testing.T) {
	t.Parallel()
	how := func(text string) func(*runner.Job) {
		return func(job *runner.Job) { give(job, map[string]cty.Value{"how": cty.StringVal(text)}) }
	}
	for _, test := range []struct {
		name, file string
		change     func(*runner.Job)
		want       string // the failure's reason; RUN stands for the run ID
		usage      bool
		log        string // part of it
	}{
		{"a step raises", "failing.py", how("raise"), "step start failed (task 1)", false, "RuntimeError: told to fail"},
		{"a step is killed", "failing.py", how("die"), "step start failed (task 1, killed by signal 9 (out of memory?))", false, ""},
		{"a step leaves", "failing.py", how("leave"), "step start failed (task 1, exit status 3 before its results were stored)", false, ""},
		{"the flow is killed", "failing.py", how("kill parent"), "killed by signal 9 (out of memory?)", false, ""},
		{"exits 0 with no finished end task", "failing.py", how("swallow"), "exited 0, but its end task has not finished (.metaflow/FailingFlow/RUN/end)", false, "told to fail"},
		{"exits 0 without a run", "unguarded.py", func(*runner.Job) {}, "exited 0 without starting a run; its file has to end with a __main__ guard that calls the flow", false, ""},
		{"does not compile", "broken.py", func(*runner.Job) {}, "exit status 1 before a run had started", false, "SyntaxError"},
		{"a parameter it does not have", "failing.py", func(job *runner.Job) { give(job, map[string]cty.Value{"hwo": cty.True}) }, "exit status 2: Metaflow refused its arguments; flowrider validate compares them with the flow's file", true, "no such option: --hwo"},
		{"an output it does not have", "failing.py", func(job *runner.Job) {
			how("nothing")(job)
			job.Outputs = []runner.Output{{Name: "model", Artifact: "model"}}
		}, `output "model": the end task has no artifact "model" (it has how); a join keeps only what it merges`, false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			job := shared().job(t, test.file)
			test.change(job)
			// An earlier attempt with the same folder must not count.
			if err := os.WriteFile(runIDFile(job), []byte("1795303798651234"), 0o644); err != nil {
				t.Fatal(err)
			}
			exit, log := start(t, job)
			run, err := Runner{}.Outcome(job, exit)
			failure, ok := errors.AsType[*runner.Failure](err)
			if !ok {
				t.Fatalf("got %v and %v, want a failure\n%s", run, err, log)
			}
			id, _ := os.ReadFile(runIDFile(job))
			want := strings.ReplaceAll(test.want, "RUN", string(id))
			if failure.Reason != want || failure.Usage != test.usage {
				t.Errorf("got %q, usage %v\nwant %q, usage %v\n%s", failure.Reason, failure.Usage, want, test.usage, log)
			}
			if !strings.Contains(log, test.log) {
				t.Errorf("log has no %q:\n%s", test.log, log)
			}
		})
	}
}

// TestNested runs a flow that lies in a package and needs the project, a
// sibling and a file beside it; and then takes its run apart.
func TestNested(t *testing.T) {
	t.Parallel()
	job := shared().job(t, "pipeline/clean/flow.py")
	job.Outputs = []runner.Output{{Name: "docs", Artifact: "documents"}, {Name: "words", Artifact: "words"}}
	job.ConfigHash = "h1:abc"
	finished, log := succeed(t, job)
	if want := "FILE " + filepath.Join(job.Dir, "pipeline", "clean", "flow.py"); !strings.Contains(log, want) {
		t.Errorf("log has no %q:\n%s", want, log)
	}
	if got := string(must(os.ReadFile(filepath.Join(job.Root, ".metaflow", ".gitignore")))); got != "*\n" {
		t.Errorf(".metaflow/.gitignore is %q", got)
	}
	t.Run("policies", func(t *testing.T) { policies(t, job, finished) })
	t.Run("Check", func(t *testing.T) { damages(t, finished) })
}

// policies holds what the data versions of a run look like.
func policies(t *testing.T, job *runner.Job, finished *runner.Run) {
	r := run{datastore{job.Root}, "CleanFlow", finished.ID}
	end, _, err := r.endTask()
	if err != nil {
		t.Fatal(err)
	}
	for policy, want := range map[string][2]string{
		"run": {"run:" + finished.ID, "run:" + finished.ID + "/words"},
		"key": {"key:h1:abc", "key:h1:abc/words"},
	} {
		job.DataPolicy = policy
		got := must(r.result(job, end))
		if diff := cmp.Diff(want, [2]string{got.DataVersion, got.Outputs["words"].DataVersion}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", policy, diff)
		}
	}
	docs, words := finished.Outputs["docs"], finished.Outputs["words"]
	for _, version := range []string{finished.DataVersion, docs.DataVersion, words.DataVersion} {
		if hex, ok := strings.CutPrefix(version, "content:"); !ok || len(hex) != 64 {
			t.Errorf("version %q", version)
		}
	}
	if docs.DataVersion == words.DataVersion || docs.Artifact != "documents" || len(docs.Digest) != 40 {
		t.Errorf("outputs are %+v and %+v", docs, words)
	}
}

// damages copies the run to other folders, damages each copy, and holds that
// Check names what is missing.
func damages(t *testing.T, finished *runner.Run) {
	at := "CleanFlow/" + finished.ID
	words := finished.Outputs["words"].Digest
	endTask := at + "/end/2"
	for _, test := range []struct {
		name   string
		damage func(store string) error
		want   string // below .metaflow; "" for nothing missing
	}{
		{"whole", func(string) error { return nil }, ""},
		{"no datastore", os.RemoveAll, at},
		{"no run", func(store string) error { return os.RemoveAll(filepath.Join(store, at)) }, at},
		{"run is a file", func(store string) error {
			return errors.Join(os.RemoveAll(filepath.Join(store, at)), os.WriteFile(filepath.Join(store, at), nil, 0o644))
		}, at + "/end"},
		{"no end task", func(store string) error { return os.RemoveAll(filepath.Join(store, at, "end")) }, at + "/end"},
		{"end task unfinished", func(store string) error { return os.Remove(filepath.Join(store, endTask, "0.DONE.lock")) }, endTask},
		{"end task failed", func(store string) error {
			name := filepath.Join(store, endTask, "0.data.json")
			data := strings.Replace(string(must(os.ReadFile(name))), `"_task_ok": "`+digestTrue, `"_task_ok": "2473d4676d5b2aba674167293142f8031ada401b`, 1)
			return os.WriteFile(name, []byte(data), 0o644)
		}, endTask},
		{"end task torn", func(store string) error { return os.Truncate(filepath.Join(store, endTask, "0.data.json"), 100) }, endTask + "/0.data.json"},
		{"no bytes of an artifact", func(store string) error {
			return os.Remove(filepath.Join(store, "CleanFlow", "data", words[:2], words))
		}, "CleanFlow/data/" + words[:2] + "/" + words},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			store := filepath.Join(root, ".metaflow")
			if err := os.CopyFS(filepath.Join(store, "CleanFlow"), os.DirFS(filepath.Join(shared().root, ".metaflow", "CleanFlow"))); err != nil {
				t.Fatal(err)
			}
			if err := test.damage(store); err != nil {
				t.Fatal(err)
			}
			want := test.want
			if want != "" {
				want = ".metaflow/" + want
			}
			if missing, err := (Runner{}).Check(root, "", recorded(finished)); missing != want || err != nil {
				t.Errorf("Check = %q, %v; want %q", missing, err, want)
			}
		})
	}
}

func TestCheckStaysInTheStore(t *testing.T) {
	root := t.TempDir()
	for _, pathspec := range []string{"", "CleanFlow", "../x/1", "CleanFlow/..", "CleanFlow/1/2", ".hidden/1"} {
		_, id, _ := strings.Cut(pathspec, "/")
		missing, err := Runner{}.Check(root, "", &record.Record{RunID: id, Pathspec: pathspec})
		if missing == "" || err != nil {
			t.Errorf("Check(%q) = %q, %v; want something missing", pathspec, missing, err)
		}
	}
}

func TestCheckCannotTell(t *testing.T) {
	root := t.TempDir()
	if err := os.Symlink(".metaflow", filepath.Join(root, ".metaflow")); err != nil { // leads to itself
		t.Fatal(err)
	}
	if _, err := (Runner{}).Check(root, "", &record.Record{RunID: "1", Pathspec: "CleanFlow/1"}); err == nil {
		t.Error("no error for a datastore that cannot be read")
	}
}
