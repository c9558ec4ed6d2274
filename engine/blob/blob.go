// Package blob keeps the outputs of finished runs, files and folders, by the
// digest of what is in them, so that a dependent flow can read them and a lost
// copy can be restored. They are in .flowrider/blobs/<digest>/<name>, where
// <name> is the output's own file name. Displace moves aside what stands where
// an output goes.
//
// What comes out is what went in: a blob that is missing, or differs from its
// digest in any way, is a *Missing. It does not know which run made an output
// (engine/record), nor where one is published (engine/runner/command), and it
// writes through internal/durable.
package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/flowrider/flowrider/internal/durable"
)

// Store is the store of one project. Its methods may be called from many
// goroutines.
type Store struct {
	folder string
	writer durable.Writer
}

// Missing is the error of a blob that is not there, or not what its digest
// says.
type Missing struct {
	Digest string
	Name   string
	Reason string
}

func (e *Missing) Error() string {
	return fmt.Sprintf("output %q with digest %s is not in the store: %s", e.Name, e.Digest, e.Reason)
}

// Open names the store below the folder root. Nothing is read or made.
func Open(root string) *Store { return OpenWith(root, durable.Writer{}) }

// OpenWith is Open with another way to write.
func OpenWith(root string, w durable.Writer) *Store {
	return &Store{folder: filepath.Join(root, ".flowrider", "blobs"), writer: w}
}

// Path is where the blob is, whether it is there or not. Whoever hands it to
// a process calls Verify first.
func (s *Store) Path(digest, name string) string {
	return filepath.Join(s.home(digest), plainName(name))
}

// home is the folder of all blobs with a digest.
func (s *Store) home(digest string) string {
	digits, ok := strings.CutPrefix(digest, "h1:")
	if raw, err := hex.DecodeString(digits); !ok || err != nil || len(raw) != sha256.Size {
		// Not one of ours. No blob is there, and the path leads nowhere else.
		digits = fmt.Sprintf("unknown-%x", sha256.Sum256([]byte(digest)))
	}
	return filepath.Join(s.folder, digits)
}

// plainName keeps names from leading out of a blob's folder.
func plainName(name string) string {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
		return fmt.Sprintf("unknown-%x", sha256.Sum256([]byte(name)))
	}
	return name
}

// Has says whether something is there, without reading it: plan's answer. It
// is believed only after Verify.
func (s *Store) Has(digest, name string) bool {
	info, err := os.Lstat(s.Path(digest, name))
	return err == nil && (info.IsDir() || info.Mode().IsRegular())
}

// Verify reads the whole blob and compares it with its digest. The error is a
// *Missing.
func (s *Store) Verify(digest, name string) error {
	_, err := s.read(digest, name, nil)
	return err
}

// read reads a blob, copies it if there is a copier, and checks it.
func (s *Store) read(digest, name string, to *copier) (string, error) {
	missing := func(reason string) error { return &Missing{digest, name, reason} }
	home, err := os.OpenRoot(s.home(digest))
	if errors.Is(err, fs.ErrNotExist) {
		return "", missing("it was never stored here, or was removed")
	}
	if err != nil {
		return "", missing(err.Error())
	}
	defer home.Close()
	found, err := scan(home, plainName(name), to)
	var copying *copyError
	switch {
	case errors.As(err, &copying):
		return "", err
	case errors.Is(err, fs.ErrNotExist):
		return "", missing("it was never stored here, or was removed")
	case err != nil:
		return "", missing(err.Error())
	case found != digest:
		return "", missing("its content has changed since it was stored")
	}
	return found, nil
}

// Put stores the file or folder at path and gives its digest. It is durable
// when Put returns nil. Files in the store are read-only. Whatever is in the
// output and is no file, folder or link that stays inside is refused by name.
func (s *Store) Put(path string) (digest string, err error) {
	return s.PutFrom(filepath.Dir(path), filepath.Base(path), filepath.Base(path))
}

// storing lets one output after another take its place: of two that are equal
// and come at once, the second then finds the first.
var storing sync.Mutex

// PutFrom is Put of the slash path name below the folder dir, for paths that a
// process has had in its hands: no link on the way leads out of dir. In the
// store its own name is base.
func (s *Store) PutFrom(dir, name, base string) (digest string, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", fmt.Errorf("output %s cannot be read: %w", filepath.Join(dir, name), err)
	}
	defer root.Close()
	blobs, err := s.writer.OpenDir(s.folder)
	if err != nil {
		return "", err
	}
	defer blobs.Close()
	stage, err := blobs.Stage("put")
	if err != nil {
		return "", err
	}
	defer stage.Discard()
	digest, err = scan(root, name, &copier{stage: stage, file: 0o444, program: 0o555})
	if err != nil {
		return "", err
	}
	storing.Lock()
	defer storing.Unlock()
	if s.Verify(digest, base) == nil {
		// There already, perhaps by a process that was killed before it had
		// synced the last folder.
		home, err := s.writer.OpenDir(s.home(digest))
		if err != nil {
			return "", err
		}
		defer home.Close()
		return digest, home.Sync()
	}
	return digest, stage.Commit(staged, filepath.Base(s.home(digest))+"/"+base)
}

// Restore copies a blob to dest, as files that their owner can write to. What
// is at dest is replaced, but only after the copy was found to be what the
// digest says; else the error is a *Missing and dest is as it was.
//
// What was replaced is given to replaced, as the path at which it is until
// that returns; it is removed then. Where replaced cannot have that, and gives
// an error, everything is put back.
func (s *Store) Restore(digest, name, dest string, replaced func(path string) error) error {
	if err := s.quickCheck(digest, name); err != nil {
		return err
	}
	dir, err := s.writer.OpenDir(filepath.Dir(dest))
	if err != nil {
		return err
	}
	defer dir.Close()
	stage, err := dir.Stage(filepath.Base(dest))
	if err != nil {
		return err
	}
	defer stage.Discard()
	if _, err := s.read(digest, name, &copier{stage: stage, file: 0o644, program: 0o755}); err != nil {
		return err
	}
	out, err := stage.Swap(staged, filepath.Base(dest))
	if out == "" {
		return err
	}
	refusal := replaced(out)
	if refusal == nil {
		return err
	}
	if _, err := stage.Swap(staged, filepath.Base(dest)); err != nil {
		stage.Leave()
		return fmt.Errorf("%w; what was there is now %s", refusal, out)
	}
	return refusal
}

// quickCheck spares the folders on the way to dest where there is no blob.
func (s *Store) quickCheck(digest, name string) error {
	if !s.Has(digest, name) {
		return &Missing{digest, name, "it was never stored here, or was removed"}
	}
	return nil
}

// RemoveLeftovers removes what killed processes have left in the store. The
// caller holds the apply lock.
func (s *Store) RemoveLeftovers() error {
	if _, err := os.Stat(s.folder); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	dir, err := s.writer.OpenDir(s.folder)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.RemoveLeftovers()
}
