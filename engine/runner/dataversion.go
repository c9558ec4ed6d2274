package runner

import "fmt"

// The data version policies.
const (
	PolicyContent = "content" // digest of the outcome
	PolicyRun     = "run"     // the run's identity: every new run counts as new
	PolicyKey     = "key"     // the config hash: the author asserts determinism
)

// DataVersion is what a result is compared by under the job's policy. part
// names one output, "" the whole result; content is its version under the
// policy content, and "" where the runner has none.
func (job *Job) DataVersion(runID, part, content string) string {
	if part != "" {
		part = "/" + part
	}
	switch job.DataPolicy {
	case PolicyContent, "":
		if content != "" {
			return content
		}
		return "run:" + runID + part
	case PolicyRun:
		return "run:" + runID + part
	case PolicyKey:
		return "key:" + job.ConfigHash + part
	}
	panic(fmt.Sprintf("runner: data version policy %q", job.DataPolicy))
}
