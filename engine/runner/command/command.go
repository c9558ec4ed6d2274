// Package command runs plain commands: a program with its arguments, or one
// line for the shell. Success is exit status 0 with every declared output
// there; outputs are kept by digest and placed in the project.
//
// It evaluates no configuration (engine/eval), starts no process
// (internal/process), writes no record (engine/record), and keeps no content
// itself (engine/blob).
package command

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/flowrider/flowrider/engine/index"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/process"
)

// Runner runs flows of the kind "command".
type Runner struct {
	// Files are the indexes of files: outputs that have not changed at their places
	// are not read again. Nil to read all of them.
	Files *index.Cache
}

var _ runner.Runner = Runner{}

// Refuses is empty: a command takes any parameters.
func (Runner) Refuses(runner.Arguments) []runner.Refusal { return nil }

// Spec counts the command line, the folder it runs in and its parameters. Its
// environment and its declared outputs count too; the engine adds them, as it
// does for every runner.
func (Runner) Spec(args runner.Arguments) map[string]cty.Value {
	spec := map[string]cty.Value{}
	for _, name := range []string{"argv", "shell", "workdir", "parameters"} {
		if value, ok := args[name]; ok {
			spec[name] = value
		}
	}
	return spec
}

// Command is the program that argv names: without a slash it is looked up on
// the child's PATH, the environment's programs first, with one in the bundle.
// With shell = true argv is one line for /bin/sh. The folders of declared
// outputs are made in the bundle, and parameters are passed as JSON in
// FLOWRIDER_PARAMETERS.
func (Runner) Command(job *runner.Job) (process.Command, error) {
	argv, err := arguments(job)
	if err != nil {
		return process.Command{}, err
	}
	dir, err := prepare(job)
	if err != nil {
		return process.Command{}, err
	}
	if parameters, ok := job.Args["parameters"]; ok {
		encoded, err := ctyjson.Marshal(parameters, parameters.Type())
		if err != nil {
			return process.Command{}, err
		}
		job.Env["FLOWRIDER_PARAMETERS"] = string(encoded)
	}
	program, err := process.LookPath(argv[0], job.Env, job.Dir)
	if err != nil {
		return process.Command{}, misuse("%v", err)
	}
	return process.Command{Path: program, Args: argv[1:], Dir: dir, Env: job.Env}, nil
}

// prepare makes the folders of declared outputs in the bundle and gives the
// working folder, absolute. It follows no link out of the bundle.
func prepare(job *runner.Job) (dir string, err error) {
	bundle, err := os.OpenRoot(job.Dir)
	if err != nil {
		return "", err
	}
	defer bundle.Close()
	for _, output := range job.Outputs {
		switch output.Stdout {
		case "json", "text":
			continue
		case "":
		default:
			return "", misuse("output %q: stdout is \"json\" or \"text\"", output.Name)
		}
		if !filepath.IsLocal(output.File) || output.File == "." {
			return "", misuse("output %q: the file %s is not below the bundle", output.Name, output.File)
		}
		folder := path.Dir(output.File)
		if err := bundle.MkdirAll(folder, 0o755); err != nil {
			if cause := (*fs.PathError)(nil); errors.As(err, &cause) {
				err = cause.Err // without a path of this machine
			}
			return "", misuse("output %q: the folder %s cannot be made in the bundle: %v", output.Name, folder, err)
		}
	}
	workdir := cmp.Or(text(job.Args["workdir"]), ".")
	if !filepath.IsLocal(workdir) {
		return "", misuse("workdir %q is not below the bundle", workdir)
	}
	if info, err := bundle.Stat(workdir); err != nil || !info.IsDir() {
		return "", misuse("workdir %q is no folder of the bundle", workdir)
	}
	return filepath.Join(job.Dir, workdir), nil
}

func arguments(job *runner.Job) ([]string, error) {
	if job.Line != nil {
		return job.Line, nil
	}
	var argv []*string
	if err := json.Unmarshal(mustJSON(job.Args["argv"]), &argv); err != nil || len(argv) == 0 || argv[0] == nil || *argv[0] == "" {
		return nil, misuse("argv names no program; write argv = [\"program\", \"argument\"]")
	}
	var words []string
	for i, word := range argv {
		if word == nil {
			return nil, misuse("argv[%d] is null; leave it out, or write \"\"", i)
		}
		words = append(words, *word)
	}
	if shell, ok := job.Args["shell"]; !ok || !shell.True() {
		return words, nil
	}
	if len(words) != 1 {
		return nil, misuse("with shell = true argv is one line, as in argv = [\"a | b > c\"]; it has %d elements", len(words))
	}
	return []string{"/bin/sh", "-c", words[0]}, nil
}

func mustJSON(v cty.Value) []byte {
	encoded, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		panic("command: " + err.Error()) // real values are known and unmarked
	}
	return encoded
}

// text is an optional argument that is a text.
func text(v cty.Value) string {
	if v == cty.NilVal || v.IsNull() {
		return ""
	}
	return v.AsString()
}

// misuse is the failure of a flow whose arguments cannot be used.
func misuse(format string, args ...any) error {
	failure := runner.Failf(format, args...)
	failure.Usage = true
	return failure
}
