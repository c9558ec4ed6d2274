package durable

import (
	"os"
	"syscall"
)

// ReadDir is os.ReadDir, but does not wait for what is at the other end of a
// pipe that stands where a folder should be.
func ReadDir(path string) ([]os.DirEntry, error) {
	if err := folder(path); err != nil {
		return nil, err
	}
	return os.ReadDir(path)
}

// OpenRoot is os.OpenRoot, and does not wait either.
func OpenRoot(path string) (*os.Root, error) {
	if err := folder(path); err != nil {
		return nil, err
	}
	return os.OpenRoot(path)
}

// folder is the error of what is there and is no folder.
func folder(path string) error {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return &os.PathError{Op: "open", Path: path, Err: syscall.ENOTDIR}
	}
	return nil
}
