package index

import (
	"time"

	"golang.org/x/sys/unix"
)

// sinceBoot is the clock that nobody can set. It goes on while the machine
// sleeps.
const sinceBoot = unix.CLOCK_BOOTTIME

// ntfs3 is the number of the kernel's own driver for NTFS.
const ntfs3 = 0x7366746e

// zfs is the number of ZFS.
const zfs = 0x2fc12fc1

// marginOf is the margin of the file system of an open file.
func marginOf(fd int) time.Duration {
	var st unix.Statfs_t
	if unix.Fstatfs(fd, &st) != nil {
		return marginOther
	}
	switch uint32(st.Type) {
	case unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.TMPFS_MAGIC, zfs, ntfs3:
		return marginLocal
	}
	return marginOther
}
