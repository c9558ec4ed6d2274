package durable

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"syscall"
)

// OS is the backend of the operating system. It reaches everything through
// os.Root, so a folder that is swapped for a link meanwhile leads nowhere
// else, and every descriptor is close-on-exec.
func OS() Backend { return osBackend{} }

type osBackend struct{}

func (osBackend) OpenFolder(path string) (Folder, error) {
	root, err := OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return osFolder{root}, nil
}

type osFolder struct{ root *os.Root }

func (d osFolder) Create(name string, perm fs.FileMode) (File, error) {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (d osFolder) Extend(name string) (File, error) {
	// O_NONBLOCK, so that a pipe of that name cannot make us wait.
	f, err := d.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: f.Name(), Err: errors.New("not a regular file")}
	}
	if err == nil {
		err = flock(f, syscall.LOCK_EX)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return osFile{f}, nil
}

func (d osFolder) Mkdir(name string) error           { return d.root.Mkdir(name, 0o755) }
func (d osFolder) Symlink(target, name string) error { return d.root.Symlink(target, name) }
func (d osFolder) Rename(from, to string) error      { return d.root.Rename(from, to) }
func (d osFolder) Remove(name string) error          { return d.root.Remove(name) }
func (d osFolder) RemoveAll(name string) error       { return d.root.RemoveAll(name) }
func (d osFolder) Close() error                      { return d.root.Close() }

func (d osFolder) Names() ([]string, error) {
	f, err := d.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}

// Sync accepts that a file system knows no fsync of folders (EINVAL, ENOTSUP:
// some shared folders of virtual machines). Names there are as durable as the
// file system makes them by itself, and there is nothing more to be done.
func (d osFolder) Sync(name string) error {
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	return errors.Join(err, f.Close())
}

func (d osFolder) Same(other Folder) bool {
	there, ok := other.(osFolder)
	if !ok {
		return false
	}
	mine, err := d.root.Stat(".")
	theirs, otherErr := there.root.Stat(".")
	return err == nil && otherErr == nil && os.SameFile(mine, theirs)
}

type osFile struct{ *os.File }

// Reserve asks the file system for the room, or writes the bytes where that
// knows no such wish.
func (f osFile) Reserve(size int64) error {
	now, err := f.Size()
	if err != nil || size <= now {
		return err
	}
	if err := allocate(f.File, size); !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	_, err = f.WriteAt(make([]byte, size-now), now)
	return err
}

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// flock takes or tries a lock on an open file. The kernel frees it when the
// last copy of the descriptor is closed, at the latest when the process dies.
func flock(f *os.File, how int) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var lockErr error
	err = conn.Control(func(fd uintptr) {
		for {
			lockErr = syscall.Flock(int(fd), how)
			if lockErr != syscall.EINTR {
				return
			}
		}
	})
	if err == nil {
		err = lockErr
	}
	if err != nil {
		return &fs.PathError{Op: "flock", Path: f.Name(), Err: err}
	}
	return nil
}
