package metaflow

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// written is a run as the tests below write it: the text of each file by its
// path in the run's folder.
type written map[string]string

// aRun has a foreach, a loop of two rounds, a constant and a parameter.
func aRun() written {
	w := written{}
	w.task("_parameters/0", 0, "", "n=three CONSTANT=seven name=f")
	w.task("start/1", 0, "", "n=three CONSTANT=seven name=f items=ab _task_ok=t")
	w.task("score/2", 0, "score:0", "n=three CONSTANT=seven score=a")
	w.task("score/3", 0, "score:1", "n=three CONSTANT=seven score=b")
	w.task("loop/4", 0, "", "n=three rounds=one _iteration_stack=i1")
	w.task("loop/5", 0, "", "n=three rounds=two _iteration_stack=i2")
	return w
}

// task writes a finished attempt. artifacts are name=sha, with blanks between.
func (w written) task(at string, attempt int, position, artifacts string) {
	var objects []string
	for _, artifact := range strings.Fields(artifacts) {
		name, sha, _ := strings.Cut(artifact, "=")
		objects = append(objects, fmt.Sprintf("%q: %q", name, sha))
	}
	w[fmt.Sprintf("%s/%d.DONE.lock", at, attempt)] = ""
	w[fmt.Sprintf("%s/%d.data.json", at, attempt)] = `{"objects": {` + strings.Join(objects, ", ") + `}, "info": {}}`
	if position != "" {
		w[at+"/_meta/sysmeta_foreach-execution-path_1.json"] = fmt.Sprintf(`{"value": %q}`, position)
	}
}

// move gives a file or folder another name.
func (w written) move(from, to string) {
	for name, text := range w {
		if rest, ok := strings.CutPrefix(name, from); ok {
			delete(w, name)
			w[to+rest] = text
		}
	}
}

// swap exchanges what two tasks have stored.
func (w written) swap(a, b string) {
	a, b = a+"/0.data.json", b+"/0.data.json"
	w[a], w[b] = w[b], w[a]
}

// clone makes a task what a resume makes of it: without a position.
func (w written) clone(at, origin, originTask string) {
	delete(w, at+"/_meta/sysmeta_foreach-execution-path_1.json")
	w[at+"/_meta/sysmeta_origin-run-id_1.json"] = fmt.Sprintf(`{"value": %q}`, origin)
	w[at+"/_meta/sysmeta_origin-task-id_1.json"] = fmt.Sprintf(`{"value": %q}`, originTask)
}

func (w written) at(t *testing.T, root, id string) run {
	t.Helper()
	for name, text := range w {
		file := filepath.Join(root, ".metaflow", "F", id, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return must(runAt(root, "F", id))
}

func TestContentVersion(t *testing.T) {
	passed := []given{{name: "n", hashed: "3"}}
	base := must(aRun().at(t, t.TempDir(), "1").contentVersion(passed))
	for _, test := range []struct {
		name   string
		change func(w written)
		passed []given
		same   bool
	}{
		{"the run again", func(written) {}, passed, true},
		{"other task IDs", func(w written) { w.move("score/2", "score/12"); w.move("score/3", "score/2") }, passed, true},
		{"a second attempt", func(w written) {
			w.move("score/2/0.", "score/2/1.")
			w.task("score/2", 0, "score:0", "score=failed")
		}, passed, true},
		{"an attempt that has not finished", func(w written) { w["score/2/1.attempt.json"] = "{}" }, passed, true},
		{"a note on the step", func(w written) { w["score/_meta/_self.json"] = "{}" }, passed, true},
		{"a hidden artifact", func(w written) { w.task("start/1", 0, "", "n=three CONSTANT=seven name=f items=ab _task_ok=other") }, passed, true},
		{"the flow's name", func(w written) { w.task("start/1", 0, "", "n=three CONSTANT=seven name=g items=ab") }, passed, true},
		{"a parameter as stored", func(w written) {
			for name, text := range w {
				w[name] = strings.ReplaceAll(text, "three", "drei")
			}
		}, passed, true},
		{"a parameter's hashed form", func(written) {}, []given{{name: "n", hashed: "4"}}, false},
		{"a parameter that is not passed", func(written) {}, nil, false},
		{"a constant", func(w written) {
			for name, text := range w {
				w[name] = strings.ReplaceAll(text, "seven", "eight")
			}
		}, passed, false},
		{"a task's own value under a parameter's name", func(w written) { w.task("score/2", 0, "score:0", "n=mine CONSTANT=seven score=a") }, passed, false},
		{"an artifact", func(w written) { w.task("start/1", 0, "", "items=other") }, passed, false},
		{"an artifact's name", func(w written) { w.task("start/1", 0, "", "things=ab") }, passed, false},
		{"a step's name", func(w written) { w.move("start/", "begin/") }, passed, false},
		{"two tasks of a foreach exchanged", func(w written) { w.swap("score/2", "score/3") }, passed, false},
		{"two rounds of a loop exchanged", func(w written) {
			w.task("loop/4", 0, "", "n=three rounds=two _iteration_stack=i1")
			w.task("loop/5", 0, "", "n=three rounds=one _iteration_stack=i2")
		}, passed, false},
		{"a task more", func(w written) { w.task("score/6", 0, "score:2", "score=c") }, passed, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := aRun()
			test.change(w)
			got, err := w.at(t, t.TempDir(), "2").contentVersion(test.passed)
			if err != nil {
				t.Fatal(err)
			}
			if same := got == base; same != test.same {
				t.Errorf("same version: %v, want %v", same, test.same)
			}
		})
	}
}

func TestContentVersionOfResumes(t *testing.T) {
	root := t.TempDir()
	base := must(aRun().at(t, root, "1").contentVersion(nil))
	for n, id := range []string{"2", "3", "4"} { // each resumes the one before
		w := aRun()
		w.clone("score/2", fmt.Sprint(n+1), "2")
		w.clone("score/3", fmt.Sprint(n+1), "3")
		if got := must(w.at(t, root, id).contentVersion(nil)); got != base {
			t.Errorf("run %s has another version", id)
		}
	}
	t.Run("without the origin", func(t *testing.T) {
		if err := os.RemoveAll(filepath.Join(root, ".metaflow", "F", "2")); err != nil {
			t.Fatal(err)
		}
		_, err := must(runAt(root, "F", "4")).contentVersion(nil)
		if want := path.Join(".metaflow", "F", "2", "score", "2"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %s", err, want)
		}
	})
	t.Run("in a circle", func(t *testing.T) {
		w := aRun()
		w.clone("score/2", "9", "2")
		if _, err := w.at(t, root, "9").contentVersion(nil); err == nil {
			t.Error("no error")
		}
	})
}
