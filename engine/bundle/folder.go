package bundle

import (
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/engine/index"
)

// A folder is an open folder of a project or of a bundle. Everything below a
// project is opened from one, name by name and never through a symlink, so
// that nobody who renames things meanwhile can lead the program out of it.
type folder struct {
	fd int
}

// status is what the system says of a file.
type status struct {
	index.Status
	kind kind
}

// executable says whether the file is, by its owner.
func (s status) executable() bool { return s.Mode&0o100 != 0 }

type kind uint8

const (
	kindOther kind = iota
	kindFile
	kindFolder
	kindSymlink
	kindSocket
	kindFIFO
	kindDevice
)

func (k kind) String() string {
	return [...]string{"a special file", "a file", "a folder", "a symlink", "a socket", "a FIFO", "a device"}[k]
}

const openFolderFlags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC

// openRoot opens a folder by any path; the path itself may hold symlinks.
func openRoot(name string) (*folder, error) {
	fd, err := retry(func() (int, error) { return unix.Open(name, openFolderFlags, 0) })
	if err != nil {
		return nil, fmt.Errorf("folder %s: %w", name, err)
	}
	return &folder{fd}, nil
}

func (f *folder) close() { unix.Close(f.fd) }

// open opens a folder below f by its slash path; "" is f again.
func (f *folder) open(name string) (*folder, error) {
	if name == "" {
		name = "."
	}
	at := f.fd
	for part := range strings.SplitSeq(name, "/") {
		fd, err := retry(func() (int, error) {
			return unix.Openat(at, part, openFolderFlags|unix.O_NOFOLLOW, 0)
		})
		if at != f.fd {
			unix.Close(at)
		}
		if err != nil {
			return nil, err
		}
		at = fd
	}
	return &folder{at}, nil
}

// openFile opens what is thought to be a regular file, for reading. It does
// not follow a symlink and does not wait for the other end of a FIFO.
func (f *folder) openFile(name string) (int, error) {
	return retry(func() (int, error) {
		return unix.Openat(f.fd, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
}

// createFile creates a file that is not there yet, for writing and for
// reading back.
func (f *folder) createFile(name string, executable bool) (int, error) {
	mode := uint32(0o644)
	if executable {
		mode = 0o755
	}
	return retry(func() (int, error) {
		return unix.Openat(f.fd, name, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, mode)
	})
}

// createFolder creates a folder below f by its slash path; the folders above
// it are there.
func (f *folder) createFolder(name string) error {
	dir, base := path.Split(name)
	parent, err := f.open(strings.TrimSuffix(dir, "/"))
	if err != nil {
		return err
	}
	defer parent.close()
	return unix.Mkdirat(parent.fd, base, 0o755)
}

// names lists what is in the folder, in no order.
func (f *folder) names(buffer []byte) ([]string, error) {
	var names []string
	for {
		n, err := retry(func() (int, error) { return unix.ReadDirent(f.fd, buffer) })
		if err != nil || n <= 0 {
			return names, err
		}
		_, _, names = unix.ParseDirent(buffer[:n], -1, names)
	}
}

// stat describes a file in the folder, not following a symlink.
func (f *folder) stat(name string) (status, error) {
	var st unix.Stat_t
	_, err := retry(func() (int, error) { return 0, unix.Fstatat(f.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW) })
	return newStatus(&st), err
}

// readlink is the text of a symlink in the folder.
func (f *folder) readlink(name string) (string, error) {
	for length := 256; ; length *= 2 {
		buffer := make([]byte, length)
		n, err := retry(func() (int, error) { return unix.Readlinkat(f.fd, name, buffer) })
		if err != nil {
			return "", err
		}
		if n < length {
			return string(buffer[:n]), nil
		}
	}
}

// statusOf describes an open file.
func statusOf(fd int) (status, error) {
	var st unix.Stat_t
	_, err := retry(func() (int, error) { return 0, unix.Fstat(fd, &st) })
	return newStatus(&st), err
}

func newStatus(st *unix.Stat_t) status {
	s := status{Status: index.StatusOf(st)}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		s.kind = kindFile
	case unix.S_IFDIR:
		s.kind = kindFolder
	case unix.S_IFLNK:
		s.kind = kindSymlink
	case unix.S_IFSOCK:
		s.kind = kindSocket
	case unix.S_IFIFO:
		s.kind = kindFIFO
	case unix.S_IFCHR, unix.S_IFBLK:
		s.kind = kindDevice
	}
	return s
}

// retry calls a system call again as long as a signal interrupts it.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != unix.EINTR {
			return n, err
		}
	}
}
