package metaflow

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/process"
)

// Outcome judges an attempt by every witness: its exit status, the run ID that
// it wrote, the end task of that run and the artifacts of declared outputs.
// The store's ID is the engine's to fill in.
func (Runner) Outcome(job *runner.Job, exit process.Exit) (*runner.Run, error) {
	id, err := readRunID(job)
	if err != nil {
		return nil, err
	}
	if exit.Code != 0 || exit.Signal != 0 {
		failure := explain(job, exit, id)
		failure.Refused = exit.Signal == 0 && !exit.Stopped && notResumed(job, id)
		return nil, failure
	}
	if id == "" {
		return nil, runner.Failf("exited 0 without starting a run; its file has to end with a __main__ guard that calls the flow")
	}
	r, err := findRun(job, id)
	if err != nil {
		return nil, err
	}
	if own, err := r.tagged(attemptTag(job)); err != nil || !own {
		return nil, cmp.Or(err, error(runner.Failf("exited 0, but it has not started run %s, whose ID it has left", id)))
	}
	end, err := r.ended("exited 0, but its end task has not finished")
	if err == nil {
		err = r.continues(job)
	}
	if err != nil {
		return nil, err
	}
	return r.result(job, end)
}

// ended is the end task of a run that was successful; else the failure says
// what otherwise is true of it, and what is missing.
func (r run) ended(otherwise string) (*attempt, error) {
	end, missing, err := r.endTask()
	if err == nil && missing != "" {
		err = runner.Failf("%s (%s)", otherwise, missing)
	}
	return end, err
}

// result reads what a successful run is compared by.
func (r run) result(job *runner.Job, end *attempt) (*runner.Run, error) {
	result := &runner.Run{ID: r.id, Pathspec: r.pathspec(), Outputs: map[string]record.Output{}}
	for _, output := range job.Outputs {
		recorded, err := r.output(end, output.Artifact)
		if err != nil {
			if failure, ok := errors.AsType[*runner.Failure](err); ok {
				return nil, runner.Failf("output %q: %s", output.Name, failure.Reason)
			}
			return nil, err
		}
		recorded.DataVersion = job.DataVersion(r.id, output.Artifact, recorded.DataVersion)
		result.Outputs[output.Name] = recorded
	}
	content := ""
	if job.DataPolicy == "" || job.DataPolicy == runner.PolicyContent {
		given, err := givenTo(job)
		if err != nil {
			return nil, err
		}
		if content, err = r.contentVersion(given); err != nil {
			return nil, err
		}
	}
	result.DataVersion = job.DataVersion(r.id, "", content)
	return result, nil
}

// readRunID is the run ID that this attempt wrote, "" if it wrote none: the
// run did not start.
func readRunID(job *runner.Job) (string, error) {
	text, err := os.ReadFile(runIDFile(job))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(text)), err
}

// findRun finds the flow that a run ID belongs to: Metaflow writes the ID
// alone. Two flows may have started in the same microsecond, and then the
// launcher's name tells them apart.
func findRun(job *runner.Job, id string) (run, error) {
	store := datastore{job.Root}
	flows, err := store.folders(datastoreFolder)
	if err != nil && !isAbsent(err) {
		return run{}, err
	}
	var found []run
	for _, flow := range flows {
		r, err := runAt(job.Root, flow, id)
		if err != nil {
			continue // not a flow's folder
		}
		if there, err := store.exists(r.path()); err != nil {
			return run{}, err
		} else if there {
			found = append(found, r)
		}
	}
	if len(found) > 1 {
		found = slices.DeleteFunc(found, func(r run) bool { return !r.startedBy(launcherName(job.Name)) })
	}
	if len(found) != 1 {
		return run{}, runner.Failf("exited 0, but its run %s is not in %s; only runs in the local datastore can be read so far", id, datastoreFolder)
	}
	return found[0], nil
}

// tagged says whether the run was started with a tag.
func (r run) tagged(tag string) (bool, error) {
	var self struct {
		Tags []string `json:"tags"`
	}
	err := r.readJSON(path.Join(r.path(), "_meta", "_self.json"), &self)
	return slices.Contains(self.Tags, tag), err
}

// startedBy says whether the program of that name started the run.
func (r run) startedBy(program string) bool {
	notes, err := r.parameters().fields("script-name")
	return err == nil && path.Base(notes["script-name"]) == program
}

// output reads one artifact of the end task. That it is not there is a
// failure of the flow.
func (r run) output(end *attempt, artifact string) (record.Output, error) {
	sha, ok := end.Objects[artifact]
	if !ok {
		return record.Output{}, runner.Failf("the end task has no artifact %q (it has %s); a join keeps only what it merges", artifact, visible(end))
	}
	if there, err := r.exists(r.blob(r.flow, sha)); err != nil {
		return record.Output{}, err
	} else if !there {
		return record.Output{}, runner.Failf("artifact %q is not in the datastore (%s)", artifact, r.blob(r.flow, sha))
	}
	content, err := r.contentOf(end, artifact)
	if err != nil {
		return record.Output{}, err
	}
	return record.Output{Artifact: artifact, Digest: sha, DataVersion: artifactVersion(artifact, content)}, nil
}

// visible lists the artifacts that a person has made, for messages.
func visible(a *attempt) string {
	var names []string
	for name := range a.Objects {
		if counts(name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// OutputVersion reads an artifact of a recorded run that the record does not
// list among its outputs: its SHA-1 and its data version by content.
func (Runner) OutputVersion(root string, rec *record.Record, artifact string) (record.Output, error) {
	flow, id, _ := strings.Cut(rec.Pathspec, "/")
	r, err := runAt(root, flow, id)
	if err != nil {
		return record.Output{}, err
	}
	end, missing, err := r.endTask()
	if err != nil {
		return record.Output{}, err
	}
	if missing != "" {
		return record.Output{}, fmt.Errorf("run %s is not there or was not successful (%s)", r.pathspec(), missing)
	}
	return r.output(end, artifact)
}
