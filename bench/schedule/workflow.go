package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// task is one task of a workflow. Its number is its place in the list.
type task struct {
	seconds float64
	parents []int
}

// workflow is the trace of a real run: which tasks there were, how long each
// took, and which came before which.
type workflow struct {
	name  string
	tasks []task
}

// readAll reads the workflows of a folder.
func readAll(folder string) ([]workflow, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.tsv"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("no workflows in %s; run this in the root of the repository (%v)", folder, err)
	}
	var list []workflow
	for _, path := range paths {
		w, err := read(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		list = append(list, w)
	}
	return list, nil
}

// read reads lines of number, seconds, parents and name.
func read(path string) (workflow, error) {
	file, err := os.Open(path)
	if err != nil {
		return workflow{}, err
	}
	defer file.Close()
	w := workflow{name: strings.TrimSuffix(filepath.Base(path), ".tsv")}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) < 3 || fields[0] != strconv.Itoa(len(w.tasks)) {
			return w, fmt.Errorf("line %q is not that of task %d", line, len(w.tasks))
		}
		var t task
		if t.seconds, err = strconv.ParseFloat(fields[1], 64); err != nil {
			return w, err
		}
		for _, parent := range strings.FieldsFunc(fields[2], func(r rune) bool { return r == ',' }) {
			number, err := strconv.Atoi(parent)
			if err != nil {
				return w, err
			}
			t.parents = append(t.parents, number)
		}
		w.tasks = append(w.tasks, t)
	}
	return w, nil
}

// scaled is a workflow whose tasks take so many times as long, in whole
// milliseconds.
func (w workflow) scaled(factor float64) workflow {
	scaled := workflow{name: w.name}
	for _, t := range w.tasks {
		scaled.tasks = append(scaled.tasks, task{float64(int(t.seconds*factor*1000+0.5)) / 1000, t.parents})
	}
	return scaled
}
