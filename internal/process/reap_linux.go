package process

import (
	"os"
	"os/signal"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/internal/fault"
)

var (
	subreaper   atomic.Bool
	startReaper sync.Once
	reaping     sync.Mutex
	inherited   = map[member]bool{} // children from before: a shell may have become this program
)

// BecomeSubreaper makes this program the parent of every orphan among its
// descendants, so that a process that daemonises itself stays within reach,
// and reaps those that end. An exit status that somebody here waits for,
// through this package or os/exec, is left to them, unless os/exec has started
// a session: that looks like an orphan's. Only apply needs it.
func BecomeSubreaper() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl(PR_SET_CHILD_SUBREAPER)", err)
	}
	startReaper.Do(func() {
		trees.Lock()
		defer trees.Unlock()
		for _, pid := range children() {
			if p, ok := readProcess(pid); ok && !startedHere(pid) {
				inherited[p.member()] = true
			}
		}
		subreaper.Store(true)
		ended := make(chan os.Signal, 1)
		signal.Notify(ended, syscall.SIGCHLD)
		fault.Go(func() {
			for range ended {
				reapOrphans()
			}
		})
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
	for _, pid := range children() {
		if p, ok := readProcess(pid); ok && !p.alive() && isOrphan(p) {
			var status unix.WaitStatus
			_, _ = unix.Wait4(pid, &status, unix.WNOHANG, nil)
		}
	}
}

// startedHere says whether a child was started by this program itself. The
// caller has locked trees.
func startedHere(pid int) bool {
	return trees.own[pid] || slices.ContainsFunc(trees.live, func(t *tree) bool { return t.leader == pid })
}

// orphansLive says whether orphans that have become this program's children have
// not ended. The caller has locked trees.
func orphansLive() bool {
	return subreaper.Load() && slices.ContainsFunc(children(), func(pid int) bool {
		p, ok := readProcess(pid)
		return ok && p.alive() && p.adopted()
	})
}

// isOrphan says whether a child of this program was started by a process of
// some tree, not by this program: it led a session of its own, or is in the
// group of a process that was started here, or was seen in a tree. In doubt a
// child that has ended is not an orphan, and stays a zombie until this program
// ends: somebody here may wait for its exit status.
func isOrphan(p proc) bool {
	trees.Lock()
	defer trees.Unlock()
	if startedHere(p.pid) {
		return false
	}
	orphan := p.session != ownSession
	for _, t := range trees.live {
		orphan = orphan || p.pgrp == t.leader || t.known[p.member()]
	}
	return orphan
}
