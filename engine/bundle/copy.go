package bundle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/engine/index"
)

// Copy copies the files of a selection to the folder dest, which must be
// empty or not there yet, and lists what it copied: each digest is of the
// very bytes that lie in dest, and is put into the index; what is linked and not
// copied is looked up there. The copy is the caller's to write in. If Copy fails,
// dest is gone; the errors are those of List, and ctx's.
func Copy(ctx context.Context, sel Selection, dest string, files *index.Index) (*Listing, error) {
	p, err := prepare(sel)
	if err != nil {
		return nil, err
	}
	defer p.top.close()
	if err := createDest(dest); err != nil {
		return nil, err
	}
	p.begin(files)
	l, err := p.copyTo(ctx, dest)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dest))
	}
	return l, nil
}

// createDest makes sure that dest is an empty folder that only the user can
// enter.
func createDest(dest string) error {
	if err := os.MkdirAll(dest, 0o700); err != nil {
		return fmt.Errorf("folder for the bundle: %w", err)
	}
	f, err := os.Open(dest)
	if err != nil {
		return fmt.Errorf("folder for the bundle: %w", err)
	}
	defer f.Close()
	if _, err := f.Readdirnames(1); err != io.EOF {
		return fmt.Errorf("folder for the bundle, %s, is not empty; name another one", dest)
	}
	if err := f.Chmod(0o700); err != nil {
		return fmt.Errorf("folder for the bundle: %w", err)
	}
	return nil
}

func (p *plan) copyTo(ctx context.Context, dest string) (*Listing, error) {
	if err := p.checkSpace(dest); err != nil {
		return nil, err
	}
	to, err := openRoot(dest)
	if err != nil {
		return nil, err
	}
	defer to.close()
	if err := p.createFolders(to); err != nil {
		return nil, err
	}
	p.recallLinked()
	files, errs := p.read(ctx, p.files, to)
	if err := joinErrors(errs); err != nil {
		return nil, err
	}
	for _, e := range p.symlinks {
		dir, err := to.open(folderOf(e.Path))
		if err != nil {
			return nil, &destError{e.Path, err}
		}
		err = dir.symlink(e.Target, e.Path)
		dir.close()
		if err != nil {
			return nil, err
		}
	}
	return p.listing(files), nil
}

// recallLinked looks up the files that are linked.
func (p *plan) recallLinked() {
	for i := range p.files {
		if f := &p.files[i]; f.linked {
			f.digest, _ = p.pass.Digest(f.path, f.status.Status)
		}
	}
}

// createFolders creates the folders that entries lie in, the upper ones first.
func (p *plan) createFolders(to *folder) error {
	all := map[string]bool{}
	add := func(name string) {
		for dir := folderOf(name); dir != "" && !all[dir]; dir = folderOf(dir) {
			all[dir] = true
		}
	}
	for _, f := range p.files {
		add(f.path)
	}
	for _, e := range p.symlinks {
		add(e.Path)
	}
	for _, dir := range slices.Sorted(maps.Keys(all)) {
		if err := to.createFolder(dir); err != nil {
			return &destError{dir, err}
		}
	}
	return nil
}

// destError is a failure to write the bundle, which no change of the
// selection mends.
type destError struct {
	path string // slash path in the bundle
	err  error
}

func (e *destError) Error() string {
	text := fmt.Sprintf("bundle: %s cannot be written: %v", quote(e.path), e.err)
	if errors.Is(e.err, unix.ENOSPC) || errors.Is(e.err, unix.EDQUOT) {
		text += "; free some space, exclude what the flow does not read, or link large files"
	}
	return text
}

func (e *destError) Unwrap() error { return e.err }

// symlink creates a symlink in a folder of the bundle; at is its whole path
// there.
func (f *folder) symlink(target, at string) error {
	if err := unix.Symlinkat(target, f.fd, path.Base(at)); err != nil {
		return &destError{at, err}
	}
	return nil
}

// copyFile copies a regular file and digests the bytes of the copy. at is its
// whole path; both folders are those that it lies in.
func (s *scratch) copyFile(ctx context.Context, from, to *folder, at string) (facts, error) {
	name := path.Base(at)
	created := false
	return s.tryStill(func() (facts, error) {
		in, err := from.openFile(name)
		if err != nil {
			return facts{}, err
		}
		defer unix.Close(in)
		return holdStill(in, func(before status) (string, error) {
			if created { // by an attempt before this one
				if err := unix.Unlinkat(to.fd, name, 0); err != nil {
					return "", &destError{at, err}
				}
			}
			out, err := to.createFile(name, before.executable())
			if err != nil {
				return "", &destError{at, err}
			}
			created = true
			digest, err := s.copyBytes(ctx, in, out, at, before.Size)
			if closeErr := unix.Close(out); err == nil && closeErr != nil {
				err = &destError{at, closeErr}
			}
			return digest, err
		})
	})
}

// copyBytes copies size bytes between open files and digests them: a small
// file from memory on its way, a large one from its copy, so that the file
// system may share the blocks.
func (s *scratch) copyBytes(ctx context.Context, in, out int, at string, size int64) (string, error) {
	if size <= int64(len(s.buffer)) {
		n := 0
		for n < int(size) {
			read, err := readAt(in, s.buffer[n:size], int64(n))
			if err != nil {
				return "", err
			}
			n += read
		}
		s.sum.Reset()
		s.sum.Write(s.buffer[:n])
		return s.wholeDigest(), writeAt(out, s.buffer[:n], 0, at)
	}
	done := copyRange(ctx, in, out, size)
	for done < size {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := readAt(in, s.buffer[:min(int64(len(s.buffer)), size-done)], done)
		if err != nil {
			return "", err
		}
		if err := writeAt(out, s.buffer[:n], done, at); err != nil {
			return "", err
		}
		done += int64(n)
	}
	digest, err := s.digestBytes(out, size)
	if err != nil {
		return "", &destError{at, err}
	}
	return digest, nil
}

// writeAt writes all of the data to an open file of the bundle.
func writeAt(fd int, data []byte, offset int64, at string) error {
	for len(data) > 0 {
		n, err := retry(func() (int, error) { return unix.Pwrite(fd, data, offset) })
		if err != nil {
			return &destError{at, err}
		}
		data = data[n:]
		offset += int64(n)
	}
	return nil
}

// original is the absolute path of a file of the project.
func (c *compiled) original(name string) string {
	return filepath.Join(c.root, filepath.FromSlash(name))
}
