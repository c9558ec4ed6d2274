package record

import (
	"os"
	"syscall"
)

// readDir is os.ReadDir, but does not wait for what is at the other end of a
// pipe that stands where a folder should be.
func readDir(path string) ([]os.DirEntry, error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return nil, &os.PathError{Op: "open", Path: path, Err: syscall.ENOTDIR}
	}
	return os.ReadDir(path)
}
