package process

import "golang.org/x/sys/unix"

// suspendThread suspends this program, and returns when it has been continued.
// The signal goes to this very thread, so that it has no time to go on.
//
// The signal of Ctrl-Z itself would need its handler to be taken away, and the
// next Ctrl-Z might come before that is back. It knows when not to suspend,
// though: where nobody could continue the program.
func suspendThread() {
	if !orphaned(processes()) {
		_ = unix.Tgkill(ownPID, unix.Gettid(), unix.SIGSTOP)
	}
}

// orphaned says whether nobody watches over this program's process group, such
// as a shell that would notice that it is suspended: no member has a parent in
// another group of the session.
func orphaned(all []proc) bool {
	group, parents := unix.Getpgrp(), map[int]proc{}
	for _, p := range all {
		parents[p.pid] = p
	}
	for _, p := range all {
		parent, ok := parents[p.ppid]
		if p.pgrp == group && ok && parent.session == p.session && parent.pgrp != group {
			return false
		}
	}
	return true
}
