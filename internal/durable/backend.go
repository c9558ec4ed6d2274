package durable

import (
	"io"
	"io/fs"
)

// Backend is what this package asks of a file system. OS is the real one;
// Faulty wraps another and makes one operation fail; Memory is a model that
// can lose its power.
type Backend interface {
	// OpenFolder opens an existing folder; the error is fs.ErrNotExist if
	// there is nothing at path.
	OpenFolder(path string) (Folder, error)
}

// Folder is an open folder. Names are slash paths below it; none leads out of
// it. Nothing is durable before the Sync of the folder that holds its name
// and, for a file, its own Sync.
type Folder interface {
	// Create makes a new file, which must not exist, and opens it for writing.
	Create(name string, perm fs.FileMode) (File, error)
	// Extend opens a file, made if it is missing, to be appended to. It waits
	// for other processes that have it open in this way.
	Extend(name string) (File, error)
	Mkdir(name string) error
	Symlink(target, name string) error
	// Rename replaces a file of the new name, if there is one.
	Rename(from, to string) error
	// Swap moves from to the name to. What is there is not lost: it gets the
	// name from, and cameOut is true. Where the system can, nobody ever sees
	// neither of the two at to.
	Swap(from, to string) (cameOut bool, err error)
	Remove(name string) error
	// RemoveAll removes a tree that nobody will miss.
	RemoveAll(name string) error
	// Names lists what is directly in the folder, sorted.
	Names() ([]string, error)
	// Sync makes the names in the folder at name durable; "." is the folder
	// itself.
	Sync(name string) error
	// Same says whether other is this very folder, and not one that has or had
	// its path.
	Same(other Folder) bool
	Close() error
}

// File is an open file. Write goes on where the last one ended, and in one
// opened by Extend at the end. ReadAt and Size serve files opened by Extend.
type File interface {
	io.Writer
	// Reserve makes a file, made by Create, that long, with bytes of zero at its
	// end, such that a full disk is no obstacle to writing over them.
	Reserve(size int64) error
	io.ReaderAt
	Size() (int64, error)
	Truncate(size int64) error
	Chmod(mode fs.FileMode) error
	Sync() error
	Close() error
}
