// Package durable makes every write that must survive kill -9 and a power
// cut: whole files (Dir.Write), files and folders that are built up piece by
// piece (Dir.Stage), and logs that only grow (Log, and Journal for what one
// process writes while it runs). When a call returns nil,
// what it wrote is on the disk; until then a reader finds the old content or
// the new one, never a part and never nothing. It also has the lock that
// keeps two applies apart.
//
// All of it goes through a Backend, so that a test can fail or stop any single
// operation, or take away the power.
//
// It does not know what is written (engine/record, engine/blob), and it does
// not read, but for what it needs to append to a log. Bundles, process logs,
// caches and scratch files need not survive; their packages write directly.
package durable

import (
	"path/filepath"
	"sync"
)

// Writer writes durably through one backend. The zero Writer uses the
// operating system. A Writer may be copied and used by many goroutines.
type Writer struct {
	shared *shared
}

// shared is what all copies of a Writer have in common.
type shared struct {
	backend Backend
	// synced holds the absolute paths of folders and logs whose own entry in
	// the folder above is known to be on disk. An earlier process may have
	// died between making them and syncing that folder, so the first use of
	// each by this process syncs again.
	synced sync.Map
	// syncs holds the turns at the fsync of each folder, by its absolute path.
	syncs sync.Map
}

var system = With(OS())

// With gives a Writer that writes through backend.
func With(backend Backend) Writer {
	return Writer{&shared{backend: backend}}
}

// Use makes backend that of the zero Writer, and so of all that is given no other
// one, until restore is called. It is for tests.
func Use(backend Backend) (restore func()) {
	before := system
	system = With(backend)
	return func() { system = before }
}

func (w Writer) state() *shared {
	if w.shared == nil {
		return system.shared
	}
	return w.shared
}

// OpenDir opens the folder at path for durable writing. Missing folders on
// the way are created durably.
func OpenDir(path string) (*Dir, error) { return system.OpenDir(path) }

// WriteFile writes data to the file at path as Dir.Write does. Missing
// folders on the way are created.
func WriteFile(path string, data []byte) error { return system.WriteFile(path, data) }

// WriteFile is like the function WriteFile.
func (w Writer) WriteFile(path string, data []byte) error {
	dir, err := w.OpenDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Write(filepath.Base(path), data)
}
