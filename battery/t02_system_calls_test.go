package battery_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"github.com/flowrider/flowrider/internal/testenv"
)

// systemCalls are those at which apply is killed: all that change something.
var systemCalls = []string{
	"openat", "write", "pwrite64", "fsync", "fdatasync", "renameat,renameat2", "unlinkat", "mkdirat", "flock", "close", "clone,clone3", "sendto",
}

// An apply of three flows is killed at its first, second, third … call of each
// kind, in each of its threads and processes, until it gets through.
func TestT02KilledAtEachSystemCall(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		testenv.Unable(t, err)
	}
	random := rand.New(rand.NewPCG(testenv.Seed(t), 2))
	points, bad := 0, 0
	for _, call := range systemCalls {
		for k := 1; ; k += step(call, random) {
			if !killedAt(t, strace, call, k, &bad) {
				break
			}
			points++
		}
	}
	if points < fewestPoints {
		t.Errorf("%d points, want at least %d", points, fewestPoints)
	}
	testenv.Figure(t, "T02", "killed at %d points (system call, K) of an apply of three flows: %d bad; each next apply converged", points, bad)
}

// killedAt says whether the apply was killed at all.
func killedAt(t *testing.T, strace, call string, k int, bad *int) bool {
	t.Helper()
	p := newLayered(t, 3, 1, rand.New(rand.NewPCG(1, 1)))
	failed := t.Failed()
	command := exec.Command(strace, "-f", "-qq", "-o", os.DevNull, "-e", "trace="+call,
		"-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, k), p.program, "apply", "--json")
	var out bytes.Buffer
	command.Dir, command.Env, command.Stdout = p.dir, p.env, &out
	command.WaitDelay = gone
	if err := command.Run(); err == nil {
		return false
	}
	known, all := reported(out.String()), &tally{}
	p.checkRecords(known, all)
	before := p.began()
	if _, killed := p.applyFor(never); killed {
		t.Fatal("the second apply was killed")
	}
	for address, times := range p.began() {
		if known[address] != "" && times != before[address] {
			t.Errorf("%s was recorded, and has run again", address)
		}
	}
	p.checkEnd(all)
	if !failed && t.Failed() {
		*bad++
		t.Errorf("that was at call %d of %s", k, call)
	}
	return true
}
