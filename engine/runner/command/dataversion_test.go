package command

import (
	"path/filepath"
	"testing"

	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/process"
)

// result is what dependents compare: the whole result and its outputs.
type result struct {
	Whole   string
	Outputs map[string]string
}

// finish judges an attempt that has written files and exited with status 0.
func finish(t *testing.T, job *runner.Job, files map[string]string) result {
	t.Helper()
	build(t, job.Dir, files)
	run, err := Runner{}.Outcome(job, process.Exit{})
	must(t, err)
	r := result{run.DataVersion, map[string]string{}}
	for name, output := range run.Outputs {
		r.Outputs[name] = output.DataVersion
	}
	return r
}

// Under the policy content, the content counts with the outputs' own names:
// what a dependent can see. Nothing else does.
func TestContentDataVersion(t *testing.T) {
	model := map[string]string{"out/model/weights": "1", "out/model/sub/x": "2"}
	with := func(name, content string) map[string]string {
		files := map[string]string{name: content}
		for other := range model {
			if other != name {
				files[other] = model[other]
			}
		}
		return files
	}
	first := finish(t, newJob(t, "", file("model", "out/model")), model)
	for _, test := range []struct {
		name    string
		change  func(job *runner.Job)
		files   map[string]string
		whole   bool // comes out the same
		outputs bool
	}{
		{name: "another run in another folder", files: model, whole: true, outputs: true},
		{name: "another flow", files: model, whole: true, outputs: true,
			change: func(job *runner.Job) { job.Address, job.Name = "flow.b", "b" }},
		{name: "another configuration", files: model, whole: true, outputs: true,
			change: func(job *runner.Job) { job.ConfigHash = "h1:0" }},
		{name: "published elsewhere", files: model, whole: true, outputs: true,
			change: func(job *runner.Job) { job.Outputs[0].Publish = "elsewhere" }},
		{name: "not published", files: model, whole: true, outputs: true,
			change: func(job *runner.Job) { job.Outputs[0].Publish = "" }},
		{name: "written in another folder", files: map[string]string{"model/weights": "1", "model/sub/x": "2"}, whole: true, outputs: true,
			change: func(job *runner.Job) { job.Outputs[0].File = "model" }},
		{name: "another name of the folder", files: map[string]string{"m/weights": "1", "m/sub/x": "2"}, outputs: true,
			change: func(job *runner.Job) { job.Outputs[0].File = "m" }},
		{name: "another name of the output", files: model,
			change: func(job *runner.Job) { job.Outputs[0].Name = "other" }},
		{name: "other content", files: with("out/model/weights", "2")},
		{name: "one file more", files: with("out/model/more", "")},
		{name: "an empty folder more", files: with("out/model/more/", "")},
		{name: "a program instead of a file", files: map[string]string{"out/model/weights*": "1", "out/model/sub/x": "2"}},
		{name: "another name of a file in it", files: map[string]string{"out/model/weight": "1", "out/model/sub/x": "2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			job := newJob(t, "", file("model", "out/model"))
			if test.change != nil {
				test.change(job)
			}
			got := finish(t, job, test.files)
			if same := got.Whole == first.Whole; same != test.whole {
				t.Errorf("the whole result is the same: %v", same)
			}
			if same := got.Outputs["model"] == first.Outputs["model"]; same != test.outputs {
				t.Errorf("the output is the same: %v", same)
			}
		})
	}
}

// A dependent of one output does not see the others.
func TestOutputsHaveDataVersionsOfTheirOwn(t *testing.T) {
	outputs := []runner.Output{file("a", "a.txt"), file("b", "b.txt"), {Name: "printed", Stdout: "json"}}
	before, after := newJob(t, "", outputs...), newJob(t, "", outputs...)
	build(t, before.Scratch, map[string]string{"stdout": `{ "n": 1, "m": 2 }`})
	build(t, after.Scratch, map[string]string{"stdout": `{"m":2,"n":1}` + "\n"})
	old := finish(t, before, map[string]string{"a.txt": "same", "b.txt": "1"})
	now := finish(t, after, map[string]string{"a.txt": "same", "b.txt": "2"})
	for name, same := range map[string]bool{"a": true, "b": false, "printed": true} {
		if (old.Outputs[name] == now.Outputs[name]) != same {
			t.Errorf("%s: %s, then %s", name, old.Outputs[name], now.Outputs[name])
		}
	}
	if old.Whole == now.Whole {
		t.Error("the whole result is the same")
	}
}

func TestOtherPolicies(t *testing.T) {
	for _, test := range []struct {
		name, policy string
		outputs      bool
		want         result
	}{
		{"run", "run", true, result{"run:ATTEMPT", map[string]string{"n": "run:ATTEMPT/n", "printed": "run:ATTEMPT/printed"}}},
		{"key", "key", true, result{"key:h1:c0ffee", map[string]string{"n": "key:h1:c0ffee/n", "printed": "key:h1:c0ffee/printed"}}},
		{"run without outputs", "run", false, result{"run:ATTEMPT", map[string]string{}}},
		{"key without outputs", "key", false, result{"key:h1:c0ffee", map[string]string{}}},
		// There is nothing to compare.
		{"content without outputs", "content", false, result{"run:ATTEMPT", map[string]string{}}},
		{"default without outputs", "", false, result{"run:ATTEMPT", map[string]string{}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			job := newJob(t, "")
			if test.outputs {
				job.Outputs = []runner.Output{file("n", filepath.Join("out", "n.txt")), {Name: "printed", Stdout: "text"}}
			}
			job.Attempt, job.DataPolicy = "ATTEMPT", test.policy
			build(t, job.Scratch, map[string]string{"stdout": "x"})
			equal(t, test.want, finish(t, job, map[string]string{"out/n.txt": "n"}))
		})
	}
}
