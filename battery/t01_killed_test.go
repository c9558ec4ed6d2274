package battery_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/flowrider/flowrider/internal/testenv"
)

// apply is killed with SIGKILL at random instants, again and again in one
// project, until it gets through; then in the next project. After each kill
// everything it started must be gone, and what it had reported must be there.
func TestT01KilledAtRandomInstants(t *testing.T) {

	random := rand.New(rand.NewPCG(testenv.Seed(t), 1))
	var all tally
	for all.kills < kills {
		p := newLayered(t, layers, width, random)
		p.untilDone(random, &all)
		p.checkEnd(&all)
	}
	testenv.Figure(t, "T01", "%d kills of applies of %d flows, in %d projects: %d records reported before a kill, %d lost, torn or wrong; "+
		"%d runs of flows recorded before; %d processes left after %s; %d attempts of one flow at once; each project converged",
		all.kills, layers*width, all.projects, all.reported, all.lost, all.again, all.left, gone, all.overlaps)
}

// gone is how long what a dead apply leaves behind may live.
const gone = 8 * time.Second

type tally struct {
	kills, projects, reported, lost, again, left, overlaps int
}

// untilDone applies and kills until an apply has got to its end.
func (p *layered) untilDone(random *rand.Rand, all *tally) {
	p.t.Helper()
	known := map[string]string{}
	for round := 0; ; round++ {
		before := p.began()
		instant := never // once there were enough kills, the project comes to its end
		if all.kills < kills {
			instant = time.Duration(random.Int64N(int64(longestLife)))
		}
		runs, killed := p.applyFor(instant)
		after := p.began()
		for address := range known {
			if after[address] != before[address] {
				all.again++
				p.t.Errorf("%s was recorded, and has run again", address)
			}
		}
		maps.Copy(known, runs)
		if !killed {
			return
		}
		all.kills++
		all.reported += len(runs)
		if random.IntN(3) > 0 { // else the next apply comes at once, and has to end what it finds
			p.checkGone(all)
		}
		p.checkRecords(known, all)
		if round > 1000 {
			p.t.Fatalf("after %d kills it has not got through", round)
		}
	}
}

// never is an instant that does not come.
const never = time.Hour

// applyFor applies and kills after a while. It gives the run IDs of the flows
// that were reported as recorded, and whether it was still running then.
func (p *layered) applyFor(instant time.Duration) (runs map[string]string, killed bool) {
	p.t.Helper()
	var out, errs bytes.Buffer
	command := p.command("apply", "--json", "--parallelism", "16")
	command.Stdout, command.Stderr = &out, &errs
	command.WaitDelay = gone
	if err := command.Start(); err != nil {
		p.t.Fatal(err)
	}
	timer := time.AfterFunc(instant, func() { _ = command.Process.Kill() })
	defer timer.Stop()
	err := command.Wait()
	if status := command.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() && status.Signal() == syscall.SIGKILL {
		return reported(out.String()), true
	}
	if err != nil {
		p.t.Fatalf("an apply that nobody killed: %v\n%s%s", err, out.String(), errs.String())
	}
	return reported(out.String()), false
}

// checkGone waits until nothing is left of the killed apply, and then sees
// that the ledger stands still.
func (p *layered) checkGone(all *tally) {
	p.t.Helper()
	deadline := time.Now().Add(gone)
	var left []string
	for left = p.processes(); len(left) > 0 && time.Now().Before(deadline); left = p.processes() {
		time.Sleep(10 * time.Millisecond)
	}
	if len(left) > 0 {
		all.left += len(left)
		p.t.Errorf("left %s after the kill: %s", gone, strings.Join(left, "; "))
	}
}

// processes are those that run for this project, or in it.
func (p *layered) processes() (list []string) {
	p.t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		p.t.Fatal(err)
	}
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err != nil {
			continue
		}
		env, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "environ"))
		folder, _ := os.Readlink(filepath.Join("/proc", entry.Name(), "cwd"))
		if bytes.Contains(env, []byte("="+filepath.Dir(p.dir))) || strings.HasPrefix(folder, p.dir) {
			line, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "cmdline"))
			list = append(list, entry.Name()+" "+strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return list
}

// checkRecords sees that the records of all that was reported are there, whole
// and of the runs that were, and that plan calls the flows fresh.
func (p *layered) checkRecords(known map[string]string, all *tally) {
	p.t.Helper()
	runs, problems := recorded(p.dir)
	for _, problem := range problems {
		all.lost++
		p.t.Errorf("a record is not whole: %v", problem)
	}
	verdicts := p.verdicts()
	for address, run := range known {
		if runs[address] != run || verdicts[address] != "fresh" {
			all.lost++
			p.t.Errorf("run %s of %s was reported as recorded; the record has run %q, and plan says %q", run, address, runs[address], verdicts[address])
		}
	}
}

// verdicts are what plan says, by address.
func (p *layered) verdicts() map[string]string {
	p.t.Helper()
	var planned struct {
		Flows []struct{ Address, Verdict string }
	}
	if err := json.Unmarshal([]byte(p.must("plan", "--json").out), &planned); err != nil {
		p.t.Fatal(err)
	}
	verdicts := map[string]string{}
	for _, flow := range planned.Flows {
		verdicts[flow.Address] = flow.Verdict
	}
	return verdicts
}

// checkEnd sees that everything is fresh, and every output what it should be.
func (p *layered) checkEnd(all *tally) {
	p.t.Helper()
	all.projects++
	verdicts := p.verdicts()
	for _, address := range p.flows {
		if verdicts[address] != "fresh" {
			p.t.Errorf("%s is %q at the end", address, verdicts[address])
		}
		name := strings.TrimPrefix(address, "flow.")
		if got := p.read("out/" + name + ".txt"); got != p.want[address] {
			all.lost++
			p.t.Errorf("the output of %s is %q, want %q", address, got, p.want[address])
		}
	}
	for _, line := range p.lines() {
		if strings.HasPrefix(line, "overlap ") {
			all.overlaps++
		}
	}
}
