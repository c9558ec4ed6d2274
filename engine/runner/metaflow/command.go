package metaflow

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/process"
)

// Command is the process that runs the job's flow. It writes the launcher
// into the bundle, makes the datastore's folder below the root if it is not
// there, and removes a run-id file that an earlier attempt left behind.
func (Runner) Command(job *runner.Job) (process.Command, error) {
	args, err := commandLine(job)
	if err != nil {
		return process.Command{}, err
	}
	python, err := interpreter(job)
	if err != nil {
		return process.Command{}, err
	}
	if err := prepare(job); err != nil {
		return process.Command{}, err
	}
	return process.Command{Path: python, Args: args, Dir: job.Dir, Env: environ(job)}, nil
}

// commandLine is everything after the interpreter's name. Each value is one
// argument of the form --name=value, so that no value is taken for an option.
func commandLine(job *runner.Job) ([]string, error) {
	if refusals := (Runner{}).Refuses(job.Args); len(refusals) > 0 {
		return nil, misuse("%s: %s", refusals[0].Argument, refusals[0].Why)
	}
	line := []string{launcherName(job.Name), "--no-pylint"}
	options, err := optionArgs(job.Args[argOptions])
	if err != nil {
		return nil, err
	}
	configs, err := configArgs(job.Args)
	if err != nil {
		return nil, err
	}
	if job.Line != nil {
		return append(append(append(line, options...), configs...), job.Line...), nil
	}
	parameters, err := parameterArgs(job.Args[argParameters])
	if err != nil {
		return nil, err
	}
	runOptions, err := optionArgs(job.Args[argRunOptions])
	if err != nil {
		return nil, err
	}
	if line = append(line, options...); job.Resume != "" {
		line = append(line, resumeArgs(job)...)
	} else {
		line = append(append(append(line, configs...), "run"), parameters...)
	}
	for _, tag := range job.Tags {
		line = append(line, "--tag="+tag)
	}
	line = append(line, "--tag="+attemptTag(job))
	return append(append(line, runOptions...), "--run-id-file="+runIDFile(job)), nil
}

// attemptTag is what the attempt's run is known by: nobody else starts one with
// this tag.
func attemptTag(job *runner.Job) string { return "flowrider_attempt:" + job.Attempt }

// parameterArgs passes every parameter that is not null.
func parameterArgs(parameters cty.Value) ([]string, error) {
	var args []string
	members, _ := givenMembers(parameters)
	for _, m := range members {
		text, err := valueText(m.value)
		if err != nil {
			return nil, misuse("parameter %q: %v", m.name, err)
		}
		args = append(args, "--"+m.name+"="+text)
	}
	return args, nil
}

// optionArgs passes every option that is not null: a flag for true, its
// negation for false, and a list's elements one by one.
func optionArgs(options cty.Value) ([]string, error) {
	var args []string
	members, _ := givenMembers(options)
	for _, m := range members {
		for _, v := range elementsOf(m.value) {
			arg, err := optionArg(m.name, v)
			if err != nil {
				return nil, err
			}
			if arg != "" {
				args = append(args, arg)
			}
		}
	}
	return args, nil
}

// optionArg is one option with one value, "" for a flag that is not given.
func optionArg(name string, v cty.Value) (string, error) {
	if v.Type() == cty.Bool {
		switch {
		case v.True():
			return "--" + name, nil
		case negations[name] != "":
			return "--" + negations[name], nil
		}
		return "", nil
	}
	text, err := valueText(v)
	if err != nil {
		return "", misuse("option %q: %v", name, err)
	}
	return "--" + name + "=" + text, nil
}

// configArgs names the file or gives the value of each Config.
func configArgs(args runner.Arguments) ([]string, error) {
	var line []string
	for _, kind := range []struct{ argument, option string }{{argConfigs, "--config"}, {argConfigValues, "--config-value"}} {
		members, _ := givenMembers(args[kind.argument])
		for _, m := range members {
			text, err := valueText(m.value)
			if err != nil {
				return nil, misuse("config %q: %v", m.name, err)
			}
			line = append(line, kind.option, m.name, text)
		}
	}
	return line, nil
}

// interpreter is the Python of the job's environment, or the first on its
// PATH where it has none.
func interpreter(job *runner.Job) (string, error) {
	if job.Python != "" {
		return job.Python, nil
	}
	for _, name := range []string{"python3", "python"} {
		if path, err := process.LookPath(name, job.Env, job.Dir); err == nil {
			return path, nil
		}
	}
	return "", misuse("there is no python3 on PATH; give the flow an environment that has metaflow among its packages")
}

// prepare makes the place ready on disk.
func prepare(job *runner.Job) error {
	file := job.Args[argFile].AsString()
	if !filepath.IsLocal(filepath.FromSlash(file)) {
		return misuse("file %q does not lie below the project's root", file)
	}
	info, err := os.Stat(filepath.Join(job.Dir, filepath.FromSlash(file)))
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular():
		return misuse("file %q is not a file of the bundle; the command `flowrider bundle ls %s` lists those", file, job.Address)
	case err != nil:
		return err
	}
	if err := writeLauncher(job, file); err != nil {
		return err
	}
	if err := makeDatastore(job.Root); err != nil {
		return err
	}
	if err := os.MkdirAll(temporary(job), 0o700); err != nil {
		return err
	}
	if err := os.Remove(runIDFile(job)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("run-id file of an earlier attempt cannot be removed: %w", err)
	}
	return nil
}

// makeDatastore makes <root>/.metaflow, ignored by git, before the first flow
// starts: without it Metaflow looks for one further up.
func makeDatastore(root string) error {
	dir := filepath.Join(root, datastoreFolder)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		return nil // the user's own, or made before
	}
	return durable.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"))
}

// runIDFile is where Metaflow writes the run ID when the run starts.
func runIDFile(job *runner.Job) string { return filepath.Join(job.Scratch, "run_id") }

// temporary is the folder for what Metaflow would else put into the bundle.
func temporary(job *runner.Job) string { return filepath.Join(job.Scratch, "tmp") }
