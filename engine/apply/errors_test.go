package apply_test

import (
	"context"

	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"strings"
	"syscall"
	"testing"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/runner/command"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/testenv"
)

// failing are two flows, with all that there is to write.
const failing = `
	variable "v" { default = "1" }
	flow "command" "a" {
		argv = ["sh", "-c", "echo ${var.v} > a"]
		output "o" { file = "a" }
	}
	flow "command" "b" {
		argv = ["cat", flow.a.output.o.path]
		output "text" { stdout = "text" }
	}`

// T06: each durable operation of an apply fails with each of nine errors, once or
// from then on, carried out or not. What is reported all the same would survive
// a power cut there and then, what was recorded before is whole, and another
// apply goes on.
func TestT06NoErrorIsSilent(t *testing.T) {
	errnos := []syscall.Errno{
		syscall.ENOSPC, syscall.EIO, syscall.EDQUOT, syscall.EACCES, syscall.EROFS,
		syscall.EMFILE, syscall.EINTR, syscall.ENOENT, syscall.EPERM,
	}
	template := newProject(t, failing, command.Runner{})
	template.ends("a=succeeded b=succeeded")
	before := template.recorded()

	operations := len(failApply(t, template.root, before, durable.Fault{}).Ops())
	var faults []durable.Fault
	for at := 1; at <= operations; at++ {
		for i, errno := range errnos {
			for _, stays := range []bool{false, true} {
				faults = append(faults, durable.Fault{At: at, Err: errno, Stays: stays, After: (at+i)%3 == 0})
			}
		}
	}
	random := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	random.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
	rank, seen := map[durable.Fault]int{}, map[int]int{}
	for _, fault := range faults {
		rank[fault], seen[fault.At] = seen[fault.At], seen[fault.At]+1
	}
	slices.SortStableFunc(faults, func(a, b durable.Fault) int { return rank[a] - rank[b] }) // first each operation once
	faults = faults[:min(len(faults), failCases)]
	struck := 0
	for _, fault := range faults {
		if failApply(t, template.root, before, fault).Struck() {
			struck++
		}
		if t.Failed() {
			t.Fatalf("with %+v", fault)
		}
	}
	if struck < failCases*9/10 { // an operation more or less is nobody's fault
		t.Errorf("%d errors have struck, want about %d", struck, failCases)
	}
	testenv.Figure(t, "T06", "%d cases, 9 errors at %d operations: 0 silent successes, old records intact, and another apply went on", struck, operations)
}

// failApply applies a change to a copy of a project while an operation fails,
// and again when all works.
func failApply(t *testing.T, template string, before map[string]string, fault durable.Fault) *durable.Faulty {
	t.Helper()
	s := &cutStory{project: newProject(t, failing, command.Runner{}), good: map[string]string{}}
	s.mirror = newMirror(s.root)
	s.take(template)
	s.parallelism, s.variables["v"] = 1, "2"
	backend := durable.NewFaulty(s.mirror, fault)
	restore := durable.Use(backend)
	reported := map[string]bool{}
	result := s.apply(context.Background(), func(event apply.Event) {
		if event.Type == "flow" && (event.State == apply.Succeeded || event.State == apply.Reused || event.State == apply.Fresh) {
			s.says = append(s.says, saying{s.mirror.memory.Changes(), event.Address, event.RunID, "2"})
			reported[event.Address] = true
		}
	})
	restore()
	operation := "no operation"
	if ops := backend.Ops(); fault.At > 0 && fault.At <= len(ops) {
		operation = ops[fault.At-1]
	}
	if len(reported) < len(before) && result.err == nil && result.summary.Failures() == nil {
		t.Errorf("%s: silent, and reported is only %v", operation, reported)
	}
	for _, say := range append(s.says, saying{instant: s.mirror.memory.Changes()}) {
		for _, kept := range []bool{false, true} {
			disk := s.mirror.memory.PowerCut(say.instant, func(int) bool { return kept })
			if problem := s.check(disk, say.instant); problem != "" {
				t.Errorf("%s, all that was not synced kept is %v: %s", operation, kept, problem)
			}
		}
	}
	for address := range before {
		if s.recorded()[address] == "" {
			t.Errorf("%s: the record of %s is gone", operation, address)
		}
	}
	after := s.apply(context.Background(), nil)
	if after.err != nil || after.summary.Failures() != nil {
		t.Errorf("%s: the next apply: %v, %v", operation, after.err, after.summary.Failures())
	}
	for address, state := range after.states() {
		if reported[address] && state == apply.Succeeded {
			t.Errorf("%s: %s was reported, and ran again", operation, address)
		}
	}
	return backend
}

// take copies a project, in the model too, in which all of it is synced.
func (s *cutStory) take(template string) {
	s.Helper()
	model := durable.With(s.mirror.memory)
	err := filepath.WalkDir(template, func(path string, entry fs.DirEntry, err error) error {
		name := strings.TrimPrefix(path, template)
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		info, infoErr := entry.Info()
		if err == nil {
			err = infoErr
		}
		if err == nil {
			err = os.MkdirAll(filepath.Dir(s.root+name), 0o755)
		}
		if err == nil {
			err = os.WriteFile(s.root+name, content, info.Mode())
		}
		if err == nil {
			err = model.WriteFile(s.root+name, content)
		}
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
}
