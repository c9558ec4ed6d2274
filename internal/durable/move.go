package durable

import (
	"os"
	"path/filepath"
)

// Move renames a file, link or folder to a path at which nothing is, making
// the folders on the way. Both folders are synced before it returns, so that
// after a power cut it is at one of the two places. Across file systems it is
// an error, and nothing has moved.
func Move(from, to string) error {
	target, err := system.OpenDir(filepath.Dir(to))
	if err != nil {
		return err
	}
	defer target.Close()
	if err := os.Rename(from, to); err != nil {
		return err
	}
	if err := target.Sync(); err != nil {
		return &Unsure{Path: to, Err: err}
	}
	source, err := system.OpenDir(filepath.Dir(from))
	if err != nil {
		return err
	}
	defer source.Close()
	if err := source.Sync(); err != nil {
		return &Unsure{Path: from, Err: err}
	}
	return nil
}
