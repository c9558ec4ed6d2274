package process

import (
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

var (
	subreaper   atomic.Bool
	startReaper sync.Once
	reaping     sync.Mutex
)

// BecomeSubreaper makes this program the parent of every orphan among its
// descendants, so that a process that daemonises itself stays within reach,
// and reaps those that end. An exit status that somebody here waits for,
// through this package or os/exec, is left to them. Only apply needs it.
func BecomeSubreaper() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl(PR_SET_CHILD_SUBREAPER)", err)
	}
	subreaper.Store(true)
	startReaper.Do(func() {
		ended := make(chan os.Signal, 1)
		signal.Notify(ended, syscall.SIGCHLD)
		go func() {
			for range ended {
				reapOrphans()
			}
		}()
	})
	return nil
}

// reapOrphans reaps adopted children that have ended.
func reapOrphans() {
	if !subreaper.Load() {
		return
	}
	reaping.Lock()
	defer reaping.Unlock()
	children, ok := ownChildren()
	if !ok {
		for _, p := range processes() {
			if p.ppid == ownPID {
				children = append(children, p.pid)
			}
		}
	}
	for _, pid := range children {
		if p, ok := readProcess(pid); ok && !p.alive() && isOrphan(p) {
			var status unix.WaitStatus
			_, _ = unix.Wait4(pid, &status, unix.WNOHANG, nil)
		}
	}
}

// isOrphan says whether a child of this program was started by a process of
// some tree, not by this program: it led a session of its own, or is in the
// group of a process that was started here, or was seen in a tree. What is
// started here is neither, except for the leaders themselves and guards. In doubt a
// child is not an orphan, and stays a zombie until this program ends.
func isOrphan(p proc) bool {
	trees.Lock()
	defer trees.Unlock()
	orphan := p.session != ownSession
	if trees.guards[p.pid] {
		return false
	}
	for _, t := range trees.live {
		if p.pid == t.leader {
			return false
		}
		orphan = orphan || p.pgrp == t.leader || t.known[p.member()]
	}
	return orphan
}
