//go:build !linux

package process

import "syscall"

// suspendThread suspends this program, and returns when it has been continued.
func suspendThread() { _ = syscall.Kill(syscall.Getpid(), syscall.SIGSTOP) }
