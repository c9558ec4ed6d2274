package process

import (
	"os"
	"runtime"
	"sync"
)

// All processes are started by one goroutine on one thread that never ends.
// The parent-death signal fires when the *thread* that started a child ends,
// not the program (golang/go#27505), and Go ends threads as it likes.

type request struct {
	cmd     Command
	attr    *os.ProcAttr
	started func(pid int)
	reply   chan reply
}

type reply struct {
	handle *os.Process
	err    error
}

var (
	requests    = make(chan request)
	startThread sync.Once
)

// startOnThread starts cmd from the one thread. started is called there, with
// the new process's ID, before the next process is started.
func startOnThread(cmd Command, attr *os.ProcAttr, started func(pid int)) (*os.Process, error) {
	startThread.Do(func() { go serveStarts() })
	r := request{cmd: cmd, attr: attr, started: started, reply: make(chan reply, 1)}
	requests <- r
	answer := <-r.reply
	return answer.handle, answer.err
}

func serveStarts() {
	runtime.LockOSThread() // and never unlocked
	for r := range requests {
		closeOnExec()
		resetIgnoredSignals()
		handle, err := startProcess(r.cmd, r.attr)
		if err == nil {
			r.started(handle.Pid)
		}
		r.reply <- reply{handle, err}
	}
}
