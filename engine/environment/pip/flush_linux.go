package pip

import (
	"os"

	"golang.org/x/sys/unix"
)

// flush writes the file system that dir lies on to disk: one call instead of
// an fsync for each of some ten thousand files.
func flush(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.Syncfs(int(f.Fd()))
}
