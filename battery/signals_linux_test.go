package battery_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/flowrider/flowrider/internal/testenv"
)

// patient flows end when they are asked to, after a while, or not at all. In
// the second apply they end at once.
const patient = `
[ -e "$2/enough" ] && exit 0
case $1 in
willing) ;;
slow) trap 'sleep 0.1; exit 4' INT ;;
deaf) trap '' INT TERM HUP ;;
esac
(setsid sleep 1000 &)
: > "$2/started"
while :; do sleep 0.02; done
`

// surroundings are how an apply is started, through a shell that becomes it.
var surroundings = []struct{ name, shell string }{
	{"plainly", `exec "$0" apply`},
	{"under nohup", `trap '' HUP; exec "$0" apply`},
	{"with its output closed", `exec "$0" apply >&- 2>&-`},
	{"with nobody to read its output", `exec "$0" apply`},
}

// However often and whenever an apply is asked to end, it does: with the exit
// code of the first signal, with nothing left of its flows, and the next apply
// goes on.
func TestT16SignalsAtAnyTime(t *testing.T) {
	t.Parallel()
	seed := testenv.Seed(t)
	var right [4]atomic.Int64
	atOnce(t, signalTries, 8, func(t *testing.T, try int) {
		signalAtAnyTime(t, try, rand.New(rand.NewPCG(seed, uint64(try))))
		if !t.Failed() {
			right[try%len(surroundings)].Add(1)
		}
	})
	all := int64(0)
	for i := range right {
		all += right[i].Load()
	}
	if all != signalTries {
		t.Errorf("%d of %d applies ended as they should", all, signalTries)
	}
	testenv.Figure(t, "T16", "%d of %d applies ended by one, two or three signals at random instants left nothing, and the next one went on; %d plainly, %d under nohup, %d with their output closed, %d with nobody to read it",
		all, signalTries, right[0].Load(), right[1].Load(), right[2].Load(), right[3].Load())
}

func signalAtAnyTime(t *testing.T, try int, random *rand.Rand) {
	surrounding := surroundings[try%len(surroundings)]
	p := newProject(t, t.TempDir(), fmt.Sprintf(`
		flow "command" "f" {
			for_each = toset(["willing", "slow", "deaf"])
			argv     = ["sh", "-c", file("patient.sh"), "sh", each.key, path.root]
			env      = { %s = ambient(path.root) }
			bundle { include = [] }
			stop {
				interrupt = "200ms"
				terminate = "200ms"
			}
		}`, trace))
	p.write("patient.sh", patient)
	defer p.endAll()
	apply := p.command()
	apply.Path, apply.Args = "/bin/sh", []string{"sh", "-c", surrounding.shell, p.program}
	said := p.output(surrounding.name)
	apply.Stdout, apply.Stderr = said, said
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	said.Close()
	first := send(apply, random, surrounding.name == "under nohup")
	apply.Wait()
	status := apply.ProcessState.Sys().(syscall.WaitStatus)
	_, err := os.Stat(filepath.Join(p.dir, "started"))
	switch want := map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 143}[first]; {
	case status.Signaled() && status.Signal() == first && os.IsNotExist(err): // before it had begun
	case status.ExitStatus() != want:
		t.Errorf("%s, first %s: exit code %d (%v), want %d\n%s", surrounding.name, first, status.ExitStatus(), apply.ProcessState, want, p.said())
	}
	if left := p.traced(); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
	if lock, err := os.Open(filepath.Join(p.dir, ".flowrider", "lock")); err == nil {
		if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			t.Errorf("the lock: %v", err)
		}
		lock.Close()
	}
	p.must("status")
	p.write("enough", "")
	p.must("apply")
	if runs, problems := recorded(p.dir); len(runs) != 3 || len(problems) > 0 {
		t.Errorf("%d flows are recorded (%v)", len(runs), problems)
	}
}

// send sends one to three signals, the first at any time of the apply. It gives
// the first one that counts, of which there is one.
func send(apply *exec.Cmd, random *rand.Rand, nohup bool) (first syscall.Signal) {
	pause, count := 1200*time.Millisecond, 1+random.IntN(3)
	for i := 0; i < count || first == 0; i++ {
		time.Sleep(time.Duration(random.Int64N(int64(pause))))
		s := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}[random.IntN(3)]
		apply.Process.Signal(s)
		if first == 0 && !(nohup && s == syscall.SIGHUP) {
			first = s
		}
		pause = 400 * time.Millisecond
	}
	return first
}

// output is where an apply writes to.
func (p *project) output(surrounding string) *os.File {
	p.t.Helper()
	if surrounding == "with nobody to read its output" {
		r, w, err := os.Pipe()
		if err != nil {
			p.t.Fatal(err)
		}
		r.Close()
		return w
	}
	file, err := os.Create(filepath.Join(p.dir, "said.txt"))
	if err != nil {
		p.t.Fatal(err)
	}
	return file
}

func (p *project) said() string {
	text, _ := os.ReadFile(filepath.Join(p.dir, "said.txt"))
	return string(text)
}

// A flow that does not end is killed by the third Ctrl-C, whatever time it
// has.
func TestT16TheThirdSignalKills(t *testing.T) {
	t.Parallel()
	p := newProject(t, t.TempDir(), fmt.Sprintf(`
		flow "command" "f" {
			argv = ["sh", "-c", file("patient.sh"), "sh", "deaf", path.root]
			env  = { %s = ambient(path.root) }
			bundle { include = [] }
			stop {
				interrupt = "1h"
				terminate = "1h"
			}
		}`, trace))
	p.write("patient.sh", patient)
	defer p.endAll()
	apply := p.command("apply")
	said := p.output("plainly")
	apply.Stdout, apply.Stderr = said, said
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	said.Close()
	until(t, "the flow", func() bool { _, err := os.Stat(filepath.Join(p.dir, "started")); return err == nil })
	for _, word := range []string{"Press Ctrl-C again for", "Press Ctrl-C again to kill", "are killed"} {
		apply.Process.Signal(syscall.SIGINT)
		until(t, word, func() bool { return strings.Contains(p.said(), word) })
	}
	apply.Wait()
	if left := p.traced(); len(left) > 0 || apply.ProcessState.ExitCode() != 130 {
		t.Errorf("%v, processes %v are left\n%s", apply.ProcessState, left, p.said())
	}
	if !strings.Contains(p.said(), "flow.f: cancelled") {
		t.Errorf("it said\n%s", p.said())
	}
}

// An apply that is suspended takes its flows with it, and back.
func TestT16SuspendedAndContinued(t *testing.T) {
	t.Parallel()
	p := newProject(t, t.TempDir(), fmt.Sprintf(`
		flow "command" "f" {
			argv = ["sh", "-c", "cd $%[1]s && echo $$ >> pids; read line < enough"]
			env  = { %[1]s = ambient(path.root) }
			bundle { include = [] }
		}`, trace))
	fifo := filepath.Join(p.dir, "enough") // no loop: a shell that waits for a child to begin is not suspended before that
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	defer p.endAll()
	apply := p.command("apply")
	apply.SysProcAttr.Setpgid = true // as a shell's job
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the flow", func() bool { return len(p.written("pids")) == 1 })
	flow := p.written("pids")[0]
	for range 3 {
		apply.Process.Signal(syscall.SIGTSTP)
		until(t, "the suspension", func() bool { return state(flow) == 'T' && state(apply.Process.Pid) == 'T' })
		apply.Process.Signal(syscall.SIGCONT)
		until(t, "the continuation", func() bool { return state(flow) != 'T' && state(apply.Process.Pid) != 'T' })
	}
	if err := os.WriteFile(fifo, []byte("enough\n"), 0); err != nil {
		t.Fatal(err)
	}
	if err := apply.Wait(); err != nil {
		t.Error(err)
	}
}

// Where too many files are open, fewer flows run at once, and all run.
func TestTooManyFilesMeansFewerFlows(t *testing.T) {
	t.Parallel()
	const flows = 40
	p := newProject(t, t.TempDir(), fmt.Sprintf(`
		flow "command" "f" {
			for_each = toset([for n in range(%d) : tostring(n)])
			argv     = ["sleep", "0.2"]
			salt     = each.key
			bundle { include = [] }
		}`, flows))
	apply := p.command()
	apply.Path, apply.Args = "/bin/sh", []string{"sh", "-c", fmt.Sprintf(`ulimit -n 80; exec "$0" apply --parallelism %d`, flows), p.program}
	said := p.output("plainly")
	apply.Stdout, apply.Stderr = said, said
	if err := apply.Run(); err != nil {
		t.Errorf("%v\n%s", err, p.said())
	}
	if runs, problems := recorded(p.dir); len(runs) != flows || len(problems) > 0 {
		t.Errorf("%d flows are recorded (%v)", len(runs), problems)
	}
	if !strings.Contains(p.said(), "the limit on open files is enough for") {
		t.Errorf("there were enough:\n%s", p.said())
	}
}
