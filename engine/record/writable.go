package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/schema"
)

// CheckWritable finds out, before anything is run, whether records could be
// written: a folder without the right, or a read-only file system, is an error
// that names it. Nothing is written.
func (s *Store) CheckWritable() error {
	for _, folder := range []string{
		s.selected(""), s.choices.selected(""), s.local("."), s.local("history"), s.local("manifests"), s.local("attempts"), s.local("journal"),
		s.local("logs"), s.local("bundles"), s.local("blobs"),
	} {
		if err := s.checkFolder(folder); err != nil {
			return err
		}
	}
	return nil
}

// CheckReplaceable is CheckWritable for the records of flows that may run. The
// mode of a record is no obstacle, since it is replaced and not written to; that
// nobody may change it is one.
func (s *Store) CheckReplaceable(flows []schema.Address) error {
	for _, address := range flows {
		for _, kept := range []*Store{s, s.choices} {
			name := fileName(address)
			if err := kept.checkFolder(filepath.Dir(kept.selected(name))); err != nil {
				return err
			}
			if err := unix.Access(kept.selected(name), unix.W_OK); errors.Is(err, unix.EPERM) {
				return fmt.Errorf("%s cannot be replaced, since it is immutable (chattr -i makes it an ordinary file again): %w", path.Join(kept.runs, name), err)
			}
		}
	}
	return nil
}

// checkFolder is CheckWritable for one folder, which need not be there yet.
func (s *Store) checkFolder(folder string) error {
	there, err := nearest(folder)
	if err != nil {
		return err
	}
	if info, err := os.Stat(there); err == nil && !info.IsDir() {
		rel, _ := filepath.Rel(s.root, there)
		return fmt.Errorf("%s is not a folder; move it away", filepath.ToSlash(rel))
	}
	if err := unix.Access(there, unix.W_OK|unix.X_OK); err != nil {
		rel, relErr := filepath.Rel(s.root, there)
		if relErr != nil || rel == "." {
			rel = "the root folder"
		}
		return fmt.Errorf("%s cannot be written: %w", path.Clean(filepath.ToSlash(rel)), err)
	}
	return nil
}

// nearest is the folder itself, or the one above that is there.
func nearest(folder string) (string, error) {
	for {
		_, err := os.Stat(folder)
		if !errors.Is(err, fs.ErrNotExist) || filepath.Dir(folder) == folder {
			return folder, err
		}
		folder = filepath.Dir(folder)
	}
}
