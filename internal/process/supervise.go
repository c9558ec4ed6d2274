package process

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/flowrider/flowrider/internal/fault"
)

// How long what a process leaves behind has to end by itself: little after an
// ordinary end, more after one in which somebody may still be cleaning up,
// such as cancelling remote jobs.
var (
	afterExit = Grace{Interrupt: 500 * time.Millisecond, Terminate: 300 * time.Millisecond}
	afterKill = Grace{Interrupt: 5 * time.Second, Terminate: 2 * time.Second}
)

// Stop asks the process to end: SIGINT to its group, then SIGTERM, then
// SIGKILL to everything that descends from it, with the waits of grace
// between them. It returns at once; Wait returns when nothing is left. A
// second Stop shortens the waits of the first.
func (p *Process) Stop(grace Grace) {
	select {
	case p.asks <- grace:
	case <-p.done:
	}
}

// supervise follows the process to its end. It is the only goroutine that
// signals and reaps it.
func (p *Process) supervise() {
	defer close(p.done)
	exited := make(chan struct{})
	fault.Go(func() {
		p.leader.await()
		close(exited)
	})
	var end ending
	seen := p.untilExit(exited, &end)
	p.exit.Stopped = end.begun
	if seen {
		// Until it is reaped, its process ID and its group cannot belong to a
		// stranger, so it is reaped last.
		for whole := p.endStragglers(&end); whole && !p.tree.settle(); {
			whole = p.endStragglers(&ending{})
		}
	}
	p.notes = append(p.notes, p.output.finish()...)
	if seen {
		p.setExit(p.leader.reap())
	} else {
		p.exit.Code, p.exit.Signal = -1, syscall.SIGKILL
		p.notes = append(p.notes, fmt.Sprintf("process %d hangs in the kernel and cannot be ended", p.tree.leader))
	}
	reapOrphans()
	p.tree.forget()
	guarding.ended(p.number)
}

// untilExit waits for the process itself to end, and takes the steps of a
// stop meanwhile. It is false if even SIGKILL did not help.
func (p *Process) untilExit(exited <-chan struct{}, end *ending) bool {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	less := hasten(end)
	for {
		select {
		case <-exited:
			return true
		case grace := <-p.asks:
			end.ask(grace, awake())
		case <-less:
		case <-timer.C:
		}
		less = hasten(end)
		now := awake()
		if end.hopeless(now) {
			return false
		}
		if s := end.step(now); s != 0 {
			p.signalTree(s)
		}
		if end.begun {
			timer.Reset(end.due.Sub(now))
		}
	}
}

// signalTree signals the group of a process that still runs: what has left
// the group is the business of whoever started it there, until SIGKILL.
func (p *Process) signalTree(s syscall.Signal) {
	left := p.tree.left(nil) // while parents live, the tree shows who belongs to it
	p.tree.signalGroup(s)
	if s != syscall.SIGKILL {
		p.tree.signalGroup(syscall.SIGCONT) // a suspended process could not act on it
		return
	}
	for _, m := range left {
		if !m.guards() { // endStragglers waits for it
			m.signal(s)
		}
	}
}

// endStragglers ends what the process has left behind: its group, everything
// that carries its marker, and whoever still holds its output. Two looks in a
// row must find nothing, for a process may fork during the first. It is false
// where something cannot be ended.
func (p *Process) endStragglers(end *ending) bool {
	held := p.heldPipes()
	if held == nil && !p.tree.suspicious() && !p.tree.suspicious() {
		return true
	}
	asked, groupSteps := end.begun, end.sent
	end.ask(p.leader.straggle(), awake())
	names, stuck := pursuit{
		end: end, rest: p.rest(end), had: groupSteps, // a second SIGINT would break off what the first one began
		look: func() []straggler { return p.tree.left(held) },
	}.run()
	if len(stuck) > 0 {
		p.notes = append(p.notes, describe(stuck)+" cannot be ended")
	}
	if !asked && len(names) > 0 {
		p.notes = append(p.notes, "left processes behind, which were ended: "+list(names))
	}
	return len(stuck) == 0
}

// heldPipes gives the pipes that something still holds a little after the
// process itself has ended.
func (p *Process) heldPipes() []*os.File {
	if p.output.ended() {
		return nil
	}
	return p.output.pipes
}

// rest waits a moment for stragglers to end, or until somebody is in a hurry.
func (p *Process) rest(end *ending) func(time.Duration) {
	return func(pause time.Duration) {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		select {
		case grace := <-p.asks:
			end.ask(grace, awake())
		case <-hasten(end):
		case <-timer.C:
		}
	}
}

// setExit translates what the kernel said.
func (p *Process) setExit(state *os.ProcessState, err error) {
	if err != nil {
		// Somebody else has waited for it: nobody knows how it ended, and an
		// exit that nobody saw is no success.
		p.exit.Code = -1
		p.notes = append(p.notes, fmt.Sprintf("its exit status is not known: %v", err))
		return
	}
	status := state.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		p.exit.Code, p.exit.Signal = -1, status.Signal()
		return
	}
	p.exit.Code = status.ExitStatus()
}

func describe(left []straggler) string {
	var parts []string
	for _, m := range left {
		parts = append(parts, fmt.Sprintf("process %d (%s)", m.pid, m.name))
	}
	return strings.Join(parts, ", ")
}
