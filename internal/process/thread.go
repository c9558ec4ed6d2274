package process

import (
	"os"
	"runtime"
	"sync"
)

// All processes are started by one goroutine on one thread that never ends.
// The parent-death signal fires when the *thread* that started a child ends,
// not the program (golang/go#27505), and Go ends threads as it likes.
var (
	onThreads   = make(chan func())
	startThread sync.Once
)

// onThread calls f on the one thread, and waits for its end: nothing is
// started meanwhile but by f.
func onThread(f func()) {
	startThread.Do(func() { go serveThread() })
	done := make(chan struct{})
	onThreads <- func() {
		defer close(done)
		f()
	}
	<-done
}

func serveThread() {
	runtime.LockOSThread() // and never unlocked
	for f := range onThreads {
		f()
	}
}

// startOnThread starts cmd from the one thread. started is called there, with
// the new process's ID, before the next process is started, and with trees
// locked.
func startOnThread(cmd Command, attr *os.ProcAttr, started func(pid int)) (handle *os.Process, err error) {
	onThread(func() {
		closeOnExec()
		resetIgnoredSignals()
		if handle, err = startProcess(cmd, attr, started); err == nil {
			restoreCore(handle.Pid)
		}
	})
	return handle, err
}
