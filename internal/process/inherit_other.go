//go:build !linux

package process

import (
	"os"
	"syscall"
)

// parentDeathSignal says whether a process gets SIGINT when the program dies
// that started it.
const parentDeathSignal = false

// attributes are how every child is started. There is no parent-death signal
// outside Linux.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func closeOnExec() { closeOnExecIn("/dev/fd") }

// resetIgnoredSignals sees to it that a child ignores none of the signals by
// which it is asked to end: an ignored one gets a handler that does nothing,
// which Go puts back to the default in a child.
func resetIgnoredSignals() { resetIgnored(syscall.SIGHUP, syscall.SIGINT) }

// widen would make room in a pipe.
func widen(*os.File) {}
