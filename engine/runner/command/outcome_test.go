package command

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/process"
)

// fails expects that an attempt has no run and left nothing in the project.
func fails(t *testing.T, job *runner.Job, exit process.Exit, want string) {
	t.Helper()
	before := tree(t, job.Project)
	run, err := Runner{}.Outcome(job, exit)
	failsWith(t, err, want)
	if run != nil {
		t.Errorf("it has the run %+v", run)
	}
	equal(t, before, tree(t, job.Project))
}

// Nothing but exit status 0 gives a run, although every output is there.
func TestExitStatusOtherThanZeroGivesNoRun(t *testing.T) {
	job := newJob(t, "", file("n", "n.txt"))
	build(t, job.Dir, map[string]string{"n.txt": "done"})
	for code := 1; code <= 255; code++ {
		want := fmt.Sprintf("exit status %d", code)
		if code == 127 {
			want += ", with which a shell says that it did not find a program"
		}
		fails(t, job, process.Exit{Code: code}, want)
	}
	for signal := syscall.Signal(1); signal <= 64; signal++ {
		want := fmt.Sprintf("killed by signal %d (%v)", int(signal), signal)
		if signal == syscall.SIGKILL {
			want = "killed by signal 9 (out of memory?)"
		}
		fails(t, job, process.Exit{Code: -1, Signal: signal}, want)
	}
	fails(t, job, process.Exit{Stopped: true}, "it was stopped before its end") // and exited 0 then
	run, err := Runner{}.Outcome(job, process.Exit{})
	must(t, err)
	equal(t, job.Attempt, run.ID)
	equal(t, map[string]string{"n.txt": "done"}, tree(t, job.Project))
}

// The same with real processes: what a shell says of how it ended.
func TestRealProcesses(t *testing.T) {
	for line, want := range map[string]string{
		"exit 3":                           "exit status 3",
		"false":                            "exit status 1",
		"no-such-program":                  "exit status 127, with which a shell says that it did not find a program",
		"kill -KILL $$":                    "killed by signal 9 (out of memory?)",
		"kill -TERM $$":                    "killed by signal 15 (terminated)",
		"echo done > n.txt; kill -INT $$":  "killed by signal 2 (interrupt)",
		"echo done > n.txt; exit 255":      "exit status 255",
		"echo done > other.txt":            `it exited 0 without writing its output "n", the file n.txt`,
		"(echo done > n.txt; exit 1) || :": "",
	} {
		t.Run(line, func(t *testing.T) {
			job := newJob(t, fmt.Sprintf("argv = [%q]\nshell = true", line), file("n", "n.txt"))
			command, err := Runner{}.Command(job)
			must(t, err)
			p, err := process.Start(command, process.Options{Marker: job.Attempt, Log: &bytes.Buffer{}})
			must(t, err)
			exit := p.Wait()
			if want != "" {
				fails(t, job, exit, want)
				return
			}
			_, err = Runner{}.Outcome(job, exit)
			must(t, err)
		})
	}
}

// One output of three is missing: nothing is placed, not even the others.
func TestMissingOutputIsAFailure(t *testing.T) {
	job := newJob(t, "", file("a", "a.txt"), file("b", "out/b.txt"), file("c", "c"))
	build(t, job.Dir, map[string]string{"a.txt": "a", "out/": "", "c/x": "c", "b.txt": "in another folder"})
	fails(t, job, process.Exit{}, `it exited 0 without writing its output "b", the file out/b.txt`)
	build(t, job.Dir, map[string]string{"out/b.txt": "b"})
	_, err := Runner{}.Outcome(job, process.Exit{})
	must(t, err)
	equal(t, map[string]string{"a.txt": "a", "out/b.txt": "b", "c/x": "c"}, tree(t, job.Project))
}

// An output is a file or a folder of the bundle, and nothing that leads out.
func TestOutputThatIsNoFile(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"link to a file outside", map[string]string{"n -> /etc/passwd": ""}, "symbolic link"},
		{"link to a file inside", map[string]string{"other": "", "n -> other": ""}, "symbolic link"},
		{"folder with a link outside", map[string]string{"n/x -> ../../../mine": ""}, "does not stay inside the output"},
	} {
		t.Run(test.name, func(t *testing.T) {
			job := newJob(t, "", file("n", "n"))
			build(t, job.Dir, test.files)
			run, err := Runner{}.Outcome(job, process.Exit{})
			if run != nil || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got the run %v and the error %v", run, err)
			}
			equal(t, map[string]string{}, tree(t, job.Project))
		})
	}
}

// Files, programs, folders and what they hold come to their places, kept by
// digest for dependents.
func TestOutputsArePlacedAndKept(t *testing.T) {
	job := newJob(t, "",
		file("report", "out/report.html"),
		file("model", "out/model"),
		runner.Output{Name: "tool", File: "tool", Publish: "bin/tool-of-mine"},
		runner.Output{Name: "secret", File: "secret.txt"})
	model := map[string]string{"weights": "\x00\x01", "deep/empty/": "", "run*": "#!/bin/sh", "latest -> weights": ""}
	build(t, job.Dir, map[string]string{"out/report.html": "<html>", "tool*": "x", "secret.txt": "s", "beside.txt": "no output"})
	build(t, filepath.Join(job.Dir, "out/model"), model)
	run, err := Runner{}.Outcome(job, process.Exit{})
	must(t, err)

	want := map[string]string{"out/report.html": "<html>", "bin/tool-of-mine*": "x"}
	for name, content := range model {
		want["out/model/"+name] = content
	}
	equal(t, want, tree(t, job.Project))
	equal(t, nil, run.Notes)
	for name, wantOutput := range map[string]record.Output{
		"report": {File: "out/report.html", Published: "out/report.html"},
		"model":  {File: "out/model", Published: "out/model"},
		"tool":   {File: "tool", Published: "bin/tool-of-mine"},
		"secret": {File: "secret.txt"},
	} {
		got := run.Outputs[name]
		equal(t, true, strings.HasPrefix(got.Digest, "h1:"))
		got.Digest, got.DataVersion = "", ""
		equal(t, wantOutput, got)
	}
	missing, err := Runner{}.Check(job.Root, job.Project, &record.Record{Outputs: run.Outputs})
	must(t, err)
	equal(t, "", missing)
}

func TestPrintedOutput(t *testing.T) {
	for _, test := range []struct{ name, kind, printed, want, failure string }{
		{name: "text", kind: "text", printed: "two\nlines\n", want: `"two\nlines\n"`},
		{name: "empty text", kind: "text", printed: "", want: `""`},
		{name: "text of 1 MiB", kind: "text", printed: strings.Repeat("x", 1<<20), want: `"` + strings.Repeat("x", 1<<20) + `"`},
		{name: "longer text", kind: "text", printed: strings.Repeat("x", 1<<20+1),
			failure: `its output "n" is longer than 1 MiB; write it to a file instead`},
		{name: "text that is none", kind: "text", printed: "\xff\xfe",
			failure: `what it printed for its output "n" is not UTF-8; write it to a file instead`},
		{name: "json", kind: "json", printed: "{ \"b\": [1.50, null],\n\t\"a\": \"<é>\" }\n", want: `{"a":"\u003cé\u003e","b":[1.50,null]}`},
		{name: "json number of many digits", kind: "json", printed: "12345678901234567890.123456789", want: `12345678901234567890.123456789`},
		{name: "json null", kind: "json", printed: "null", want: `null`},
		{name: "json of 1 MiB", kind: "json", printed: `"` + strings.Repeat("x", 1<<20-2) + `"`, want: `"` + strings.Repeat("x", 1<<20-2) + `"`},
		{name: "longer json", kind: "json", printed: `"` + strings.Repeat("x", 1<<20) + `"`,
			failure: `its output "n" is longer than 1 MiB; write it to a file instead`},
		{name: "no json", kind: "json", printed: "loading…\n{}", failure: `what it printed for its output "n" is no JSON`},
		{name: "two values", kind: "json", printed: "{} {}", failure: `what it printed for its output "n" is no JSON`},
		{name: "half a value", kind: "json", printed: `{"a": `, failure: `what it printed for its output "n" is no JSON`},
		{name: "nothing for json", kind: "json", printed: "", failure: `what it printed for its output "n" is no JSON`},
		{name: "json that is no text", kind: "json", printed: "\"\xff\"",
			failure: `what it printed for its output "n" is not UTF-8; write it to a file instead`},
		{name: "deep json", kind: "json", printed: strings.Repeat("[", 500) + strings.Repeat("]", 500), want: strings.Repeat("[", 500) + strings.Repeat("]", 500)},
		{name: "deeper json", kind: "json", printed: strings.Repeat("[", 501) + strings.Repeat("]", 501),
			failure: `what it printed for its output "n" is nested deeper than 500 levels; write it to a file instead`},
		{name: "endless number", kind: "json", printed: `{"a": [1e999999999]}`,
			failure: `what it printed for its output "n" has the number 1e999999999, which is out of range`},
		{name: "number that fills a disk", kind: "json", printed: `1e300000000`,
			failure: `what it printed for its output "n" has the number 1e300000000, which is out of range`},
		{name: "number that is next to nothing", kind: "json", printed: `[-1e-300000000]`,
			failure: `what it printed for its output "n" has the number -1e-300000000, which is out of range`},
		{name: "largest numbers of others", kind: "json", printed: `[1.7976931348623157e308,5e-324,0,-0.0]`, want: `[1.7976931348623157e308,5e-324,0,-0.0]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			job := newJob(t, "", runner.Output{Name: "n", Stdout: test.kind}, file("beside", "beside.txt"))
			build(t, job.Dir, map[string]string{"beside.txt": ""})
			build(t, job.Scratch, map[string]string{"stdout": test.printed})
			if test.failure != "" {
				fails(t, job, process.Exit{}, test.failure)
				return
			}
			run, err := Runner{}.Outcome(job, process.Exit{})
			must(t, err)
			equal(t, test.want, string(run.Outputs["n"].Value))
		})
	}
}

// A value that was printed lies in the record alone, so it is there as long as
// the record is.
func TestPrintedOutputNeedsNoStore(t *testing.T) {
	job := newJob(t, "", runner.Output{Name: "n", Stdout: "text"})
	build(t, job.Scratch, map[string]string{"stdout": "hello"})
	run, err := Runner{}.Outcome(job, process.Exit{})
	must(t, err)
	must(t, os.RemoveAll(filepath.Join(job.Root, ".flowrider")))
	missing, err := Runner{}.Check(job.Root, job.Project, &record.Record{Outputs: run.Outputs})
	must(t, err)
	equal(t, "", missing)
}
