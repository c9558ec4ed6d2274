//go:build !linux

package index

import (
	"time"

	"golang.org/x/sys/unix"
)

// sinceBoot is the clock that nobody can set. It goes on while the machine
// sleeps.
const sinceBoot = unix.CLOCK_MONOTONIC

// marginOf is the margin of the file system of an open file.
func marginOf(fd int) time.Duration {
	var st unix.Statfs_t
	if unix.Fstatfs(fd, &st) != nil {
		return marginOther
	}
	switch unix.ByteSliceToString(st.Fstypename[:]) {
	case "apfs", "zfs", "ntfs", "tmpfs":
		return marginLocal
	}
	return marginOther
}
