package metaflow

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/runner"
)

// placeless is a job in folders of its own, with an empty flow file a.py.
func placeless(t *testing.T, args string) *runner.Job {
	t.Helper()
	root := t.TempDir()
	job := &runner.Job{
		Address: "flow.clean", Name: "clean", Attempt: "01A", Root: root, Dir: filepath.Join(root, "bundle"), Scratch: filepath.Join(root, "scratch"),
		Python: "/env/bin/python", Args: arguments(t, "file = \"a.py\"\n"+args),
	}
	if err := os.MkdirAll(job.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(job.Dir, "a.py"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return job
}

func TestCommandLine(t *testing.T) {
	job := placeless(t, `
		options       = { with = ["retry", "card"], quiet = false, production = true, other = false, absent = null, package-suffixes = ".csv" }
		configs       = { main = "conf/main.json" }
		config_values = { extra = { depth = 3 }, plain = "as it is" }
		parameters    = { n = 3, big = 10000000000000000000000, ratio = 0.25, yes = true, no = false, text = "-x", empty = "", list = [1, "a"], object = { b = 1, a = null }, absent = null }
		run_options   = { max-workers = 2, tag = ["a", "b"] }`)
	job.Tags = []string{"glass"}
	command, err := Runner{}.Command(job)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"flowrider-clean.py", "--no-pylint",
		"--package-suffixes=.csv", "--production", "--not-quiet", "--with=retry", "--with=card",
		"--config", "main", "conf/main.json", "--config-value", "extra", `{"depth":3}`, "--config-value", "plain", "as it is",
		"run",
		"--big=10000000000000000000000", "--empty=", `--list=[1,"a"]`, "--n=3", "--no=false", `--object={"a":null,"b":1}`, "--ratio=0.25", "--text=-x", "--yes=true",
		"--tag=glass", "--tag=flowrider_attempt:01A", "--max-workers=2", "--tag=a", "--tag=b",
		"--run-id-file=" + filepath.Join(job.Scratch, "run_id"),
	}
	if diff := cmp.Diff(want, command.Args); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if command.Path != "/env/bin/python" || command.Dir != job.Dir {
		t.Errorf("path %s, dir %s", command.Path, command.Dir)
	}
}

func TestCommandRefuses(t *testing.T) {
	for _, test := range []struct{ name, args, want string }{
		{"run-id file", `run_options = { run-id-file = "x" }`, "write the argument run_id_file instead"},
		{"config as option", `options = { config = ["a", "b"] }`, "write the argument configs = { NAME = FILE } instead"},
		{"another place", `options = { datastore-root = "x" }`, "leave it out"},
		{"another datastore", `options = { datastore = "s3" }`, `"datastore" can only be "local"`},
		{"parameter that acts as an option", `parameters = { max_workers = 1 }`, "write it in run_options"},
		{"name with a value in it", `parameters = { "a=b" = 1 }`, "no option of Metaflow's can have"},
		{"name with dashes", `options = { "--quiet" = true }`, "write quiet"},
		{"text for a number", `run_options = { max-workers = "four" }`, "takes a whole number, and \"four\" is none"},
		{"no such file", `file = "b.py"`, "flowrider bundle ls flow.clean"},
		{"file outside", `file = "../a.py"`, "does not lie below the project's root"},
	} {
		t.Run(test.name, func(t *testing.T) {
			job := placeless(t, "")
			for name, value := range arguments(t, test.args) {
				job.Args[name] = value
			}
			_, err := Runner{}.Command(job)
			failure, ok := errors.AsType[*runner.Failure](err)
			if !ok || !failure.Usage || !strings.Contains(failure.Reason, test.want) {
				t.Errorf("got %v, want a usage failure with %q", err, test.want)
			}
		})
	}
}

func TestInterpreterWithoutEnvironment(t *testing.T) {
	job := placeless(t, "")
	bin := t.TempDir()
	job.Python, job.Env = "", map[string]string{"PATH": bin}
	if _, err := (Runner{}).Command(job); err == nil || !strings.Contains(err.Error(), "give the flow an environment") {
		t.Errorf("got %v", err)
	}
	python := filepath.Join(bin, "python3")
	if err := os.WriteFile(python, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if command, err := (Runner{}).Command(job); err != nil || command.Path != python {
		t.Errorf("got %q and %v, want %q", command.Path, err, python)
	}
}

func TestLauncher(t *testing.T) {
	t.Run("quotes the file's name", func(t *testing.T) {
		want := `_os.path.join(_root, "it's \"ü\".py")`
		if text := launcherText(`it's "ü".py`); !strings.Contains(text, strings.ReplaceAll(want, "ü", `\u00fc`)) {
			t.Errorf("launcher has no %s:\n%s", want, text)
		}
	})
	t.Run("says what to do where there is no metaflow", func(t *testing.T) {
		python, err := exec.LookPath("python3")
		if err != nil {
			t.Skip("there is no python3")
		}
		job := placeless(t, "")
		if err := os.WriteFile(filepath.Join(job.Dir, "a.py"), []byte("from metaflow import FlowSpec\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := (Runner{}).Command(job); err != nil {
			t.Fatal(err)
		}
		said, err := exec.Command(python, "-I", "-S", "-B", filepath.Join(job.Dir, "flowrider-clean.py")).CombinedOutput()
		if err == nil || !strings.Contains(string(said), "has no metaflow.\nGive the flow an environment") || strings.Contains(string(said), "Traceback") {
			t.Errorf("got %v and %s", err, said)
		}
	})
	t.Run("is written twice alike", func(t *testing.T) {
		job := placeless(t, "")
		for range 2 {
			if _, err := (Runner{}).Command(job); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("replaces no file of the project", func(t *testing.T) {
		job := placeless(t, "")
		if err := os.WriteFile(filepath.Join(job.Dir, "flowrider-clean.py"), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := (Runner{}).Command(job); err == nil || !strings.Contains(err.Error(), "flowrider-clean.py") {
			t.Errorf("got %v", err)
		}
	})
}

func TestDatastoreOfTheUser(t *testing.T) {
	job := placeless(t, "")
	mine := filepath.Join(job.Root, ".metaflow", "config.json")
	if err := os.MkdirAll(filepath.Dir(mine), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mine, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := (Runner{}).Command(job); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(job.Root, ".metaflow", ".gitignore")); !os.IsNotExist(err) {
		t.Errorf("a folder that was there has got a .gitignore: %v", err)
	}
}
