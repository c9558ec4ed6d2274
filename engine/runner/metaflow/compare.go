package metaflow

import (
	"cmp"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
)

// Differences compares the artifacts of the end task that outputs name, and
// then those of all tasks, by step and position.
func (Runner) Differences(job *runner.Job, rec *record.Record, made *runner.Run) ([]runner.Difference, error) {
	var all [2]map[artifact]string   // content by where the artifact was made
	var outputs [2]map[string]string // content by the name of the output
	for i, pathspec := range []string{rec.Pathspec, made.Pathspec} {
		flow, id, _ := strings.Cut(pathspec, "/")
		r, err := runAt(job.Root, flow, id)
		if err == nil {
			all[i], err = r.everything()
		}
		if err == nil {
			outputs[i], err = r.outputContents(job.Outputs)
		}
		if err != nil {
			return nil, err
		}
	}
	var list []runner.Difference
	for _, output := range job.Outputs {
		if old, now := outputs[0][output.Name], outputs[1][output.Name]; old != now {
			list = append(list, runner.Difference{Output: output.Name, Artifact: output.Artifact, Old: old, New: now})
		}
	}
	return append(list, differentArtifacts(all[0], all[1])...), nil
}

func differentArtifacts(before, after map[artifact]string) []runner.Difference {
	var list []runner.Difference
	add := func(at artifact) {
		if old, now := before[at], after[at]; old != now {
			task, _, _ := strings.Cut(at.position, " ") // without what tells the rounds of a loop apart
			list = append(list, runner.Difference{Step: at.step, Task: task, Artifact: at.name, Old: old, New: now})
		}
	}
	for at := range before {
		add(at)
	}
	for at := range after {
		if _, done := before[at]; !done {
			add(at)
		}
	}
	slices.SortFunc(list, func(a, b runner.Difference) int {
		return cmp.Or(strings.Compare(a.Step, b.Step), strings.Compare(a.Task, b.Task), strings.Compare(a.Artifact, b.Artifact), strings.Compare(a.Old+" "+a.New, b.Old+" "+b.New))
	})
	return list
}

// everything is what the artifacts of a run count by, less its parameters: two
// runs of one job have the same.
func (r run) everything() (map[artifact]string, error) {
	constants, err := r.parameters().finished()
	if err != nil {
		return nil, err
	}
	if constants == nil {
		constants = &attempt{}
	}
	tasks, err := r.everyTask()
	if err != nil {
		return nil, err
	}
	all := map[artifact]string{}
	for _, t := range tasks {
		made, err := t.made(constants)
		if err != nil {
			return nil, err
		}
		for _, a := range made {
			all[artifact{step: a.step, position: a.position, name: a.name}] = a.content
		}
	}
	return all, nil
}

// outputContents is what the artifacts of declared outputs count by.
func (r run) outputContents(outputs []runner.Output) (map[string]string, error) {
	end, _, err := r.endTask()
	if err != nil || end == nil {
		return nil, err
	}
	contents := map[string]string{}
	for _, output := range outputs {
		if _, there := end.Objects[output.Artifact]; there {
			if contents[output.Name], err = r.contentOf(end, output.Artifact); err != nil {
				return nil, err
			}
		}
	}
	return contents, nil
}
