package metaflow

import "path"

// digestTrue is the SHA-1 of Python's True, pickled as Metaflow does it. An
// interrupted task has None's where a failed one has False's.
const digestTrue = "868436778cb011a1c6230bc12534683ab0b7f1c3"

// maxOrigins bounds how many resumes of resumes are followed back.
const maxOrigins = 1000

// succeeded says whether an attempt that has finished was successful.
func (a *attempt) succeeded() bool {
	return a.Objects["_task_ok"] == digestTrue && a.Objects["_success"] == digestTrue
}

// endTask is what the end task of a successful run has stored. Of any other
// run, missing says as a path below the root what is not there or not good.
func (r run) endTask() (end *attempt, missing string, err error) {
	if there, err := r.exists(r.path()); err != nil || !there {
		return nil, r.path(), err
	}
	step, err := r.endStep(maxOrigins)
	if err != nil {
		return nil, "", err
	}
	tasks, err := r.tasks(step)
	if isAbsent(err) || err == nil && len(tasks) == 0 {
		return nil, path.Join(r.path(), step), nil
	}
	if err != nil {
		return nil, "", err
	}
	for _, t := range tasks { // one, unless the layout is new to us: then all must be good
		end, err = t.finished()
		if isAbsent(err) || err == nil && (end == nil || !end.succeeded()) {
			return nil, t.path(), nil
		}
		if err != nil {
			return nil, "", err
		}
	}
	return end, "", nil
}

// endStep is the name of the run's last step. A resumed run does not say it
// itself: the run that it was resumed from does.
func (r run) endStep(left int) (string, error) {
	notes, err := r.parameters().fields("end_step")
	if err != nil {
		return "", err
	}
	if step := notes["end_step"]; step != "" {
		return step, nil
	}
	origin, err := r.origin()
	if err != nil {
		return "", err
	}
	if origin != "" && origin != r.id && left > 0 {
		if from, err := runAt(r.root, r.flow, origin); err == nil {
			return from.endStep(left - 1)
		}
	}
	return "end", nil // written by a Metaflow that knew no other
}

// origin is the ID of the run that this one was resumed from, or "".
func (r run) origin() (string, error) {
	steps, err := r.steps()
	if err != nil && !isAbsent(err) {
		return "", err
	}
	for _, step := range steps {
		tasks, err := r.tasks(step)
		if err != nil {
			return "", err
		}
		for _, t := range tasks {
			notes, err := t.fields("origin-run-id")
			if err != nil {
				return "", err
			}
			if id := notes["origin-run-id"]; id != "" && id != "None" {
				return id, nil
			} else if id != "" {
				return "", nil // it says that there is none
			}
		}
	}
	return "", nil
}
