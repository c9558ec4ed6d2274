//go:build !linux

package process

import "os"

// leader is the started process itself, first of its group.
type leader struct {
	handle *os.Process
	state  *os.ProcessState
	err    error
	killed bool // ended by a signal; valid after await
}

// await blocks until the process has ended, and takes its exit status.
func (l *leader) await() {
	l.state, l.err = l.handle.Wait()
	l.killed = l.err != nil || !l.state.Exited()
}

// reap gives the exit status.
func (l *leader) reap() (*os.ProcessState, error) { return l.state, l.err }
