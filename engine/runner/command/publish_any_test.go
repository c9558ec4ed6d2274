package command

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
)

// Whatever a user and flowrider do to the places of two outputs, in whatever
// order: all that the user has written is still there after flowrider has
// acted, where it was or moved aside.
func TestNothingOfTheUsersIsLostWhateverHappens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{job: newJob(t, "", file("file", "out/file"), file("folder", "out/folder"))}
		w.job.Project = filepath.Join(w.job.Root, "project")
		must(rt, os.MkdirAll(w.path("out"), 0o755))
		rt.Repeat(map[string]func(*rapid.T){
			"flowrider runs the flow":      w.run,
			"flowrider puts a run back":    w.putBack,
			"the user writes a file":       w.write,
			"the user edits what is there": w.edit,
			"the user makes a link":        w.link,
			"the user removes":             w.remove,
			"the user moves the folder":    w.move,
		})
	})
}

// world is a project in which somebody works.
type world struct {
	job  *runner.Job
	runs []*runner.Run
	made int // texts of the user's so far
}

func (w *world) path(name string) string { return filepath.Join(w.job.Project, name) }

// mine is a text that only the user can have written.
func (w *world) mine() string { w.made++; return fmt.Sprintf("mine %d;", w.made) }

// mines lists the user's texts that are in the project and among what was
// moved aside, sorted: in files and as targets of links.
func (w *world) mines(t *rapid.T) []string {
	var found []string
	for _, top := range []string{w.job.Project, filepath.Join(w.job.Root, ".flowrider", "displaced")} {
		_ = filepath.WalkDir(top, func(at string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil
			}
			content, err := os.ReadFile(at)
			if d.Type()&fs.ModeSymlink != 0 {
				var target string
				target, err = os.Readlink(at)
				content = []byte(target)
			}
			must(t, err)
			for part := range strings.SplitAfterSeq(string(content), ";") {
				if strings.HasPrefix(part, "mine ") {
					found = append(found, part)
				}
			}
			return nil
		})
	}
	slices.Sort(found)
	return found
}

// act lets flowrider place a run's outputs, with the index that the last process
// has left, and sees that nothing is lost.
func (w *world) act(t *rapid.T, place func(Runner) (*runner.Run, error)) {
	before := w.mines(t)
	files := newFilesIndex(w.job.Root)
	run, err := place(Runner{files})
	files.Save()
	equal(t, before, w.mines(t))
	if info, statErr := os.Lstat(w.path("out")); statErr == nil && !info.IsDir() {
		if err == nil || !strings.Contains(err.Error(), "out is not a folder there") {
			t.Errorf("out is a link, and the error is %v", err)
		}
		return
	}
	must(t, err)
	w.job.Published = placed(run)
	for name, output := range run.Outputs {
		if digestOf(w.path(output.Published), nil) != output.Digest {
			t.Errorf("output %s is not in its place", name)
		}
	}
}

// Contents come again, so that a run may find what an earlier one has placed.
func (w *world) run(t *rapid.T) {
	content := rapid.SampledFrom([]string{"one", "two"}).Draw(t, "content")
	w.act(t, func(r Runner) (*runner.Run, error) {
		run, err := attemptWith(t, r, w.job, map[string]string{"out/file": content, "out/folder/a": content, "out/folder/b": "same"})
		if err == nil {
			w.runs = append(w.runs, run)
		}
		return run, err
	})
}

func (w *world) putBack(t *rapid.T) {
	if len(w.runs) == 0 {
		t.Skip("there is no run yet")
	}
	run := rapid.SampledFrom(w.runs).Draw(t, "run")
	w.act(t, func(r Runner) (*runner.Run, error) {
		_, err := r.Restore(w.job.Root, w.job.Project, &record.Record{Outputs: run.Outputs}, w.job.Published)
		return run, err
	})
}

var somewhere = rapid.SampledFrom([]string{"out", "out/file", "out/folder", "out/folder/a", "out/folder/more/c"})

// clear makes room at a path, as a user would who wants to write there.
func (w *world) clear(t *rapid.T, name string) string {
	for folder := filepath.Dir(name); folder != "."; folder = filepath.Dir(folder) {
		if info, err := os.Lstat(w.path(folder)); err == nil && !info.IsDir() {
			must(t, os.Remove(w.path(folder)))
		}
	}
	must(t, os.MkdirAll(filepath.Dir(w.path(name)), 0o755))
	must(t, os.RemoveAll(w.path(name)))
	return w.path(name)
}

func (w *world) write(t *rapid.T) {
	perm := rapid.SampledFrom([]fs.FileMode{0o644, 0o755}).Draw(t, "permissions")
	must(t, os.WriteFile(w.clear(t, somewhere.Draw(t, "where")), []byte(w.mine()), perm))
}

func (w *world) edit(t *rapid.T) {
	name := w.path(somewhere.Draw(t, "where"))
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		t.Skip("there is no file")
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString(";" + w.mine())
	must(t, err)
	must(t, f.Close())
}

func (w *world) link(t *rapid.T) {
	must(t, os.Symlink(w.mine(), w.clear(t, somewhere.Draw(t, "where"))))
}

func (w *world) remove(t *rapid.T) { w.clear(t, somewhere.Draw(t, "where")) }

// move moves all outputs away, perhaps with a link to them in their place.
func (w *world) move(t *rapid.T) {
	elsewhere := w.path(w.mine())
	if os.Rename(w.path("out"), elsewhere) != nil {
		t.Skip("there is nothing")
	}
	if rapid.Bool().Draw(t, "link") {
		must(t, os.Symlink(filepath.Base(elsewhere), w.path("out")))
	}
}
