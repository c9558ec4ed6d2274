package attempt

import (
	"maps"
	"path"
	"path/filepath"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
)

// Job makes the plain values that a runner gets. All of the flow's arguments
// are known, and its environment is built.
func (m *Maker) Job(flow *plan.Flow, made *Place) *runner.Job {
	arguments, root := flow.Resolved.Arguments, m.Session.Config.Root
	job := &runner.Job{
		Address: flow.Address, Name: flow.Instance.Flow.Address.Name, Attempt: made.Attempt,
		Root: root, Project: flow.Place.Project, Dir: made.Dir, Scratch: made.Scratch,
		Args: runner.Arguments{}, Hashed: runner.Arguments{}, Tags: arguments["tags"].Texts(),
		DataPolicy: plan.Policy(flow), Published: Published(flow.Selected),
		Env: m.Session.ChildEnv(arguments["pass_env"].Texts()),
	}
	if flow.ConfigHash != nil {
		job.ConfigHash = *flow.ConfigHash
	}
	for name, value := range arguments {
		job.Args[name], job.Hashed[name] = value.Unmarked(), value.Hashed
	}
	if e := flow.Place.Environment; e != nil {
		prefix, _ := e.Prefix()
		job.Python = prefix.Python
		plan.Activate(job.Env, prefix)
		if e.InstallProject {
			plan.PrependPath(job.Env, "PYTHONPATH", filepath.Join(made.Dir, filepath.FromSlash(path.Dir(flow.Place.Package))))
		}
	}
	plan.PrependPath(job.Env, "PYTHONPATH", m.Python())
	if job.Env[byteCode] == "" {
		job.Env[byteCode] = m.byteCode()
	}
	maps.Copy(job.Env, texts(arguments["env"]))
	m.Session.Locate(job.Env)
	for _, declared := range flow.Instance.Flow.Outputs {
		job.Outputs = append(job.Outputs, Output(declared.Name, flow.Resolved.Outputs[declared.Name]))
	}
	return job
}

// Output is a declared output with its evaluated arguments.
func Output(name string, arguments map[string]eval.Value) runner.Output {
	output := runner.Output{Name: name}
	output.Artifact, _ = arguments["artifact"].Text()
	output.Stdout, _ = arguments["stdout"].Text()
	if file, ok := arguments["file"].Text(); ok {
		output.File = path.Clean(file)
		output.Publish = output.File
	}
	if publish, ok := arguments["publish"]; ok {
		text, _ := publish.Text() // false is no text: nowhere
		output.Publish = ""
		if text != "" {
			output.Publish = path.Clean(text)
		}
	}
	return output
}

// Published are the digests of what a record's run has placed in the project,
// by path below it: only that may be written over.
func Published(rec *record.Record) map[string]string {
	digests := map[string]string{}
	if rec != nil {
		for _, output := range rec.Outputs {
			if output.Published != "" {
				digests[output.Published] = output.Digest
			}
		}
	}
	return digests
}

// texts is a map of texts in its real form; null elements are left out.
func texts(value eval.Value) map[string]string {
	all := map[string]string{}
	if value.Absent() {
		return all
	}
	for it := value.Unmarked().ElementIterator(); it.Next(); {
		if key, element := it.Element(); !element.IsNull() {
			all[key.AsString()] = element.AsString()
		}
	}
	return all
}
