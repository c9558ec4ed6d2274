package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"syscall"
)

// Stage is a temporary folder in which a file or a tree is built up, to be
// put into its place in one step. Names are slash paths below the stage. A
// Stage is for one goroutine. It must end with Commit, Discard or Leave.
type Stage struct {
	dir     *Dir
	temp    string
	folders []string // made in the stage, parents first
	err     error    // of the first file that could not be made durable
}

// Stage makes a new stage for what will be called name, in this folder.
func (d *Dir) Stage(name string) (*Stage, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	s := &Stage{dir: d, temp: tempName(name)}
	if err := d.folder.Mkdir(s.temp); err != nil {
		return nil, d.failed(name, err)
	}
	return s, nil
}

// Mkdir makes a folder in the stage.
func (s *Stage) Mkdir(name string) error {
	if err := s.dir.folder.Mkdir(s.path(name)); err != nil {
		return s.dir.failed(name, err)
	}
	s.folders = append(s.folders, name)
	return nil
}

// Symlink makes a symbolic link in the stage.
func (s *Stage) Symlink(target, name string) error {
	if err := s.dir.folder.Symlink(target, s.path(name)); err != nil {
		return s.dir.failed(name, err)
	}
	return nil
}

// Create makes a file in the stage. Its Close syncs it.
func (s *Stage) Create(name string, perm fs.FileMode) (io.WriteCloser, error) {
	f, err := s.dir.folder.Create(s.path(name), perm)
	if err != nil {
		return nil, s.dir.failed(name, err)
	}
	return &stagedFile{stage: s, name: name, file: f}, nil
}

// Remove takes a file out of the stage again.
func (s *Stage) Remove(name string) error {
	if err := s.dir.folder.Remove(s.path(name)); err != nil {
		return s.dir.failed(name, err)
	}
	return nil
}

type stagedFile struct {
	stage *Stage
	name  string
	file  File
}

func (f *stagedFile) Write(p []byte) (int, error) {
	n, err := f.file.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return n, f.keep(err)
}

func (f *stagedFile) Close() error {
	err := f.file.Sync()
	return f.keep(errors.Join(err, f.file.Close()))
}

// keep remembers the first error, so that a stage with a broken file can
// never be committed.
func (f *stagedFile) keep(err error) error {
	if err == nil {
		return nil
	}
	err = f.stage.dir.failed(f.name, err)
	if f.stage.err == nil {
		f.stage.err = err
	}
	return err
}

// Commit makes all that was staged durable, moves name from the stage to the
// slash path to, which lies below the folder that the stage is in, and removes
// the stage. A file that is at to is replaced in one step. A folder there
// cannot be: it is moved into the stage first, and a crash in that instant
// leaves nothing at to.
func (s *Stage) Commit(name, to string) error {
	defer s.Discard()
	if err := s.secure(to); err != nil {
		return err
	}
	if err := s.place(name, to); err != nil {
		return s.dir.failed(to, err)
	}
	if err := s.dir.folder.Sync(path.Dir(to)); err != nil {
		return &Unsure{Path: filepath.Join(s.dir.path, to), Err: err}
	}
	return nil
}

// Swap is Commit for a place at which something may be that must not be lost.
// out is where that is now, in the stage, absolute; "" if nothing was at to.
// Discard removes it, unless it was moved away, or put back by another Swap.
// out is also given with an *Unsure error.
func (s *Stage) Swap(name, to string) (out string, err error) {
	if err := s.secure(to); err != nil {
		return "", err
	}
	cameOut, err := s.dir.folder.Swap(s.path(name), to)
	if err != nil {
		return "", s.dir.failed(to, err)
	}
	if cameOut {
		out = filepath.Join(s.dir.path, filepath.FromSlash(s.path(name)))
	}
	for _, folder := range []string{s.temp, path.Dir(to)} {
		if err := s.dir.folder.Sync(folder); err != nil {
			return out, &Unsure{Path: filepath.Join(s.dir.path, to), Err: err}
		}
	}
	return out, nil
}

// secure makes all that was staged durable, and the folder that to shall be
// in.
func (s *Stage) secure(to string) error {
	if s.err != nil {
		return s.err
	}
	for _, folder := range slices.Backward(s.folders) {
		if err := s.dir.folder.Sync(s.path(folder)); err != nil {
			return s.dir.failed(to, err)
		}
	}
	s.folders = nil
	return s.makeParent(to)
}

// Leave ends the stage without removing what is in it.
func (s *Stage) Leave() { s.temp = "" }

// place renames name in the stage to the path to.
func (s *Stage) place(name, to string) error {
	folder := s.dir.folder
	err := folder.Rename(s.path(name), to)
	inTheWay := errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.EISDIR) || errors.Is(err, syscall.ENOTDIR)
	if !inTheWay {
		return err
	}
	const aside = "/.displaced"
	if err := folder.Rename(to, s.temp+aside); err != nil {
		return err
	}
	if err := folder.Rename(s.path(name), to); err != nil {
		if folder.Rename(s.temp+aside, to) != nil {
			err = fmt.Errorf("%w; what was there is now in %s", err, s.temp+aside)
			s.temp = "" // so that it is not removed
		}
		return err
	}
	return nil
}

// makeParent creates the folder that to shall be in.
func (s *Stage) makeParent(to string) error {
	if !filepath.IsLocal(to) || to == "." {
		return fmt.Errorf("%q is not a place below %s", to, s.dir.path)
	}
	if path.Dir(to) == "." {
		return nil
	}
	parent, err := Writer{s.dir.shared}.OpenDir(filepath.Join(s.dir.path, path.Dir(to)))
	if err != nil {
		return err
	}
	return parent.Close()
}

// Discard removes the stage with all that is in it. After Commit it does
// nothing. What it cannot remove is left for RemoveLeftovers.
func (s *Stage) Discard() {
	if s.temp != "" {
		s.dir.folder.RemoveAll(s.temp)
		s.temp = ""
	}
}

func (s *Stage) path(name string) string { return s.temp + "/" + name }
