package battery_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"github.com/flowrider/flowrider/internal/testenv"
)

// systemCalls are those at which apply is killed: all that change something, or
// settle what becomes of something that was changed.
var systemCalls = []string{
	"openat", "write", "pwrite64", "fsync", "fdatasync", "renameat,renameat2", "unlinkat", "mkdirat", "flock", "close", "clone,clone3", "sendto",
	"linkat", "symlinkat", "fchmod,fchmodat", "ftruncate", "utimensat", "copy_file_range,ioctl", "execve", "pipe2", "waitid,wait4", "prctl", "kill,pidfd_send_signal",
}

// An apply of three flows is killed at its first, second, third … call of each
// kind, in each of its threads and processes, until it gets through: one that
// is the project's first, and one that goes on after another that was killed.
func TestT02KilledAtEachSystemCall(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		testenv.Unable(t, err)
	}
	random := rand.New(rand.NewPCG(testenv.Seed(t), 2))
	points, bad := 0, 0
	for _, killedBefore := range []bool{false, true} {
		for _, call := range systemCalls {
			if skips(random) {
				continue
			}
			for k := 1; ; k += step(call, random) {
				if !killedAt(t, strace, call, k, killedBefore, &bad) {
					break
				}
				points++
			}
		}
	}
	if points < fewestPoints {
		t.Errorf("%d points, want at least %d", points, fewestPoints)
	}
	testenv.Figure(t, "T02", "killed at %d points (system call, K) of an apply of three flows: %d bad; each next apply converged", points, bad)
}

// killedAt says whether the apply was killed at all.
func killedAt(t *testing.T, strace, call string, k int, killedBefore bool, bad *int) bool {
	t.Helper()
	p := newLayered(t, 3, 1, rand.New(rand.NewPCG(1, 1)))
	failed := t.Failed()
	known := map[string]string{}
	if killedBefore { // with one flow recorded, and another one begun
		runs, _ := p.killedAt(strace, "renameat,renameat2", 6)
		maps.Copy(known, runs)
	}
	start := p.began()
	runs, killed := p.killedAt(strace, call, k)
	if !killed {
		return false
	}
	for address := range known {
		if p.began()[address] != start[address] {
			t.Errorf("%s was recorded, and has run again", address)
		}
	}
	maps.Copy(known, runs)
	all := &tally{}
	p.checkRecords(known, all)
	before := p.began()
	if _, killed := p.applyFor(never); killed {
		t.Fatal("the next apply was killed")
	}
	for address, times := range p.began() {
		if known[address] != "" && times != before[address] {
			t.Errorf("%s was recorded, and has run again", address)
		}
	}
	p.checkEnd(all)
	if !failed && t.Failed() {
		*bad++
		t.Errorf("that was at call %d of %s, after another kill: %t", k, call, killedBefore)
	}
	return true
}

// killedAt applies and kills at the k-th call of a kind. It gives the run IDs of
// the flows that were reported as recorded.
func (p *layered) killedAt(strace, call string, k int) (runs map[string]string, killed bool) {
	p.t.Helper()
	command := exec.Command(strace, "-f", "-qq", "-o", os.DevNull, "-e", "trace="+call,
		"-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, k), p.program, "apply", "--json")
	var out bytes.Buffer
	command.Dir, command.Env, command.Stdout = p.dir, p.env, &out
	command.WaitDelay = gone
	err := command.Run()
	return reported(out.String()), err != nil
}
