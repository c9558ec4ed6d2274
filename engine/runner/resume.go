package runner

// Resumer is a runner that can go on with a run that has failed or was
// stopped, from the step where it was. What the run has done by then is
// taken over, and so are its parameters.
type Resumer interface {
	// Started is the ID of the run that an attempt has started, by what is in
	// its scratch folder; "" if it has not, or nobody can tell.
	Started(scratch string) string

	// Resumable says whether a run of the job's flow can be gone on with, and
	// from which step if that can be told: it is there, has not succeeded, and
	// has done something. The job has no place.
	Resumable(job *Job, runID string) (step string, ok bool)
}
