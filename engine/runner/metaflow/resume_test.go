package metaflow

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/process"
)

// aFailedRun has a foreach of which one task has failed.
func aFailedRun() written {
	w := written{}
	w.task("_parameters/0", 0, "", "n=three _task_ok="+digestTrue)
	w["_parameters/0/_meta/sysmeta_script-name_1.json"] = `{"value": "flowrider-clean.py"}`
	w["_parameters/0/_meta/sysmeta_end_step_1.json"] = `{"value": "last"}`
	w.task("start/1", 0, "", "n=three items=ab _task_ok="+digestTrue)
	w.task("score/10", 0, "score:1", "n=three _task_ok=no")
	w.task("score/9", 0, "score:0", "n=three score=a _task_ok="+digestTrue)
	return w
}

// blobs stores something under each SHA-1 that a run names.
func (w written) blobs(t *testing.T, root string) {
	t.Helper()
	for _, text := range w {
		for _, sha := range regexp.MustCompile(`": "(\w+)"`).FindAllStringSubmatch(text, -1) {
			file := filepath.Join(root, filepath.FromSlash(datastore{}.blob("F", sha[1])))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestResumable(t *testing.T) {
	remove := func(t *testing.T, root, name string) {
		t.Helper()
		if err := os.RemoveAll(filepath.Join(root, ".metaflow", "F", filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name   string
		change func(w written)
		lose   string // below the flow's folder in the datastore
		args   string
		step   string
		ok     bool
	}{
		{"one task has failed", func(written) {}, "", "", "score", true},
		{"one was interrupted", func(w written) { delete(w, "score/10/0.DONE.lock") }, "", "", "score", true},
		{"nothing has failed", func(w written) { w.task("score/10", 0, "score:1", "_task_ok="+digestTrue) }, "", "", "", true},
		{"it was successful", func(w written) { w.task("last/11", 0, "", "_success="+digestTrue+" _task_ok="+digestTrue) }, "", "", "", false},
		{"its end step has failed", func(w written) {
			w.task("score/10", 0, "score:1", "_task_ok="+digestTrue)
			w.task("last/11", 0, "", "_task_ok=no")
		}, "", "", "last", true},
		{"two have failed, the later one in a step of an earlier name", func(w written) { w.task("audit/11", 0, "", "_task_ok=no") }, "", "", "score", true},
		{"nothing is done", func(w written) {
			w.task("start/1", 0, "", "_task_ok=no")
			w.task("score/9", 0, "", "_task_ok=no")
		}, "", "", "start", false},
		{"its parameters were not stored whole", func(w written) { delete(w, "_parameters/0/0.DONE.lock") }, "", "", "", false},
		{"its parameters are gone", func(written) {}, "1/_parameters", "", "", false},
		{"another flow has started it", func(w written) {
			w["_parameters/0/_meta/sysmeta_script-name_1.json"] = `{"value": "flowrider-other.py"}`
		}, "", "", "", false},
		{"it is gone", func(written) {}, "1", "", "", false},
		{"an artifact of a task is gone", func(written) {}, "data/a", "", "", false},
		{"an artifact that a failed task has made is gone", func(w written) { w.task("score/10", 0, "score:1", "score=lost _task_ok=no") }, "data/lo", "", "score", true},
		{"a parameter is gone", func(written) {}, "data/th", "", "", false},
		{"a task cannot be read", func(w written) { w["start/1/0.data.json"] = "{" }, "", "", "", false},
		{"it is a copy of a run that is gone", func(w written) { w.clone("score/9", "0", "3") }, "", "", "", false},
		{"an option that resume does not have", func(written) {}, "", `run_options = { namespace = "n" }`, "", false},
		{"options that it has", func(written) {}, "", `run_options = { max-workers = 1, namespace = null }`, "score", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			job := placeless(t, test.args)
			w := aFailedRun()
			test.change(w)
			w.at(t, job.Root, "1")
			w.blobs(t, job.Root)
			if test.lose != "" {
				remove(t, job.Root, test.lose)
			}
			step, ok := Runner{}.Resumable(job, "1")
			if ok != test.ok || ok && step != test.step {
				t.Errorf("got %q, %v, want %q, %v", step, ok, test.step, test.ok)
			}
		})
	}
}

// A resumed run gets its parameters and configs from the run that it goes on
// with, and all else as ever.
func TestCommandLineOfAResume(t *testing.T) {
	job := placeless(t, `
		options       = { with = ["retry"] }
		configs       = { main = "conf/main.json" }
		config_values = { extra = { depth = 3 } }
		parameters    = { n = 3 }
		run_options   = { max-workers = 2 }`)
	job.Tags, job.Resume = []string{"glass"}, "17"
	command, err := Runner{}.Command(job)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"flowrider-clean.py", "--no-pylint", "--with=retry", "resume", "--origin-run-id", "17", "--tag=glass", "--tag=flowrider_attempt:01A", "--max-workers=2",
		"--run-id-file=" + filepath.Join(job.Scratch, "run_id"),
	}
	if diff := cmp.Diff(want, command.Args); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOutcomeOfAResume(t *testing.T) {
	good := "n=three _success=" + digestTrue + " _task_ok=" + digestTrue
	for _, test := range []struct {
		name    string
		id      string // what Metaflow has written as the run's ID
		exit    process.Exit
		change  func(w written)
		want    string
		refused bool
	}{
		{"it succeeds", "2", process.Exit{}, func(w written) { w.task("last/3", 0, "", good) }, "", false},
		{"it has the flow's defaults", "2", process.Exit{}, func(w written) {
			w.task("last/3", 0, "", good)
			w.task("_parameters/0", 0, "", "n=one _task_ok="+digestTrue)
		}, "its run 2 does not have the parameters of run 1, which it goes on from", true},
		{"the run is another attempt's", "2", process.Exit{}, func(w written) {
			w.task("last/3", 0, "", good)
			w["_meta/_self.json"] = `{"tags": ["flowrider_attempt:01B"]}`
		}, "exited 0, but it has not started run 2, whose ID it has left", false},
		{"no run is started", "", process.Exit{Code: 2}, func(w written) { clear(w) }, "exit status 2: Metaflow refused its arguments; flowrider validate compares them with the flow's file", true},
		{"the run is empty", "2", process.Exit{Code: 1}, func(w written) {
			clear(w)
			w["_meta/_self.json"] = "{}"
		}, "exit status 1, though no step has failed", true},
		{"all tasks are copies", "2", process.Exit{Code: 1}, func(w written) {}, "exit status 1, though no step has failed", true},
		{"a task fails", "2", process.Exit{Code: 1}, func(w written) {
			w.task("score/3", 0, "score:1", "_task_ok=no")
			w["score/3/0.attempt.json"], w["score/3/0.runtime"] = "{}", `{"return_code": 1}`
		}, "step score failed (task 3)", false},
		{"it is killed", "2", process.Exit{Code: -1, Signal: 9}, func(w written) {}, "killed by signal 9 (out of memory?)", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			job := placeless(t, "")
			job.Resume = "1"
			aFailedRun().at(t, job.Root, "1")
			w := written{}
			w.task("_parameters/0", 0, "", "n=three _task_ok="+digestTrue)
			w.task("start/1", 0, "", "n=three items=ab _task_ok="+digestTrue)
			w.clone("start/1", "1", "1")
			w["_meta/_self.json"] = `{"tags": ["flowrider_attempt:01A"]}`
			test.change(w)
			w.at(t, job.Root, "2")
			if err := os.MkdirAll(job.Scratch, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(runIDFile(job), []byte(test.id), 0o644); err != nil {
				t.Fatal(err)
			}
			run, err := Runner{}.Outcome(job, test.exit)
			failure, _ := err.(*runner.Failure)
			switch {
			case test.want == "" && (err != nil || run.ID != "2"):
				t.Errorf("got %v, %v", run, err)
			case test.want != "" && (failure == nil || failure.Reason != test.want || failure.Refused != test.refused):
				t.Errorf("got %v, refused %v, want %s, %v", err, failure != nil && failure.Refused, test.want, test.refused)
			}
		})
	}
}

// What Metaflow would take for options of its commands is the caller's own and
// counts for no flow.
func TestEnvironmentHasNoOptionsOfCommands(t *testing.T) {
	env := environ(&runner.Job{Root: "/r", Env: map[string]string{"METAFLOW_RUN_N": "3", "METAFLOW_RESUME_CLONE_ONLY": "1", "METAFLOW_RESUME_ORIGIN_RUN_ID": "4", "METAFLOW_PROFILE": "p"}})
	var got []string
	for name := range env {
		if strings.HasPrefix(name, "METAFLOW_R") || name == "METAFLOW_PROFILE" {
			got = append(got, name)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"METAFLOW_PROFILE"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
