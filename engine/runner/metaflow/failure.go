package metaflow

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/flowrider/flowrider/engine/runner"
	"github.com/flowrider/flowrider/internal/process"
)

// explain says why an attempt that did not exit 0 has failed. id is its run
// ID, "" if no run was started.
func explain(job *runner.Job, exit process.Exit, id string) *runner.Failure {
	switch {
	case exit.Stopped:
		return runner.Failf("stopped before it had finished")
	case exit.Signal != 0:
		return runner.Failf("%s", describeSignal(exit.Signal))
	case exit.Code == 2 && id == "":
		failure := runner.Failf("exit status 2: Metaflow refused its arguments; flowrider validate compares them with the flow's file")
		failure.Usage = true
		return failure
	case id == "":
		return runner.Failf("exit status %d before a run had started", exit.Code)
	}
	if steps := failedSteps(job, id); steps != "" {
		return runner.Failf("%s", steps)
	}
	return runner.Failf("exit status %d, though no step has failed", exit.Code)
}

// describeSignal says what ended a process.
func describeSignal(signal syscall.Signal) string {
	text := fmt.Sprintf("killed by signal %d", int(signal))
	if signal == syscall.SIGKILL {
		text += " (out of memory?)"
	}
	return text
}

// failedSteps names the steps that ended a run, such as "step train failed
// (task 3)", in the order of their tasks; "" if the datastore does not tell.
func failedSteps(job *runner.Job, id string) string {
	r, err := findRun(job, id)
	if err != nil {
		return ""
	}
	tasks, err := r.everyTask()
	if err != nil {
		return ""
	}
	slices.SortStableFunc(tasks, func(a, b task) int { return number(a.id) - number(b.id) })
	var steps []string // of failed tasks, in order
	named := map[string][]string{}
	for _, t := range tasks {
		how, failed := t.failure()
		if !failed {
			continue
		}
		if named[t.step] == nil {
			steps = append(steps, t.step)
		}
		named[t.step] = append(named[t.step], "task "+t.id+how)
	}
	for i, step := range steps {
		steps[i] = fmt.Sprintf("step %s failed (%s)", step, shorten(named[step]))
	}
	return strings.Join(steps, ", ")
}

// shorten joins the first few of a list and counts the rest.
func shorten(list []string) string {
	const most = 3
	if len(list) <= most {
		return strings.Join(list, "; ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], "; "), len(list)-most)
}

// failure says whether a task has failed, and how where its status tells
// more. What Metaflow ended because another task had failed, or what never
// got as far as its end, is not to blame.
func (t task) failure() (how string, failed bool) {
	last, err := t.lastAttempt("attempt.json")
	if err != nil || last < 0 {
		return "", false
	}
	var ended struct {
		ReturnCode int  `json:"return_code"`
		Killed     bool `json:"killed"`
	}
	if err := t.readJSON(path.Join(t.path(), strconv.Itoa(last)+".runtime"), &ended); err != nil || ended.Killed {
		return "", false
	}
	switch done, err := t.lastAttempt("DONE.lock"); {
	case err != nil:
		return "", false
	case done == last:
		stored, err := t.finished()
		return "", err == nil && stored != nil && !stored.succeeded()
	case ended.ReturnCode < 0:
		return ", " + describeSignal(syscall.Signal(-ended.ReturnCode)), true
	}
	return fmt.Sprintf(", exit status %d before its results were stored", ended.ReturnCode), true
}

// number is a task's ID where it is one, so that task 10 comes after task 9.
func number(id string) int {
	n, _ := strconv.Atoi(id)
	return n
}
