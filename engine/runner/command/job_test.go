package command

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/oklog/ulid/v2"
	"pgregory.net/rapid"

	"github.com/flowrider/flowrider/engine/runner"
)

// newJob is an attempt in folders of its own, with arguments as they are
// written in a flow block. The bundle and the project are empty.
func newJob(t testing.TB, args string, outputs ...runner.Output) *runner.Job {
	t.Helper()
	root := t.TempDir()
	job := &runner.Job{
		Address: "flow.a", Name: "a", Attempt: ulid.Make().String(),
		Root: root, Project: root, Dir: filepath.Join(root, ".flowrider", "bundle"), Scratch: filepath.Join(root, ".flowrider", "scratch"),
		Env: map[string]string{"PATH": "/usr/bin:/bin"}, Args: parse(t, args), Outputs: outputs, ConfigHash: "h1:c0ffee",
	}
	must(t, os.MkdirAll(job.Dir, 0o755))
	must(t, os.MkdirAll(job.Scratch, 0o755))
	return job
}

// parse evaluates arguments as they are written in a flow block.
func parse(t testing.TB, source string) runner.Arguments {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(source), "", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	args := runner.Arguments{}
	attributes, _ := file.Body.JustAttributes()
	for name, attribute := range attributes {
		value, diags := attribute.Expr.Value(nil)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		args[name] = value
	}
	return args
}

// file is an output that is placed where the command writes it.
func file(name, path string) runner.Output {
	return runner.Output{Name: name, File: path, Publish: path}
}

// build makes files below dir: "name" is a file, "name/" a folder, "name*" a
// program, "name -> target" a link.
func build(t rapid.TB, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		base, target, isLink := strings.Cut(name, " -> ")
		path := filepath.Join(dir, strings.TrimSuffix(base, "*"))
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		switch {
		case isLink:
			must(t, os.Symlink(target, path))
		case strings.HasSuffix(base, "/"):
			must(t, os.MkdirAll(path, 0o755))
		case strings.HasSuffix(base, "*"):
			must(t, os.WriteFile(path, []byte(content), 0o755))
		default:
			must(t, os.WriteFile(path, []byte(content), 0o644))
		}
	}
}

// tree reads what is below dir in the form that build takes, without
// flowrider's own folder. Folders are listed only where they are empty.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	must(t, filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, at)
		switch info, _ := d.Info(); {
		case d.IsDir() && d.Name() == ".flowrider" && at != dir:
			return filepath.SkipDir
		case d.IsDir():
			if entries, _ := os.ReadDir(at); len(entries) == 0 && at != dir {
				files[name+"/"] = ""
			}
			return nil
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(at)
			files[name+" -> "+target] = ""
			return err
		case info.Mode()&0o100 != 0:
			name += "*"
		}
		content, err := os.ReadFile(at)
		files[name] = string(content)
		return err
	}))
	return files
}

// displaced reads what was moved out of the way, by path in the project. It
// fails where two things of one path would hide one another.
func displaced(t testing.TB, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	attempts, _ := filepath.Glob(filepath.Join(root, ".flowrider", "displaced", "*"))
	for _, attempt := range attempts {
		for name, content := range tree(t, attempt) {
			if _, twice := files[name]; twice {
				t.Errorf("%s was moved aside twice", name)
			}
			files[name] = content
		}
	}
	return files
}

func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T any](t rapid.TB, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// failsWith expects a failure of the flow with exactly this reason.
func failsWith(t testing.TB, err error, want string) {
	t.Helper()
	if failure, ok := err.(*runner.Failure); !ok || failure.Reason != want {
		t.Errorf("got the error %v\nwant the failure %s", err, want)
	}
}
