package metaflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// datastoreFolder is where Metaflow keeps runs, below its system root.
const datastoreFolder = ".metaflow"

// datastore reads Metaflow's local datastore below a root folder. Paths in it
// are slash paths below that root, as they are shown to people.
type datastore struct{ root string }

// damaged is the error of a file that is there and cannot be understood.
type damaged struct {
	path string // below the root
	err  error
}

func (e *damaged) Error() string { return e.path + " cannot be understood: " + e.err.Error() }

func (e *damaged) Unwrap() error { return e.err }

// file is the place of a path on this machine.
func (d datastore) file(name string) string { return filepath.Join(d.root, filepath.FromSlash(name)) }

// readJSON reads a file into v.
func (d datastore) readJSON(name string, v any) error {
	data, err := os.ReadFile(d.file(name))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return &damaged{path: name, err: err}
	}
	return nil
}

// folders lists the folders in a folder, by name.
func (d datastore) folders(name string) ([]string, error) {
	entries, err := os.ReadDir(d.file(name))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// exists says whether there is something at a path.
func (d datastore) exists(name string) (bool, error) {
	_, err := os.Stat(d.file(name))
	if isAbsent(err) {
		return false, nil
	}
	return err == nil, err
}

// blob is the path of an artifact's pickled bytes.
func (d datastore) blob(flow, sha string) string {
	if len(sha) < 2 {
		return path.Join(datastoreFolder, flow, "data", sha)
	}
	return path.Join(datastoreFolder, flow, "data", sha[:2], sha)
}

// run is one run of a flow, named as Metaflow names it.
type run struct {
	datastore
	flow string // the class's name
	id   string
}

// runAt is the run of a pathspec such as CleanFlow/1795303798651234. The names
// come from files that others wrote, so they must not lead out of the store.
func runAt(root, flow, id string) (run, error) {
	for _, name := range []string{flow, id} {
		if name == "" || strings.HasPrefix(name, ".") || strings.ContainsAny(name, `/\`) || !filepath.IsLocal(name) {
			return run{}, fmt.Errorf("%q is not the name of a Metaflow run", flow+"/"+id)
		}
	}
	return run{datastore{root}, flow, id}, nil
}

// path is the run's folder.
func (r run) path() string { return path.Join(datastoreFolder, r.flow, r.id) }

// pathspec is Metaflow's own name for the run.
func (r run) pathspec() string { return r.flow + "/" + r.id }

// parameters is the task that holds parameters, configs and constants.
func (r run) parameters() task { return task{r, "_parameters", "0"} }

// steps lists the steps that have tasks, by name.
func (r run) steps() ([]string, error) {
	names, err := r.folders(r.path())
	return slices.DeleteFunc(names, func(name string) bool { return name == "_meta" || name == "_parameters" }), err
}

// tasks lists the tasks of a step, by ID as text.
func (r run) tasks(step string) ([]task, error) {
	names, err := r.folders(path.Join(r.path(), step))
	var tasks []task
	for _, name := range names {
		if name != "_meta" {
			tasks = append(tasks, task{r, step, name})
		}
	}
	return tasks, err
}

// everyTask lists the tasks of all steps.
func (r run) everyTask() ([]task, error) {
	steps, err := r.steps()
	if err != nil {
		return nil, err
	}
	var all []task
	for _, step := range steps {
		tasks, err := r.tasks(step)
		if err != nil {
			return nil, err
		}
		all = append(all, tasks...)
	}
	return all, nil
}

// task is one task of a run.
type task struct {
	run
	step string
	id   string
}

// path is the task's folder.
func (t task) path() string { return path.Join(t.run.path(), t.step, t.id) }

// attempt is what one attempt at a task has stored.
type attempt struct {
	Objects map[string]string `json:"objects"` // SHA-1 by artifact
	Info    map[string]struct {
		Type string `json:"type"`
	} `json:"info"`
}

// lastAttempt is the number of the last attempt that left a file with this
// ending, or -1.
func (t task) lastAttempt(ending string) (int, error) {
	entries, err := os.ReadDir(t.file(t.path()))
	if err != nil {
		return -1, err
	}
	last := -1
	for _, entry := range entries {
		number, rest, _ := strings.Cut(entry.Name(), ".")
		if n, err := strconv.Atoi(number); err == nil && rest == ending && n > last {
			last = n
		}
	}
	return last, nil
}

// finished is what the last finished attempt stored, or nil if none has
// finished. To have finished is not to have succeeded.
func (t task) finished() (*attempt, error) {
	number, err := t.lastAttempt("DONE.lock")
	if err != nil || number < 0 {
		return nil, err
	}
	var stored attempt
	if err := t.readJSON(path.Join(t.path(), strconv.Itoa(number)+".data.json"), &stored); err != nil {
		return nil, err
	}
	return &stored, nil
}

// fields reads Metaflow's own notes on a task: the newest text of each of the
// named fields, "" for one that is not there.
func (t task) fields(names ...string) (map[string]string, error) {
	dir := path.Join(t.path(), "_meta")
	entries, err := os.ReadDir(t.file(dir))
	if isAbsent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, entry := range entries { // by name, so by time within a field
		field, ok := fieldName(entry.Name())
		if !ok || !slices.Contains(names, field) {
			continue
		}
		var note struct{ Value any }
		if err := t.readJSON(path.Join(dir, entry.Name()), &note); err != nil {
			return nil, err
		}
		if text, ok := note.Value.(string); ok {
			texts[field] = text
		}
	}
	return texts, nil
}

// fieldName is the field in a name such as sysmeta_end_step_1795303798651.json.
func fieldName(file string) (string, bool) {
	name, isJSON := strings.CutSuffix(file, ".json")
	name, isNote := strings.CutPrefix(name, "sysmeta_")
	end := strings.LastIndexByte(name, '_')
	if !isJSON || !isNote || end < 0 {
		return "", false
	}
	return name[:end], true
}

// isAbsent says whether an error means that there is nothing at a path, be it
// that the path leads through a file.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
