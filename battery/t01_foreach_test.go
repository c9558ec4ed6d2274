package battery_test

import (
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/internal/testenv"
)

const foreachConfig = `
environment "pip" "py" {
  packages = { metaflow = "" }
}

flow "metaflow" "many" {
  file        = "many.py"
  environment = environment.py
  run_options = { max-workers = 4 }
  output "total" { artifact = "total" }
}

flow "command" "report" {
  argv = ["sh", "-c", "echo $TOTAL > report.txt"]
  env  = { TOTAL = flow.many.output.total.digest }
  bundle { include = [] }
  output "n" { file = "report.txt" }
}
`

const foreachFlow = `
import time

from metaflow import FlowSpec, step


class Many(FlowSpec):
    @step
    def start(self):
        self.numbers = list(range(8))
        self.next(self.square, foreach="numbers")

    @step
    def square(self):
        time.sleep(0.3)
        self.squared = self.input ** 2
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(i.squared for i in inputs)
        self.next(self.end)

    @step
    def end(self):
        assert self.total == 140, self.total


if __name__ == "__main__":
    Many()
`

// apply is killed at random instants of a real foreach of Metaflow. No step
// finishes its work afterwards, and the next apply goes on.
func TestT01KilledInAForeach(t *testing.T) {
	testenv.Real(t)
	random := rand.New(rand.NewPCG(testenv.Seed(t), 3))
	var all tally
	for all.kills < foreachKills {
		p := &layered{project: newProject(t, filepath.Join(t.TempDir(), "project"), foreachConfig)}
		p.write("many.py", foreachFlow)
		p.must("env", "build")
		ledger := "LEDGER=" + filepath.Join(t.TempDir(), "none")
		p.ledger, p.env = strings.TrimPrefix(ledger, "LEDGER="), append(p.env, ledger)
		p.killForeach(random, &all)
	}
	testenv.Figure(t, "T01", "%d kills in a real foreach of Metaflow, in %d projects: %d processes left after %s, %d files written after that, "+
		"%d wrong results; each project converged", all.kills, all.projects, all.left, gone, all.again, all.lost)
}

// killForeach kills until an apply gets through.
func (p *layered) killForeach(random *rand.Rand, all *tally) {
	p.t.Helper()
	for {
		_, killed := p.applyFor(time.Duration(random.Int64N(int64(foreachLife))))
		if !killed {
			break
		}
		all.kills++
		p.checkGone(all)
		before := p.files()
		p.must("plan")
		if diff := cmp.Diff(before, p.files()); diff != "" {
			all.again++
			p.t.Errorf("something has gone on behind our back (-want +got):\n%s", diff)
		}
	}
	all.projects++
	if strings.TrimSpace(p.read("report.txt")) == "" { // the flow itself checks its total
		all.lost++
		p.t.Error("there is no report")
	}
	if verdicts := p.verdicts(); verdicts["flow.many"] != "fresh" || verdicts["flow.report"] != "fresh" {
		p.t.Errorf("at the end: %v", verdicts)
	}
}

// files are those of Metaflow's datastore, with their sizes.
func (p *layered) files() map[string]int64 {
	p.t.Helper()
	sizes := map[string]int64{}
	_ = filepath.WalkDir(filepath.Join(p.dir, ".metaflow"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			if info, err := entry.Info(); err == nil {
				sizes[path] = info.Size()
			}
		}
		return nil // not there yet, or a temporary file that was there
	})
	return sizes
}
