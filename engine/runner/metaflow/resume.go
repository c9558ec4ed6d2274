package metaflow

import (
	"maps"
	"slices"

	"github.com/flowrider/flowrider/engine/runner"
)

var _ runner.Resumer = Runner{}

// Started is the ID of the run that the attempt with this scratch folder has
// started.
func (Runner) Started(scratch string) string {
	id, err := readRunID(&runner.Job{Scratch: scratch})
	if err != nil {
		return ""
	}
	return id
}

// Resumable looks at the files of a run that did not succeed: what Metaflow
// would take over from it, its parameters among that, has to be all there, and
// to be something. What cannot be read is not gone on with.
func (Runner) Resumable(job *runner.Job, runID string) (step string, ok bool) {
	r, err := findRun(job, runID)
	if err != nil || !r.startedBy(launcherName(job.Name)) || !resumeTakes(job) {
		return "", false
	}
	if _, missing, err := r.endTask(); err != nil || missing == "" {
		return "", false // it was successful by itself: what it lacks, a resume would lack too
	}
	if whole, err := r.parameters().reusable(); err != nil || !whole {
		return "", false
	}
	tasks, err := r.everyTask()
	if err != nil {
		return "", false
	}
	slices.SortStableFunc(tasks, func(a, b task) int { return number(a.id) - number(b.id) })
	done := 0
	for _, t := range tasks {
		if stored, err := t.finished(); err == nil && (stored == nil || !stored.ok()) {
			if step == "" {
				step = t.step
			}
			continue
		}
		if whole, err := t.reusable(); err != nil || !whole {
			return "", false
		}
		done++
	}
	return step, done > 0
}

// resumeTakes says whether Metaflow's resume takes the options that run does:
// all but one.
func resumeTakes(job *runner.Job) bool {
	members, known := givenMembers(job.Args[argRunOptions])
	return known && !slices.ContainsFunc(members, func(m member) bool { return m.name == "namespace" })
}

// ok says whether a task has done its work, by which Metaflow decides whether
// a resume takes it over.
func (a *attempt) ok() bool { return a.Objects["_task_ok"] == digestTrue }

// reusable says whether a task has done its work and all that it has made is
// there, with the tasks that it is itself a copy of.
func (t task) reusable() (bool, error) {
	stored, err := t.finished()
	if err != nil || stored == nil || !stored.ok() {
		return false, err
	}
	for _, name := range slices.Sorted(maps.Keys(stored.Objects)) {
		if there, err := t.exists(t.blob(t.flow, stored.Objects[name])); err != nil || !there {
			return false, err
		}
	}
	_, err = t.position(maxOrigins)
	return err == nil, err
}

// resumeArgs are what follows Metaflow's resume command. Parameters and configs
// come from the origin. The run ID is an argument of its own: of one that is
// written --origin-run-id=ID Metaflow takes the parameters, and the configs of
// whichever run is the latest.
func resumeArgs(job *runner.Job) []string { return []string{"resume", "--origin-run-id", job.Resume} }

// notResumed says whether Metaflow has not gone on with the job's origin: no task
// was begun that is not a copy. id is the run that it has started, or "".
func notResumed(job *runner.Job, id string) bool {
	if job.Resume == "" {
		return false
	}
	r, err := findRun(job, id)
	if err != nil {
		return true
	}
	tasks, err := r.everyTask()
	if err != nil && !isAbsent(err) {
		return false
	}
	for _, t := range tasks {
		if notes, err := t.fields("origin-task-id"); err != nil || notes["origin-task-id"] == "" {
			return false
		}
	}
	return true
}

// continues says whether a run has the parameters of the run that it goes on
// from: where Metaflow does not find those, it may take the flow's defaults.
func (r run) continues(job *runner.Job) error {
	if job.Resume == "" {
		return nil
	}
	from, err := runAt(r.root, r.flow, job.Resume)
	if err != nil {
		return err
	}
	theirs, err := from.parameters().finished()
	if err != nil {
		return err
	}
	ours, err := r.parameters().finished()
	if err != nil {
		return err
	}
	if theirs == nil || ours == nil || !maps.Equal(theirs.Objects, ours.Objects) {
		failure := runner.Failf("its run %s does not have the parameters of run %s, which it goes on from", r.id, job.Resume)
		failure.Refused = true
		return failure
	}
	return nil
}
