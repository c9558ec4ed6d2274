package durable

import (
	"errors"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// Swap exchanges the two names in one step, or, where nothing has the second,
// renames in a way that can replace nothing.
func (d osFolder) Swap(from, to string) (cameOut bool, err error) {
	folder, err := d.root.Open(path.Dir(from))
	if err != nil {
		return false, err
	}
	defer folder.Close()
	target, err := d.root.Open(path.Dir(to))
	if err != nil {
		return false, err
	}
	defer target.Close()
	rename := func(flags uint) error {
		return unix.Renameat2(int(folder.Fd()), path.Base(from), int(target.Fd()), path.Base(to), flags)
	}
	for range 100 { // somebody else may make and remove it all the time
		if err = rename(unix.RENAME_EXCHANGE); err == nil {
			return true, nil
		}
		if errors.Is(err, unix.ENOENT) {
			if err = rename(unix.RENAME_NOREPLACE); err == nil {
				return false, nil
			}
		}
		if !errors.Is(err, unix.EEXIST) {
			break
		}
	}
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP) {
		return swapInSteps(d.root, from, to)
	}
	return false, &os.LinkError{Op: "swap", Old: from, New: to, Err: err}
}
