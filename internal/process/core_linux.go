package process

import "golang.org/x/sys/unix"

// restoreCore gives a process that was just started the limit on core dumps
// that this program was started with.
func restoreCore(pid int) {
	if own := ownCore.Load(); own != nil {
		_ = unix.Prlimit(pid, unix.RLIMIT_CORE, &unix.Rlimit{Cur: own.Cur, Max: own.Max}, nil) // not that of another user
	}
}
