package battery_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/testenv"
	"github.com/flowrider/flowrider/schema"
)

// Each testdata/formats/N.txtar is a project as some flowrider has left it: all
// its files but what may vanish. One that was released is never written anew;
// when a format changes, -update writes the next number.
const formats = "testdata/formats/1.txtar"

// There, v = 2 has been applied after v = 1; b has failed; and an apply died
// after it had found c's run good, and before it had recorded it.
const formatsConfig = `variable "v" { default = 2 }

flow "command" "a" {
  argv = ["sh", "-c", "echo ${var.v} > a.txt"]
  output "n" { file = "a.txt" }
  bundle { include = [] }
}

flow "command" "b" {
  argv = ["sh", "-c", "echo no luck; exit 1"]
  env  = { A = flow.a.output.n.path }
  bundle { include = [] }
}

flow "command" "c" {
  for_each    = toset(["x y"])
  argv        = ["echo", each.key]
  run_id_file = "c.id"
  output "said" { stdout = "text" }
  bundle { include = [] }
}
`

// TestT34OldFormatsAreRead reads a project that an earlier flowrider has left:
// nothing of it is lost.
func TestT34OldFormatsAreRead(t *testing.T) {
	t.Parallel()
	if *update {
		writeFormats(t)
	}
	p := unpack(t, formats)
	before := contents(t, p.dir)
	says := func(want string, arguments ...string) {
		t.Helper()
		ended := p.must(arguments...)
		if !strings.Contains(ended.out+ended.errors, want) {
			t.Errorf("flowrider %s does not say %q:\n%s%s", strings.Join(arguments, " "), want, ended.out, ended.errors)
		}
	}
	says("Plan: 1 to run, 1 to reuse, 1 up to date.", "plan")              // of c the history knows
	says("Plan: 1 to run, 2 to reuse, 0 up to date.", "plan", "--var=v=1") // and of v = 1
	says(`"echo 2 > a.txt"`, "explain", "flow.a", "--var=v=3")             // of a manifest
	says("no luck", "logs", "flow.b")
	says("previous_failed", "status")
	says(`flow.c["x y"] had succeeded; the next apply records it without another run`, "status")
	if after := contents(t, p.dir); !sameFiles(before, after) {
		t.Error("reading has changed something")
	}
	if ended := p.run("apply", "flow.a", `flow.c["x y"]`); !strings.Contains(ended.errors, `flow.c["x y"]: run `) || !strings.Contains(ended.errors, "it is kept in the history alone") ||
		!strings.Contains(ended.errors, "Apply: 1 reused, 1 up to date") { // what stood there then its journal does not say
		t.Errorf("exit code %d\n%s%s", ended.code, ended.out, ended.errors)
	}
	testenv.Figure(t, "T34", "records, history, journal, attempts, placed files, manifests and outputs of format 1: all read")
}

// TestT34NewerFormatsAreLeftAlone lets files claim to be of the next format:
// whatever would be written there is not, and the files stay as they are.
func TestT34NewerFormatsAreLeftAlone(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		old, new string // what stands in the file
		refuses  []string
	}{
		{"runs/a.json", `"schema": 1`, `"schema": 2`, []string{"apply", "--replace=flow.a"}},
		{".flowrider/history/*.log", "FRH1\n", "FRH2\n", []string{"apply", "--replace=flow.a", "flow.a"}},
		{".flowrider/journal/*", "FRJ1\n", "FRJ2\n", []string{"apply"}},
		{".flowrider/journal/*", "FRJ1\n", "FRJ2\n", []string{"accept", "flow.a"}},
		{".flowrider/placed", "FRP1\n", "FRP2\n", []string{"apply", "--replace=flow.a", "flow.a"}},
	}
	for _, test := range tests {
		p := unpack(t, formats)
		files, _ := filepath.Glob(filepath.Join(p.dir, test.name))
		if len(files) == 0 {
			t.Errorf("there is no %s", test.name)
		}
		newer := map[string]string{}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil || !strings.Contains(string(text), test.old) {
				t.Fatalf("%s: %v\n%s", file, err, text)
			}
			newer[file] = strings.Replace(string(text), test.old, test.new, 1)
			if err := os.WriteFile(file, []byte(newer[file]), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		ended := p.run(test.refuses...)
		said := ended.out + ended.errors
		if !strings.Contains(said, "newer flowrider") || ended.code == 0 && test.name != ".flowrider/placed" {
			t.Errorf("%s, flowrider %q: exit code %d\n%s", test.name, test.refuses, ended.code, said)
		}
		for _, file := range files {
			if text, err := os.ReadFile(file); err != nil || string(text) != newer[file] {
				t.Errorf("%s is not as it was: %v\n%s", file, err, text)
			}
		}
	}
	testenv.Figure(t, "T34", "%d times a file of the next format was in the way: named, and left as it was", len(tests))
}

// unpack makes the project of an archive.
func unpack(t *testing.T, archive string) *project {
	t.Helper()
	parsed, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	p := newProject(t, t.TempDir(), "")
	for _, file := range parsed.Files {
		p.write(file.Name, string(file.Data))
	}
	return p
}

// contents are those of all files but of what may vanish.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		vanishes := slices.Contains([]string{".flowrider/cache", ".flowrider/bundles"}, rel)
		switch {
		case err != nil:
			return err
		case vanishes:
			return filepath.SkipDir
		case entry.Type().IsRegular() && !strings.HasPrefix(rel, ".flowrider/lock"):
			text, readErr := os.ReadFile(path)
			files[filepath.ToSlash(rel)], err = string(text), readErr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func sameFiles(a, b map[string]string) bool {
	for name, text := range a {
		if b[name] != text {
			return false
		}
	}
	return len(a) == len(b)
}

// writeFormats writes the archive of the formats of now.
func writeFormats(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(formats); err == nil {
		t.Fatalf("%s is there: give the next one another number", formats)
	}
	p := newProject(t, t.TempDir(), formatsConfig)
	p.run("apply", "--var=v=1")
	p.run("apply")
	interrupt(t, p.dir)
	archive := &txtar.Archive{Comment: []byte("Written by go test ./battery -run T34 -update, once.\n")}
	all := contents(t, p.dir)
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if text := all[name]; !strings.HasSuffix(text, "\n") && text != "" {
			t.Logf("%s gets a line break at its end", name)
		}
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(all[name])})
	}
	err := os.MkdirAll(filepath.Dir(formats), 0o755)
	if err == nil {
		err = os.WriteFile(formats, txtar.Format(archive), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// interrupt takes c's record back, and leaves the journal of an apply that died
// when it was about to write it.
func interrupt(t *testing.T, dir string) {
	t.Helper()
	records := record.Open(dir, "runs", durable.With(durable.OS()))
	address := schema.Address{Block: "flow", Name: "c", Key: "x y", Keyed: true}
	rec, problem := records.Selected(address)
	if rec == nil {
		t.Fatal(problem)
	}
	id := "01K00000000000000000000000"
	journal, err := records.BeginJournal()
	if err == nil {
		err = records.Forget(address)
	}
	for _, step := range []func() error{
		func() error {
			return journal.Intend(address, record.Attempt{ID: id, Log: record.LogPath(address, id), Started: rec.Started, ConfigHash: rec.ConfigHash})
		},
		func() error { return journal.Start(id, os.Getpid()) },
		func() error { return journal.Exit(id, record.Exit{Draft: rec}) },
		func() error { return journal.Verify(id, record.Success{Records: []*record.Record{rec}}) },
		func() error { return journal.End(false) },
	} {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}
