package battery_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/flowrider/flowrider/internal/testenv"
)

// TestT08ManyApplies starts many applies of one project at once, round after
// round. Some wait for the lock, and end well; the others end at once with exit
// code 4, or are the one that works. Each flow runs exactly once a round.
func TestT08ManyApplies(t *testing.T) {
	t.Parallel()
	const config = `
variable "round" { type = number }
flow "command" "a" {
  argv     = ["sh", "-c", "echo a >> $COUNT; echo $ROUND > a.txt"]
  env      = { ROUND = var.round }
  pass_env = ["COUNT"]
  output "n" { file = "a.txt" }
  bundle { include = [] }
}
flow "command" "b" {
  for_each = toset(["x", "y"])
  argv     = ["sh", "-c", "echo b.${each.key} >> $COUNT; cat $A > b.txt"]
  env      = { A = flow.a.output.n.path }
  pass_env = ["COUNT"]
  output "n" {
    file    = "b.txt"
    publish = "b.${each.key}.txt"
  }
  bundle { include = [] }
}
`
	p := newProject(t, t.TempDir(), config)
	locked := 0
	for round := range manyRounds {
		count := filepath.Join(t.TempDir(), "count")
		outcomes := make([]outcome, manyApplies)
		var running sync.WaitGroup
		for i := range outcomes {
			running.Go(func() {
				one := *p
				one.env = append(one.env[:len(one.env):len(one.env)], "COUNT="+count)
				arguments := []string{"apply", "--var", fmt.Sprintf("round=%d", round)}
				if i%2 == 0 {
					arguments = append(arguments, "--lock-timeout", "10m")
				}
				outcomes[i] = one.run(arguments...)
			})
		}
		running.Wait()
		for i, o := range outcomes {
			switch {
			case o.code == 0:
			case o.code == 4 && i%2 == 1 && strings.Contains(o.errors, "is locked by"):
				locked++
			default:
				t.Errorf("round %d, apply %d: exit code %d\n%s%s", round, i, o.code, o.out, o.errors)
			}
		}
		ran, err := os.ReadFile(count)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Fields(string(ran)); len(got) != 3 || got[0] != "a" || got[1] == got[2] {
			t.Errorf("round %d: ran %q, want a, then b.x and b.y, once each", round, got)
		}
	}
	if o := p.run("plan", "--detailed-exitcode", "--var", fmt.Sprintf("round=%d", manyRounds-1)); o.code != 0 {
		t.Errorf("plan: exit code %d\n%s%s", o.code, o.out, o.errors)
	}
	testenv.Figure(t, "T08", "%d applies at once, %d rounds: each flow ran exactly once a round, %d ended at once with exit code 4, all others well; no deadlock", manyApplies, manyRounds, locked)
}
