package record_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/schema"
)

func TestNoRecord(t *testing.T) {
	s := open(filepath.Join(t.TempDir(), "nothing", "here"))
	rec, problem := s.Selected(address(t, "flow.clean"))
	if rec != nil || problem != nil {
		t.Errorf("%v, %v", rec, problem)
	}
	all, problems := s.All()
	if len(all) != 0 || len(problems) != 0 {
		t.Errorf("%v, %v", all, problems)
	}
}

// I7: reading changes nothing, and makes nothing.
func TestReadingWritesNothing(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	must(t, s.Select(sample("flow.clean", "1")))
	must(t, s.Append(sample("flow.clean", "1")))
	write(t, root, "runs/broken.json", "{")
	write(t, root, ".flowrider/history/44.log", "FRH1\ntorn")
	before := snapshot(t, root)

	s = open(root)
	s.Selected(address(t, "flow.clean"))
	s.Selected(address(t, "flow.broken"))
	s.Selected(address(t, "flow.missing"))
	s.All()
	s.Undeclared(nil)
	s.History(hash("3"))
	s.History(hash("4"))
	s.History(hash("5"))
	s.Text(hash("5"))
	if _, err := s.KnownStoreID(); err != nil {
		t.Error(err)
	}
	equal(t, before, snapshot(t, root))
}

// A record equal to what is there is not written again, even where its file
// was laid out anew.
func TestEqualRecordIsNotRewritten(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	must(t, s.Select(sample("flow.clean", "1")))
	text := read(t, root, "runs/clean.json")
	for name, layout := range map[string]string{
		"as written":       text,
		"with CRLF":        strings.ReplaceAll(text, "\n", "\r\n"),
		"indented by four": strings.ReplaceAll(text, "  ", "    "),
		"in one line":      strings.ReplaceAll(text, "\n", " "),
	} {
		write(t, root, "runs/clean.json", layout)
		old := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
		must(t, os.Chtimes(filepath.Join(root, "runs/clean.json"), old, old))
		before := snapshot(t, root)
		must(t, open(root).Select(sample("flow.clean", "1")))
		equal(t, before, snapshot(t, root))
		if rec, problem := s.Selected(address(t, "flow.clean")); problem != nil || rec.RunID != "1" {
			t.Errorf("%s: %v", name, problem)
		}
	}
	// Times are the same in any time zone.
	rec := sample("flow.clean", "1")
	rec.Equivalent = []record.Equivalent{{RunID: "2", ConfigHash: hash("4"), Finished: rec.Started}}
	must(t, s.Select(rec))
	before := snapshot(t, root)
	elsewhere := time.FixedZone("elsewhere", 3600)
	rec.Started = rec.Started.In(elsewhere)
	rec.Equivalent[0].Finished = rec.Started
	must(t, s.Select(rec))
	equal(t, before, snapshot(t, root))

	must(t, s.Select(sample("flow.clean", "2")))
	rec, _ = s.Selected(address(t, "flow.clean"))
	equal(t, "2", rec.RunID)
}

// Every way in which a file is not believed, by what is said of it.
func TestProblems(t *testing.T) {
	good := func(t *testing.T) string {
		root := t.TempDir()
		must(t, open(root).Select(sample("flow.clean", "17")))
		return read(t, root, "runs/clean.json")
	}(t)
	replace := func(from, to string) string {
		if !strings.Contains(good, from) {
			t.Fatalf("the record has no %s", from)
		}
		return strings.Replace(good, from, to, 1)
	}
	for name, c := range map[string]struct {
		text, want string
		newer      bool
	}{
		"empty":           {"", "is empty", false},
		"blank":           {"\n\n", "is empty", false},
		"cut in half":     {good[:len(good)/2], "is cut short", false},
		"not JSON":        {replace(`"flow"`, `flow`), "is not JSON (line", false},
		"not UTF-8":       {replace(`17`, "\xff"), "is not UTF-8 text", false},
		"a byte flipped":  {replace(`"17"`, `"16"`), "was edited: its checksum does not fit", false},
		"twice":           {good + good, "has text after its end", false},
		"nested too deep": {strings.Repeat("[", 1_000_000), "is not JSON (line 1: ", false},
		"a list":          {"[]", "is not a record: not an object", false},
		"no checksum":     {`{"schema": 1}`, "has no checksum", false},
		"no format":       {`{}`, "has no format number", false},
		"a strange one":   {`{"schema": "1"}`, "has no format number", false},
		"a newer one":     {replace(`"schema": 1`, `"schema": 2`), "was written by a newer flowrider (record format 2, this one knows 1); use that one", true},
		"far newer":       {`{"schema": 3, "flow": {"not": "text"}}`, "was written by a newer flowrider", true},
		"another flow's":  {strings.Replace(good, `"flow": "flow.clean"`, `"flow": "flow.other"`, 1), "was edited", false},
		"conflict, no ID": {"<<<<<<< ours\n=======\n>>>>>>> theirs\n", "has git conflict markers", false},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, root, "runs/clean.json", c.text)
			rec, problem := open(root).Selected(address(t, "flow.clean"))
			if rec != nil || problem == nil {
				t.Fatalf("believed: %v", rec)
			}
			if !strings.HasPrefix(problem.Error(), "runs/clean.json "+c.want) || problem.Newer != c.newer {
				t.Errorf("%v (newer %v)", problem, problem.Newer)
			}
			all, problems := open(root).All()
			if len(all) != 0 || len(problems) != 1 || problems[0].Error() != problem.Error() {
				t.Errorf("All: %v, %v", all, problems)
			}

			// It is replaced, and a copy is kept; but a newer one is left alone.
			err := open(root).Select(sample("flow.clean", "18"))
			if c.newer {
				if err == nil || !strings.Contains(err.Error(), "it is left as it is") {
					t.Errorf("err = %v", err)
				}
				equal(t, c.text, read(t, root, "runs/clean.json"))
				return
			}
			must(t, err)
			rec, _ = open(root).Selected(address(t, "flow.clean"))
			equal(t, "18", rec.RunID)
			kept := names(t, filepath.Join(root, ".flowrider", "aside", "runs"))
			if len(kept) != 1 || read(t, root, ".flowrider/aside/runs/"+kept[0]) != c.text {
				t.Errorf("kept %v", kept)
			}
			equal(t, "*\n", read(t, root, ".flowrider/.gitignore"))
		})
	}
}

func TestRecordOfAnotherFlow(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	must(t, s.Select(sample("flow.clean", "17")))
	must(t, os.Rename(filepath.Join(root, "runs/clean.json"), filepath.Join(root, "runs/dirty.json")))
	_, problem := s.Selected(address(t, "flow.dirty"))
	want := "runs/dirty.json belongs to flow.clean, whose records have another file name"
	if problem == nil || problem.Error() != want {
		t.Errorf("%v", problem)
	}
	_, problems := s.All()
	if len(problems) != 1 || problems[0].Error() != want {
		t.Errorf("%v", problems)
	}
}

func TestThingsThatAreNoFiles(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"a folder":           func(path string) error { return os.Mkdir(path, 0o755) },
		"a pipe":             func(path string) error { return syscall.Mkfifo(path, 0o644) },
		"a link out of runs": func(path string) error { return os.Symlink("/etc/hostname", path) },
		"a link to itself":   func(path string) error { return os.Symlink(filepath.Base(path), path) },
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			must(t, os.Mkdir(filepath.Join(root, "runs"), 0o755))
			must(t, make(filepath.Join(root, "runs/clean.json")))
			rec, problem := open(root).Selected(address(t, "flow.clean"))
			if rec != nil || problem == nil || !strings.HasPrefix(problem.Error(), "runs/clean.json cannot be read: ") {
				t.Errorf("%v, %v", rec, problem)
			}
			if strings.Contains(problem.Error(), root) {
				t.Errorf("names a path of this machine: %v", problem)
			}
			if err := open(root).Select(sample("flow.clean", "1")); err == nil {
				t.Error("it was replaced")
			}
		})
	}
}

// gitProject is a repository with one record.
func gitProject(t *testing.T) (root string, git func(args ...string) error) {
	t.Helper()
	root = t.TempDir()
	git = func(args ...string) error {
		cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"}, args...)...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		out, err := cmd.CombinedOutput()
		if err != nil {
			return errors.New(string(out))
		}
		return nil
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("SKIPPED: git is not installed")
	}
	must(t, git("init", "-q", "-b", "main"))
	must(t, open(root).Select(sample("flow.clean", "1")))
	must(t, open(root).Select(sample("flow.other", "1")))
	must(t, git("add", "runs"))
	must(t, git("commit", "-qm", "one"))
	return root, git
}

// Two branches that both ran a flow: git marks the conflict, and the record is
// named with both run IDs, in each of git's styles.
func TestConflictMadeByGit(t *testing.T) {
	for _, style := range []string{"merge", "diff3", "zdiff3"} {
		t.Run(style, func(t *testing.T) {
			root, git := gitProject(t)
			record18 := sample("flow.clean", "18")
			record18.ConfigHash = hash("7")
			record18.Equivalent = []record.Equivalent{{RunID: "99", ConfigHash: hash("8")}}
			must(t, git("checkout", "-qb", "side"))
			must(t, open(root).Select(record18))
			must(t, git("commit", "-qam", "eighteen"))
			must(t, git("checkout", "-q", "main"))
			must(t, open(root).Select(sample("flow.clean", "17")))
			must(t, git("commit", "-qam", "seventeen"))
			if git("-c", "merge.conflictStyle="+style, "merge", "side") == nil {
				t.Fatal("git saw no conflict")
			}
			text := read(t, root, "runs/clean.json")
			rec, problem := open(root).Selected(address(t, "flow.clean"))
			if rec != nil || problem == nil {
				t.Fatalf("believed:\n%s", text)
			}
			equal(t, "runs/clean.json has git conflict markers (run 17 against run 18)", problem.Error())
			equal(t, []string{"17", "18"}, []string{problem.Sides[0].RunID, problem.Sides[1].RunID})
			if rec, problem := open(root).Selected(address(t, "flow.other")); rec == nil || problem != nil {
				t.Errorf("the other flow: %v", problem)
			}
		})
	}
}

func TestAllAndUndeclared(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	for _, flow := range []string{"flow.b", `flow.train["b"]`, `flow.train[""]`, "flow.a", `flow.train["a/../b"]`} {
		must(t, s.Select(sample(flow, "1")))
	}
	write(t, root, "runs/@prod/a.json", "another workspace")
	write(t, root, "runs/.a.json.tmp.01JDJ1S3V0000000000000000A", "left over")
	write(t, root, "runs/README.md", "not a record")
	all, problems := s.All()
	if len(problems) > 0 {
		t.Error(problems)
	}
	var got []string
	for _, selected := range all {
		got = append(got, selected.Address.String())
		equal(t, selected.Record.Flow, selected.Address.String())
	}
	equal(t, []string{"flow.a", "flow.b", `flow.train[""]`, `flow.train["a/../b"]`, `flow.train["b"]`}, got)

	undeclared := s.Undeclared([]schema.Address{address(t, "flow.a"), address(t, `flow.train["b"]`), address(t, "flow.new")})
	equal(t, []schema.Address{address(t, "flow.b"), address(t, `flow.train[""]`), address(t, `flow.train["a/../b"]`)}, undeclared)
}

func TestSelectRefusesUnusableRecords(t *testing.T) {
	s := open(t.TempDir())
	for name, spoil := range map[string]func(*record.Record){
		"no flow":       func(r *record.Record) { r.Flow = "" },
		"a hook":        func(r *record.Record) { r.Flow = "hook.a" },
		"a bare name":   func(r *record.Record) { r.Flow = "clean" },
		"no run ID":     func(r *record.Record) { r.RunID = "" },
		"no hash":       func(r *record.Record) { r.ConfigHash = "" },
		"broken values": func(r *record.Record) { r.Parameters["x"] = []byte("{") },
	} {
		rec := sample("flow.clean", "1")
		spoil(rec)
		if err := s.Select(rec); err == nil {
			t.Errorf("%s: selected", name)
		}
		if err := s.Append(rec); err == nil {
			t.Errorf("%s: appended", name)
		}
	}
}

// Two stores at once, as in two processes: every file is one of the records,
// whole.
func TestTwoStoresAtOnce(t *testing.T) {
	root := t.TempDir()
	var wg sync.WaitGroup
	for _, runID := range []string{"1", "2"} {
		s := open(root)
		wg.Go(func() {
			for range 20 {
				if err := s.Select(sample("flow.clean", runID)); err != nil && !strings.Contains(err.Error(), "again and again") {
					t.Error(err)
				}
				if err := s.Append(sample("flow.clean", runID)); err != nil {
					t.Error(err)
				}
				if rec, problem := s.Selected(address(t, "flow.clean")); rec == nil || problem != nil {
					t.Errorf("%v, %v", rec, problem)
				}
				if found, problems := s.History(hash("3")); len(found) == 0 || len(problems) > 0 {
					t.Errorf("%d, %v", len(found), problems)
				}
			}
		})
	}
	wg.Wait()
	found, problems := open(root).History(hash("3"))
	if len(found) != 2 || len(problems) > 0 {
		t.Errorf("%d found, %v", len(found), problems)
	}
}

// A file that is changed while it is replaced is looked at again: a newer
// record that git brings at that moment is not lost.
func TestRecordChangedMeanwhile(t *testing.T) {
	root := t.TempDir()
	must(t, open(root).Select(sample("flow.clean", "1")))
	newer := `{"schema": 2}`
	backend := interfering{durable.OS(), func() { write(t, root, "runs/clean.json", newer) }}
	err := record.Open(root, "runs", durable.With(backend)).Select(sample("flow.clean", "2"))
	if err == nil || !strings.Contains(err.Error(), "newer flowrider") {
		t.Errorf("err = %v", err)
	}
	equal(t, newer, read(t, root, "runs/clean.json"))
}

// interfering does something whenever a file is created.
type interfering struct {
	durable.Backend
	act func()
}

func (b interfering) OpenFolder(path string) (durable.Folder, error) {
	folder, err := b.Backend.OpenFolder(path)
	return interferingFolder{folder, b.act}, err
}

type interferingFolder struct {
	durable.Folder
	act func()
}

func (d interferingFolder) Create(name string, perm os.FileMode) (durable.File, error) {
	d.act()
	return d.Folder.Create(name, perm)
}

// Stopped at each operation, as if killed: the old record or the new one is
// there, and the new one if Select had returned. The same for failing disks.
func TestSelectWithFaults(t *testing.T) {
	for _, errno := range []error{nil, syscall.ENOSPC, syscall.EIO} {
		for at := 1; ; at++ {
			root := t.TempDir()
			must(t, open(root).Select(sample("flow.clean", "1")))
			backend := durable.NewFaulty(durable.OS(), durable.Fault{At: at, Err: errno})
			err := record.Open(root, "runs", durable.With(backend)).Select(sample("flow.clean", "2"))
			rec, problem := open(root).Selected(address(t, "flow.clean"))
			switch {
			case problem != nil || rec == nil:
				t.Errorf("%v at %d: %v", errno, at, problem)
			case rec.RunID != "2" && (rec.RunID != "1" || err == nil):
				t.Errorf("%v at %d: run %s, err %v", errno, at, rec.RunID, err)
			}
			if !backend.Struck() {
				if at < 8 {
					t.Errorf("only %d operations", at-1)
				}
				break
			}
			must(t, open(root).Select(sample("flow.clean", "2")))
		}
	}
}

func TestRemoveLeftovers(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	must(t, s.Select(sample(`flow.train["a"]`, "1")))
	must(t, s.Append(sample(`flow.train["a"]`, "1")))
	must(t, s.PutText(hash("a"), "text"))
	want := names(t, root)
	for _, folder := range []string{"runs", "runs/train", ".flowrider", ".flowrider/history", ".flowrider/manifests/aa"} {
		write(t, root, folder+"/.x.tmp.01JDJ1S3V0000000000000000A", "")
	}
	must(t, s.RemoveLeftovers())
	equal(t, want, names(t, root))
	must(t, open(filepath.Join(root, "nowhere")).RemoveLeftovers())
}
