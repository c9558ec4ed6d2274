package durable

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// allocate makes a file that long, with room for all of it. A file system that
// cannot promise room is errors.ErrUnsupported.
func allocate(f *os.File, size int64) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var made error
	err = conn.Control(func(fd uintptr) {
		for made = unix.EINTR; made == unix.EINTR; {
			made = unix.Fallocate(int(fd), 0, 0, size)
		}
	})
	if errors.Is(made, unix.EOPNOTSUPP) || errors.Is(made, unix.ENOSYS) || errors.Is(made, unix.EINVAL) {
		made = errors.ErrUnsupported
	}
	return errors.Join(err, made)
}
