package metaflow

import (
	"fmt"
	"math/big"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/runner"
)

var _ runner.Adopter = Runner{}

// Given finds a run in the local datastore, by its ID or its pathspec, and
// reads its parameters from there.
func (Runner) Given(job *runner.Job, runID string) (*runner.Given, error) {
	r, err := runOfFlow(job, runID)
	if err != nil {
		return nil, err
	}
	if _, err := r.ended("it is not finished or was not successful"); err != nil {
		return nil, err
	}
	given := &runner.Given{RunID: r.id, Pathspec: r.pathspec(), Parameters: map[string]cty.Value{}}
	if given.Started, given.Duration, err = r.times(); err != nil {
		return nil, err
	}
	return given, r.readParameters(job, given)
}

// Adopt reads the result of a run as that of an attempt of flowrider's own.
func (Runner) Adopt(job *runner.Job, given *runner.Given) (*runner.Run, error) {
	flow, id, _ := strings.Cut(given.Pathspec, "/")
	r, err := runAt(job.Root, flow, id)
	if err != nil {
		return nil, err
	}
	end, err := r.ended("it is gone")
	if err != nil {
		return nil, err
	}
	return r.result(job, end)
}

// runOfFlow finds the run of that ID whose flow is in the job's file.
func runOfFlow(job *runner.Job, runID string) (run, error) {
	class, id, isPathspec := strings.Cut(runID, "/")
	if !isPathspec {
		class, id = "", runID
	}
	store := datastore{job.Root}
	flows, err := store.folders(datastoreFolder)
	if err != nil && !isAbsent(err) {
		return run{}, err
	}
	others := []string{}
	for _, flow := range flows {
		r, err := runAt(job.Root, flow, id)
		if err != nil || class != "" && class != flow {
			continue // not a flow's folder, or not the one that is asked for
		}
		there, err := store.exists(r.path())
		if err != nil {
			return run{}, err
		}
		if there && inFile(job, flow) {
			return r, nil
		}
		if there {
			others = append(others, flow)
		}
	}
	if len(others) > 0 {
		file, _ := fileOf(job)
		return run{}, runner.Failf("it is a run of %s, which is not in the flow's file %s", strings.Join(others, " and of "), file)
	}
	return run{}, runner.Failf("it is not in the datastore %s", datastoreFolder)
}

func fileOf(job *runner.Job) (name string, ok bool) {
	v, ok := job.Args[argFile]
	if !ok || v.IsNull() || !v.IsKnown() {
		return "", false
	}
	return v.AsString(), true
}

// inFile says whether the flow's file names a class. A file has one flow; its
// class may be imported there.
func inFile(job *runner.Job, class string) bool {
	name, _ := fileOf(job)
	text, err := os.ReadFile(filepath.Join(job.Project, filepath.FromSlash(name)))
	return err == nil && regexp.MustCompile(`\b`+regexp.QuoteMeta(class)+`\b`).Match(text)
}

// times is when the run began and how long it took, by Metaflow's own notes.
func (r run) times() (started time.Time, took time.Duration, err error) {
	var self struct {
		Epoch int64 `json:"ts_epoch"`
	}
	if err := r.readJSON(path.Join(r.path(), "_meta", "_self.json"), &self); err != nil {
		return started, 0, err
	}
	started = time.UnixMilli(self.Epoch).UTC()
	tasks, err := r.everyTask()
	for _, t := range tasks {
		entries, readErr := os.ReadDir(t.file(path.Join(t.path(), "_meta")))
		if readErr != nil && !isAbsent(readErr) {
			return started, 0, readErr
		}
		for _, entry := range entries {
			stamp, isDone := strings.CutPrefix(strings.TrimSuffix(entry.Name(), ".json"), "sysmeta_attempt-done_")
			if ms, err := strconv.ParseInt(stamp, 10, 64); isDone && err == nil {
				took = max(took, time.UnixMilli(ms).Sub(started))
			}
		}
	}
	return started, took, err
}

// readParameters reads what the run was given. A parameter is found by its
// name, or by that as an attribute would spell it.
func (r run) readParameters(job *runner.Job, to *runner.Given) error {
	stored, err := r.parameters().finished()
	if err != nil || stored == nil {
		return err
	}
	declared := r.declaredParameters(stored)
	passed, _ := membersOf(job.Args[argParameters])
	for _, m := range passed {
		attribute := strings.ReplaceAll(m.name, "-", "_")
		if _, ok := stored.Objects[m.name]; ok {
			attribute = m.name
		}
		delete(declared, attribute)
		value, err := r.plain(stored, attribute)
		switch {
		case isNull(m.value):
		case err != nil && !m.value.IsWhollyKnown():
			to.Differ = append(to.Differ, m.name)
		case err != nil:
			to.Unread = append(to.Unread, m.name)
		default:
			to.Parameters[m.name] = value
			if !m.value.IsWhollyKnown() || !sameParameter(m.value, value) {
				to.Differ = append(to.Differ, m.name)
			}
		}
	}
	for attribute := range declared {
		if value, err := r.plain(stored, attribute); err == nil {
			to.Parameters[attribute] = value
		}
		to.Unset = append(to.Unset, attribute)
	}
	slices.Sort(to.Unset)
	return nil
}

// declaredParameters are the attributes that the flow's class declares as
// parameters, as far as the run says.
func (r run) declaredParameters(stored *attempt) map[string]bool {
	declared := map[string]bool{}
	graph, err := r.plain(stored, "_graph_info")
	if err != nil || !graph.Type().IsObjectType() || !graph.Type().HasAttribute("parameters") {
		return declared
	}
	for _, parameter := range elementsOf(graph.GetAttr("parameters")) {
		if parameter.Type().IsObjectType() && parameter.Type().HasAttribute("name") {
			if name := parameter.GetAttr("name"); name.Type() == cty.String && !name.IsNull() {
				declared[name.AsString()] = true
			}
		}
	}
	return declared
}

// plain is an artifact that is plain data.
func (r run) plain(a *attempt, name string) (cty.Value, error) {
	sha, ok := a.Objects[name]
	if !ok {
		return cty.NilVal, fmt.Errorf("there is no artifact %q", name)
	}
	pickled, err := r.pickled(sha)
	if err != nil {
		return cty.NilVal, err
	}
	return unpickle(pickled)
}

// sameParameter says whether a value that is passed now would be stored as the
// run has it: Metaflow gets a text and makes of it what the parameter's type
// wants.
func sameParameter(passed, stored cty.Value) bool {
	text, err := valueText(passed)
	if err != nil {
		return false
	}
	switch t := stored.Type(); {
	case stored.IsNull():
		return false
	case t == cty.String:
		return stored.AsString() == text
	case t == cty.Bool:
		truth, known := truths[strings.ToLower(text)]
		return known && truth == stored.True()
	case t == cty.Number:
		return sameNumber(text, stored.AsBigFloat())
	}
	json, err := jsonText(stored)
	return err == nil && (sameJSON(text, json) || isSeparated(text, elementsOf(stored)))
}

// truths are the texts that Metaflow takes for a boolean.
var truths = map[string]bool{
	"true": true, "t": true, "1": true, "yes": true, "y": true, "on": true,
	"false": false, "f": false, "0": false, "no": false, "n": false, "off": false,
}

// sameNumber compares whole numbers exactly, and others as Python would.
func sameNumber(text string, stored *big.Float) bool {
	number, _, err := big.ParseFloat(text, 10, 4096, big.ToNearestEven)
	if err != nil {
		return false
	}
	if stored.IsInt() {
		return number.Cmp(stored) == 0
	}
	a, _ := number.Float64()
	b, _ := stored.Float64()
	return a == b
}

// sameJSON compares a JSON text with a canonical one.
func sameJSON(text, canonical string) bool {
	value, err := parseJSON(text)
	if err != nil {
		return false
	}
	again, err := jsonText(value)
	return err == nil && again == canonical
}

// isSeparated says whether a text is the elements with one separator between
// them, as a parameter with `separator` takes it.
func isSeparated(text string, elements []cty.Value) bool {
	var parts []string
	length := 0
	for _, element := range elements {
		if element.Type() != cty.String {
			return false
		}
		parts = append(parts, element.AsString())
		length += len(element.AsString())
	}
	gaps := len(parts) - 1
	if gaps < 1 || len(text) <= length || (len(text)-length)%gaps != 0 {
		return gaps == 0 && parts[0] == text
	}
	from := len(parts[0])
	separator := text[from : from+(len(text)-length)/gaps]
	return strings.Join(parts, separator) == text
}
