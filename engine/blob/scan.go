package blob

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/engine/index"
)

// maxEntries bounds how much one output can hold.
const maxEntries = 1_000_000

// Digest is the digest that Put would give the file or folder at path, which is
// absolute. Files that the index knows by their absolute paths are not read; nil
// for reading all of them.
func Digest(path string, known *index.Pass) (string, error) {
	dir, name := filepath.Split(path)
	root, err := os.OpenRoot(filepath.Clean(dir))
	if err != nil {
		return "", fmt.Errorf("output %s cannot be read: %w", path, err)
	}
	defer root.Close()
	s := &scanner{root: root, top: name, dir: dir, known: known}
	return s.scan()
}

// scan reads the file or folder at the slash path name below root once, gives
// its digest, and copies it on the way if there is a copier.
func scan(root *os.Root, name string, to *copier) (string, error) {
	s := &scanner{root: root, top: name, to: to}
	return s.scan()
}

func (s *scanner) scan() (string, error) {
	root, name := s.root, s.top
	info, err := root.Lstat(name)
	if err != nil {
		return "", fmt.Errorf("output %s cannot be read: %w", name, err)
	}
	switch {
	case info.Mode().IsRegular():
		content, program, err := s.file("", info)
		return fileDigest(program, content), err
	case info.IsDir():
		if s.inside, err = root.OpenRoot(name); err != nil {
			return "", fmt.Errorf("output %s cannot be read: %w", name, err)
		}
		defer s.inside.Close()
		if err := s.folder(""); err != nil {
			return "", err
		}
		return folderDigest(s.entries), nil
	case info.Mode()&fs.ModeSymlink != 0:
		return "", fmt.Errorf("output %s is a symbolic link; it must be the file or folder itself", name)
	}
	return "", fmt.Errorf("output %s is %s; an output is a file or a folder", name, kind(info.Mode()))
}

// scanner walks one output. Its paths are slash paths below the output; "" is
// the output itself.
type scanner struct {
	root    *os.Root
	top     string   // the output, below root
	inside  *os.Root // the output, if it is a folder
	to      *copier  // may be nil
	entries []entry
	known   *index.Pass // may be nil; else there is no copier
	dir     string      // of root, absolute, with a slash at its end
}

// entry is one thing in a folder.
type entry struct {
	path    string
	kind    byte // 'd' folder, 'f' file, 'l' link
	program bool // executable by its owner
	content [sha256.Size]byte
}

func (s *scanner) name(rel string) string { return path.Join(s.top, rel) }

func (s *scanner) folder(rel string) error {
	if err := s.to.folder(rel); err != nil {
		return err
	}
	f, err := s.root.Open(s.name(rel))
	if err != nil {
		return fmt.Errorf("output %s cannot be read: %w", s.name(rel), err)
	}
	names, err := f.Readdirnames(-1)
	f.Close()
	if err != nil {
		return fmt.Errorf("output %s cannot be read: %w", s.name(rel), err)
	}
	slices.Sort(names)
	for _, base := range names {
		if err := s.entry(path.Join(rel, base)); err != nil {
			return err
		}
	}
	return nil
}

func (s *scanner) entry(rel string) error {
	if len(s.entries) >= maxEntries {
		return fmt.Errorf("output %s holds more than %d files; pack them into an archive", s.top, maxEntries)
	}
	info, err := s.root.Lstat(s.name(rel))
	if err != nil {
		return fmt.Errorf("output %s cannot be read: %w", s.name(rel), err)
	}
	e := entry{path: rel}
	switch {
	case info.Mode().IsRegular():
		e.kind = 'f'
		e.content, e.program, err = s.file(rel, info)
		s.entries = append(s.entries, e)
		return err
	case info.IsDir():
		e.kind = 'd'
		s.entries = append(s.entries, e)
		return s.folder(rel)
	case info.Mode()&fs.ModeSymlink != 0:
		e.kind = 'l'
		target, err := s.link(rel)
		e.content = sha256.Sum256([]byte(target))
		s.entries = append(s.entries, e)
		return err
	}
	return fmt.Errorf("output %s is %s; an output holds files, folders and links", s.name(rel), kind(info.Mode()))
}

// link reads a symbolic link, which must stay inside the output by its text
// and in fact.
func (s *scanner) link(rel string) (string, error) {
	target, err := s.root.Readlink(s.name(rel))
	if err != nil {
		return "", fmt.Errorf("output %s cannot be read: %w", s.name(rel), err)
	}
	_, err = s.inside.Stat(rel)
	if filepath.IsAbs(target) || !filepath.IsLocal(path.Join(path.Dir(rel), target)) ||
		err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("output %s is a symbolic link to %q, which does not stay inside the output; "+
			"copy what it points to, or link to it by a relative path", s.name(rel), target)
	}
	return target, s.to.link(target, rel)
}

// recall is the digest of a file's content as the index knows it.
func (s *scanner) recall(rel string) (content [sha256.Size]byte, program, ok bool) {
	if s.known == nil {
		return content, false, false
	}
	var st unix.Stat_t
	if unix.Lstat(s.dir+s.name(rel), &st) != nil {
		return content, false, false
	}
	digest, ok := s.known.Digest(s.dir+s.name(rel), index.StatusOf(&st))
	return content, st.Mode&0o100 != 0, ok && copy(content[:], digest) == len(content)
}

// file reads one file, again if it changed meanwhile.
func (s *scanner) file(rel string, info fs.FileInfo) (content [sha256.Size]byte, program bool, err error) {
	if content, program, ok := s.recall(rel); ok {
		return content, program, nil
	}
	name := s.name(rel)
	for range 3 {
		f, err := s.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			return content, false, fmt.Errorf("output %s cannot be read: %w", name, err)
		}
		var status [2]unix.Stat_t
		before, err := f.Stat()
		// What was looked at before must be what was opened: it may have been
		// made a pipe or a link in between.
		if err == nil && (!os.SameFile(info, before) || !before.Mode().IsRegular()) {
			f.Close()
			if info, err = s.root.Lstat(name); err != nil || !info.Mode().IsRegular() {
				break
			}
			continue
		}
		program = before.Mode()&0o100 != 0
		if err == nil {
			err = unix.Fstat(int(f.Fd()), &status[0])
		}
		if err == nil {
			content, err = s.to.copy(f, rel, program)
		}
		if err == nil {
			err = unix.Fstat(int(f.Fd()), &status[1])
		}
		f.Close()
		if err != nil {
			var copying *copyError
			if errors.As(err, &copying) {
				return content, false, err
			}
			return content, false, fmt.Errorf("output %s cannot be read: %w", name, err)
		}
		if now := index.StatusOf(&status[0]); now == index.StatusOf(&status[1]) {
			s.known.Put(s.dir+name, now, string(content[:]))
			return content, program, nil
		}
		if err := s.to.forget(rel); err != nil {
			return content, false, err
		}
	}
	return content, false, fmt.Errorf("output %s changes while it is read; something still writes to it", name)
}

// kind names what is neither file, folder nor link.
func kind(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "no regular file"
}

// fileDigest is the digest of an output that is one file.
func fileDigest(program bool, content [sha256.Size]byte) string {
	return fmt.Sprintf("h1:%x", sha256.Sum256(fmt.Appendf(nil, "flowrider output 1 file\n%t %x\n", program, content)))
}

// folderDigest is the digest of an output that is a folder. Paths are bytes,
// in byte order, with their lengths, so that no two folders have one text.
func folderDigest(entries []entry) string {
	slices.SortFunc(entries, func(a, b entry) int {
		if a.path < b.path {
			return -1
		}
		return 1
	})
	h := sha256.New()
	io.WriteString(h, "flowrider output 1 folder\n")
	for _, e := range entries {
		fmt.Fprintf(h, "%c %t %x %d %s\n", e.kind, e.program, e.content, len(e.path), e.path)
	}
	return fmt.Sprintf("h1:%x", h.Sum(nil))
}
