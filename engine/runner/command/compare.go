package command

import (
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
)

// Differences compares declared outputs by their digests.
func (Runner) Differences(job *runner.Job, rec *record.Record, run *runner.Run) ([]runner.Difference, error) {
	var list []runner.Difference
	for _, output := range job.Outputs {
		if old, now := rec.Outputs[output.Name].Digest, run.Outputs[output.Name].Digest; old != now {
			list = append(list, runner.Difference{Output: output.Name, Old: old, New: now})
		}
	}
	return list, nil
}
