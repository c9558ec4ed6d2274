package command

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/index"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/internal/testenv"
)

// attempt makes the outputs of one more run of a job in the same project.
func attempt(t rapid.TB, job *runner.Job, files map[string]string) (*runner.Run, error) {
	t.Helper()
	return attemptWith(t, Runner{}, job, files)
}

func attemptWith(t rapid.TB, r Runner, job *runner.Job, files map[string]string) (*runner.Run, error) {
	t.Helper()
	must(t, os.RemoveAll(job.Dir))
	must(t, os.MkdirAll(job.Dir, 0o755))
	build(t, job.Dir, files)
	return r.Outcome(job, process.Exit{})
}

// newFilesIndex opens the index of a root folder as a new process would.
func newFilesIndex(root string) *index.Cache {
	return index.Open(filepath.Join(root, ".flowrider", "cache", "files"), func() error { return nil }, false)
}

// placed is what apply remembers of a run: the digests by place.
func placed(run *runner.Run) map[string]string {
	digests := map[string]string{}
	for _, output := range run.Outputs {
		digests[output.Published] = output.Digest
	}
	return digests
}

var (
	oldFiles = map[string]string{"out/report.html": "old", "out/model/weights": "old", "out/model/same": "same"}
	newFiles = map[string]string{"out/report.html": "new", "out/model/weights": "new", "out/model/same": "same"}
)

// A user's file is never lost. What stands at the place of an output is
// written over only if flowrider has put it there; else it is moved aside as
// it is, and named. This holds for the outputs of a run that has just ended as
// well as for those of a recorded run that are put back.
func TestNothingOfTheUsersIsLost(t *testing.T) {
	for _, test := range []struct {
		name   string
		before bool              // a run has published the old files
		edit   func(root string) // what the user does then
		aside  map[string]string // what is moved out of the way
		beside map[string]string // what the user has elsewhere, and still has
	}{
		{name: "nothing is there"},
		{name: "what flowrider has published", before: true},
		{name: "the user removed it", before: true,
			edit: func(root string) { must(t, os.RemoveAll(filepath.Join(root, "out"))) }},
		{name: "a file of the user's",
			edit:  func(root string) { build(t, root, map[string]string{"out/report.html": "mine"}) },
			aside: map[string]string{"out/report.html": "mine"}},
		{name: "a program of the user's",
			edit:  func(root string) { build(t, root, map[string]string{"out/report.html*": "mine"}) },
			aside: map[string]string{"out/report.html*": "mine"}},
		{name: "an empty file of the user's",
			edit:  func(root string) { build(t, root, map[string]string{"out/report.html": ""}) },
			aside: map[string]string{"out/report.html": ""}},
		{name: "a file that the user has edited", before: true,
			edit:  func(root string) { build(t, root, map[string]string{"out/report.html": "old and mine"}) },
			aside: map[string]string{"out/report.html": "old and mine"}},
		{name: "the very content already", before: true,
			edit: func(root string) { build(t, root, newFiles) }},
		{name: "a file that is now a program", before: true,
			edit:  func(root string) { must(t, os.Chmod(filepath.Join(root, "out/report.html"), 0o755)) },
			aside: map[string]string{"out/report.html*": "old"}},
		{name: "a folder in place of a file", before: true,
			edit: func(root string) {
				must(t, os.Remove(filepath.Join(root, "out/report.html")))
				build(t, root, map[string]string{"out/report.html/mine/too": "mine", "out/report.html/empty/": ""})
			},
			aside: map[string]string{"out/report.html/mine/too": "mine", "out/report.html/empty/": ""}},
		{name: "an empty folder in place of a file", before: true,
			edit: func(root string) {
				must(t, os.Remove(filepath.Join(root, "out/report.html")))
				build(t, root, map[string]string{"out/report.html/": ""})
			},
			aside: map[string]string{"out/report.html/": ""}},
		{name: "a file in place of a folder", before: true,
			edit: func(root string) {
				must(t, os.RemoveAll(filepath.Join(root, "out/model")))
				build(t, root, map[string]string{"out/model": "mine"})
			},
			aside: map[string]string{"out/model": "mine"}},
		{name: "a file of the user's in a published folder", before: true,
			edit:  func(root string) { build(t, root, map[string]string{"out/model/notes": "mine"}) },
			aside: map[string]string{"out/model/notes": "mine", "out/model/weights": "old", "out/model/same": "same"}},
		{name: "a folder of the user's",
			edit:  func(root string) { build(t, root, map[string]string{"out/model/weights": "mine"}) },
			aside: map[string]string{"out/model/weights": "mine"}},
		{name: "a link to a file of the user's", before: true,
			edit: func(root string) {
				must(t, os.Remove(filepath.Join(root, "out/report.html")))
				build(t, root, map[string]string{"out/report.html -> ../kept": ""})
			},
			aside: map[string]string{"out/report.html -> ../kept": ""}},
		{name: "a link to what was published", before: true,
			edit: func(root string) {
				must(t, os.Rename(filepath.Join(root, "out/report.html"), filepath.Join(root, "out/other")))
				build(t, root, map[string]string{"out/report.html -> other": ""})
			},
			aside:  map[string]string{"out/report.html -> other": ""},
			beside: map[string]string{"out/other": "old"}},
		{name: "a link to nothing",
			edit:  func(root string) { build(t, root, map[string]string{"out/report.html -> nowhere": ""}) },
			aside: map[string]string{"out/report.html -> nowhere": ""}},
		{name: "a link in place of a folder", before: true,
			edit: func(root string) {
				must(t, os.Rename(filepath.Join(root, "out/model"), filepath.Join(root, "out/other model")))
				build(t, root, map[string]string{"out/model -> other model": ""})
			},
			aside:  map[string]string{"out/model -> other model": ""},
			beside: map[string]string{"out/other model/weights": "old", "out/other model/same": "same"}},
		{name: "a folder that no output could be", before: true,
			edit:  func(root string) { build(t, root, map[string]string{"out/model/mine -> /etc": ""}) },
			aside: map[string]string{"out/model/mine -> /etc": "", "out/model/weights": "old", "out/model/same": "same"}},
		{name: "both places at once",
			edit: func(root string) {
				build(t, root, map[string]string{"out/report.html": "mine", "out/model/weights": "mine"})
			},
			aside: map[string]string{"out/report.html": "mine", "out/model/weights": "mine"}},
	} {
		for _, how := range []string{"after a run", "put back"} {
			t.Run(test.name+", "+how, func(t *testing.T) {
				job := newJob(t, "", file("report", "out/report.html"), file("model", "out/model"))
				build(t, job.Root, map[string]string{"kept": "mine, elsewhere"})
				var target *runner.Run
				if how == "put back" { // there are two runs, and the records go back to the first
					target, _ = attempt(t, job, newFiles)
					must(t, os.RemoveAll(filepath.Join(job.Root, "out")))
				}
				if test.before {
					run, err := attempt(t, job, oldFiles)
					must(t, err)
					job.Published = placed(run)
				}
				if test.edit != nil {
					test.edit(job.Root)
				}
				var notes []string
				var err error
				if how == "put back" {
					notes, err = Runner{}.Restore(job.Root, job.Project, &record.Record{Outputs: target.Outputs}, job.Published)
				} else {
					target, err = attempt(t, job, newFiles)
					notes = target.Notes
				}
				must(t, err)

				want := map[string]string{"kept": "mine, elsewhere"}
				maps.Copy(want, newFiles)
				maps.Copy(want, test.beside)
				equal(t, want, tree(t, job.Root))
				want = map[string]string{}
				maps.Copy(want, test.aside)
				equal(t, want, displaced(t, job.Root))
				checkNotes(t, job.Root, notes, want)
			})
		}
	}
}

// checkNotes expects a note for each place from which something was moved,
// which names where it is now.
func checkNotes(t *testing.T, root string, notes []string, aside map[string]string) {
	t.Helper()
	places := map[string]bool{}
	for name := range aside {
		name = strings.TrimSuffix(strings.Split(name, " -> ")[0], "*")
		place, _, _ := strings.Cut(strings.TrimPrefix(name, "out/"), "/")
		places["out/"+place] = true
	}
	for _, note := range notes {
		words := strings.Fields(note)
		if !places[words[0]] {
			t.Errorf("unexpected note %q", note)
		}
		delete(places, words[0])
		found := false
		for _, word := range words {
			if strings.HasPrefix(word, ".flowrider/displaced/") {
				_, err := os.Lstat(filepath.Join(root, word))
				found = err == nil
			}
		}
		if !found {
			t.Errorf("the note %q does not say where it is", note)
		}
	}
	for place := range places {
		t.Errorf("no note names %s", place)
	}
}

// A place that cannot be had makes the run fail, before anything is placed or
// moved.
func TestPlaceThatCannotBeHad(t *testing.T) {
	for _, test := range []struct {
		name    string
		publish string
		files   map[string]string
		want    string
	}{
		{"below a link to another folder", "out/report.html", map[string]string{"elsewhere/report.html": "mine", "out -> elsewhere": ""}, "out is not a folder there"},
		{"below a link out of the project", "out/report.html", map[string]string{"out -> /": ""}, "out is not a folder there"},
		{"below a link to nothing", "out/report.html", map[string]string{"out -> nowhere": ""}, "out is not a folder there"},
		{"deep below a link", "a/b/c/report.html", map[string]string{"x/b/c/": "", "a -> x": ""}, "a is not a folder there"},
		{"below a file", "out/report.html", map[string]string{"out": "mine"}, "out is not a folder there"},
		{"outside", "../report.html", nil, "outside of the project"},
		{"everything", ".", map[string]string{"mine": "mine"}, "outside of the project"},
	} {
		t.Run(test.name, func(t *testing.T) {
			job := newJob(t, "", file("a", "a.txt"), runner.Output{Name: "report", File: "report.html", Publish: test.publish})
			job.Project = filepath.Join(job.Root, "project") // so that what lies beside it is seen
			build(t, job.Root, map[string]string{"project/": "", "report.html": "mine"})
			build(t, job.Project, test.files)
			before := tree(t, job.Root)
			run, err := attempt(t, job, map[string]string{"a.txt": "a", "report.html": "new"})
			if run != nil || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got the run %v and the error %v", run, err)
			}
			equal(t, before, tree(t, job.Root))
			equal(t, map[string]string{}, displaced(t, job.Root))
		})
	}
}

// An output that is not published leaves the project alone.
func TestUnpublishedOutput(t *testing.T) {
	job := newJob(t, "", runner.Output{Name: "n", File: "n.txt"})
	build(t, job.Root, map[string]string{"n.txt": "mine"})
	run, err := attempt(t, job, map[string]string{"n.txt": "new"})
	must(t, err)
	notes, err := Runner{}.Restore(job.Root, job.Project, &record.Record{Outputs: run.Outputs}, nil)
	must(t, err)
	equal(t, nil, append(run.Notes, notes...))
	equal(t, map[string]string{"n.txt": "mine"}, tree(t, job.Root))
}

// A recorded run exists while each of its outputs is in the store or, as it
// was, at its place in the project. What is only there is put back.
func TestCheck(t *testing.T) {
	published := map[string]string{"a": "a.txt", "b": "out/b.txt", "model": "out/model"}
	for _, test := range []struct {
		name    string
		gone    []string // from the store
		edited  string   // in the project
		removed []string // from the project
		want    string
	}{
		{name: "all there"},
		{name: "all gone from the project", removed: []string{"a", "b", "model"}},
		{name: "all gone from the store", gone: []string{"a", "b", "model"}},
		{name: "one here, one there", gone: []string{"a"}, removed: []string{"b"}},
		{name: "one file gone", gone: []string{"b"}, removed: []string{"b"}, want: `output "b", the file out/b.txt`},
		{name: "the folder gone", gone: []string{"model"}, removed: []string{"model"}, want: `output "model", the file out/model`},
		{name: "edited", gone: []string{"a"}, edited: "a.txt", want: `output "a", the file a.txt`},
		{name: "edited below a folder", gone: []string{"model"}, edited: "out/model/x", want: `output "model", the file out/model`},
		{name: "all gone", gone: []string{"b", "a"}, removed: []string{"a", "b"}, want: `output "a", the file a.txt`}, // the first by name
	} {
		t.Run(test.name, func(t *testing.T) {
			job := newJob(t, "", file("model", "out/model"), file("b", "out/b.txt"), file("a", "a.txt"))
			run, err := attempt(t, job, map[string]string{"a.txt": "a", "out/b.txt": "b", "out/model/x": "x"})
			must(t, err)
			for _, name := range test.gone {
				must(t, os.RemoveAll(filepath.Join(job.Root, ".flowrider", "blobs", strings.TrimPrefix(run.Outputs[name].Digest, "h1:"))))
			}
			for _, name := range test.removed {
				must(t, os.RemoveAll(filepath.Join(job.Project, published[name])))
			}
			if test.edited != "" {
				build(t, job.Project, map[string]string{test.edited: "mine"})
			}
			rec := &record.Record{Outputs: run.Outputs}
			missing, err := Runner{}.Check(job.Root, job.Project, rec)
			must(t, err)
			equal(t, test.want, missing)
			if missing != "" {
				return
			}
			notes, err := Runner{}.Restore(job.Root, job.Project, rec, placed(run))
			must(t, err)
			equal(t, nil, notes)
			for name, output := range run.Outputs {
				must(t, blob.Open(job.Root).Verify(output.Digest, filepath.Base(output.File)))
				if digest, err := blob.Digest(filepath.Join(job.Project, published[name]), nil); err != nil || digest != output.Digest {
					t.Errorf("%s is not at its place (%v)", name, err)
				}
			}
		})
	}
	missing, err := Runner{}.Check(t.TempDir(), "", &record.Record{})
	must(t, err)
	equal(t, "", missing)
}

// A missing copy is put back, another run's is replaced, and the right one is
// not touched.
func TestRestore(t *testing.T) {
	job := newJob(t, "", file("report", "out/report.html"), file("model", "out/model"))
	old, err := attempt(t, job, oldFiles)
	must(t, err)
	job.Published = placed(old)
	later, err := attempt(t, job, newFiles)
	must(t, err)
	equal(t, newFiles, tree(t, job.Root))

	restore := func(run *runner.Run, published map[string]string) {
		t.Helper()
		notes, err := Runner{}.Restore(job.Root, job.Project, &record.Record{Outputs: run.Outputs}, published)
		must(t, err)
		equal(t, nil, notes)
	}
	restore(old, placed(later)) // the parameter was changed back
	equal(t, oldFiles, tree(t, job.Root))

	must(t, os.RemoveAll(filepath.Join(job.Root, "out/model")))
	restore(old, placed(old))
	equal(t, oldFiles, tree(t, job.Root))

	report := filepath.Join(job.Root, "out/report.html")
	before, err := os.Stat(report)
	must(t, err)
	restore(old, placed(old))
	after, err := os.Stat(report)
	must(t, err)
	if !os.SameFile(before, after) {
		t.Error("a copy that was right has been written again")
	}
}

// Outputs that stand where they were placed are not read again once they have
// settled, and a change that keeps size and mtime is seen all the same.
func TestPlacedOutputsAreNotReadAgain(t *testing.T) {
	job := newJob(t, "", file("report", "out/report.html"), file("model", "out/model"))
	run, err := attempt(t, job, oldFiles)
	must(t, err)
	report, out := filepath.Join(job.Root, "out/report.html"), filepath.Join(job.Root, "out")
	opened, below := testenv.Opened(t, out), testenv.Opened(t, filepath.Join(out, "model"))
	restore := func() (notes []string, read int) {
		t.Helper()
		files := newFilesIndex(job.Root)
		notes, err := Runner{files}.Restore(job.Root, job.Project, &record.Record{Outputs: run.Outputs}, placed(run))
		must(t, err)
		files.Save()
		return notes, opened() + below()
	}
	if _, read := restore(); read == 0 {
		t.Fatal("nothing seems to be read at first")
	}
	for tries := 0; tries < 1_000_000; tries++ { // until the file system's clock has gone on
		if _, read := restore(); read == 0 {
			break
		}
	}
	notes, read := restore()
	equal(t, nil, notes)
	equal(t, 0, read)

	before, err := os.Stat(report)
	must(t, err)
	must(t, os.WriteFile(report, []byte("mee"), 0o644))
	must(t, os.Chtimes(report, before.ModTime(), before.ModTime()))
	if notes, _ := restore(); len(notes) != 1 {
		t.Errorf("what the user has written there is not seen: %q", notes)
	}
	equal(t, oldFiles, tree(t, job.Root))
}

// Where the store does not have an output, or not as it was, nothing in the
// project is touched, and a user's file is not even moved.
func TestRestoreWithoutTheBlob(t *testing.T) {
	for _, damage := range []string{"removed", "changed"} {
		for _, stands := range []string{"nothing", "the user's", "another run's"} {
			t.Run("blob "+damage+", "+stands+" at its place", func(t *testing.T) {
				job := newJob(t, "", file("n", "n.txt"))
				run, err := attempt(t, job, map[string]string{"n.txt": "new"})
				must(t, err)
				published := map[string]string{}
				switch stands {
				case "nothing":
					must(t, os.Remove(filepath.Join(job.Root, "n.txt")))
				case "the user's":
					build(t, job.Root, map[string]string{"n.txt": "mine"})
				case "another run's":
					other, err := attempt(t, job, map[string]string{"n.txt": "other"})
					must(t, err)
					published = placed(other)
				}
				before := tree(t, job.Root)
				stored := blob.Open(job.Root).Path(run.Outputs["n"].Digest, "n.txt")
				must(t, os.Remove(stored))
				if damage == "changed" {
					must(t, os.WriteFile(stored, []byte("bad"), 0o444))
				}
				notes, err := Runner{}.Restore(job.Root, job.Project, &record.Record{Outputs: run.Outputs}, published)
				var missing *blob.Missing
				if !errors.As(err, &missing) {
					t.Errorf("got the error %v", err)
				}
				equal(t, nil, notes)
				equal(t, before, tree(t, job.Root))
			})
		}
	}
}

// Where an error comes after something was moved aside, the error names it.
func TestErrorNamesWhatWasMovedAside(t *testing.T) {
	job := newJob(t, "", file("a", "a"), runner.Output{Name: "b", File: "b", Publish: "a/b"}) // plan refuses this
	build(t, job.Root, map[string]string{"a/mine": "mine"})
	_, err := attempt(t, job, map[string]string{"a": "a", "b": "b"})
	equal(t, map[string]string{"a/mine": "mine"}, displaced(t, job.Root))
	if err == nil || !strings.Contains(err.Error(), "a was not written by flowrider; it is kept as .flowrider/displaced/") {
		t.Errorf("got the error %v", err)
	}
}
