package apply_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// A fault of ours in a worker comes to whoever called Run, who can end all that
// runs and say so, and does not end the program there and then.
func TestAFaultInAWorkerIsOneOfTheLoop(t *testing.T) {
	runner := newFake()
	runner.judging = func(string) { panic("on purpose") }
	p := newProject(t, `
		flow "command" "a" {
			argv = ["a"]
			bundle { include = [] }
		}`, runner)
	defer func() {
		if fault := fmt.Sprint(recover()); !strings.HasPrefix(fault, "on purpose, in a worker:\n") || !strings.Contains(fault, "fault_test.go") {
			t.Errorf("got the fault %s", fault)
		}
	}()
	p.apply(context.Background(), nil)
	t.Error("nothing happened")
}
