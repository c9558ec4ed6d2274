package durable

import (
	"errors"
	"io/fs"
	"sync"
)

// ErrStopped is what every operation of a stopped backend returns. To what is
// on disk it is as if the process had been killed there.
var ErrStopped = errors.New("stopped by a test")

// Fault says which operation of a Faulty backend goes wrong, and how.
type Fault struct {
	At    int    // number of the operation, from 1; 0 for none
	Op    string // count only operations of this name; "" counts all
	Err   error  // what it fails with; nil stops there, as if killed
	After bool   // the operation is carried out, and then reported as failed
	Stays bool   // every later operation that counts fails too
}

// Faulty is a backend for tests that passes everything on to another one,
// counts it, and makes one operation fail or be the last. A Write that goes
// wrong has written half of its data. The names of operations are open,
// create, extend, mkdir, symlink, rename, swap, remove, removeall, names,
// sync-folder, write, reserve, truncate, sync and close.
type Faulty struct {
	inner Backend
	fault Fault

	mu      sync.Mutex
	count   int
	ops     []string
	stopped bool
	atStop  func() // instead of going on as a stopped backend
}

// NewFaulty wraps inner.
func NewFaulty(inner Backend, fault Fault) *Faulty { return &Faulty{inner: inner, fault: fault} }

// Ops are the names of all operations so far.
func (b *Faulty) Ops() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.ops...)
}

// Struck says whether the fault has happened.
func (b *Faulty) Struck() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.fault.At > 0 && b.count >= b.fault.At
}

// do carries out one operation or not. half is what is carried out of an
// operation that goes wrong; nil is nothing.
func (b *Faulty) do(op string, whole func() error, half func()) error {
	err := b.next(op)
	if err == nil {
		return whole()
	}
	if errors.Is(err, errLate) {
		return ErrStopped
	}
	if b.fault.After {
		whole()
	} else if half != nil {
		half()
	}
	if errors.Is(err, ErrStopped) && b.atStop != nil {
		b.atStop()
	}
	return err
}

// errLate is next's word for an operation after the stop.
var errLate = errors.New("after the stop")

func (b *Faulty) next(op string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped {
		return errLate
	}
	b.ops = append(b.ops, op)
	if b.fault.Op != "" && b.fault.Op != op {
		return nil
	}
	b.count++
	switch {
	case b.fault.At == 0 || b.count < b.fault.At || b.count > b.fault.At && !b.fault.Stays:
		return nil
	case b.fault.Err == nil:
		b.stopped = true
		return ErrStopped
	}
	return b.fault.Err
}

// OpenFolder implements Backend.
func (b *Faulty) OpenFolder(path string) (Folder, error) {
	var inner Folder
	err := b.do("open", func() (err error) { inner, err = b.inner.OpenFolder(path); return err }, nil)
	if err != nil {
		if inner != nil {
			inner.Close()
		}
		return nil, err
	}
	return &faultyFolder{b, inner}, nil
}

type faultyFolder struct {
	b     *Faulty
	inner Folder
}

func (d *faultyFolder) file(op string, open func() (File, error)) (File, error) {
	var inner File
	err := d.b.do(op, func() (err error) { inner, err = open(); return err }, nil)
	if err != nil {
		if inner != nil {
			inner.Close()
		}
		return nil, err
	}
	return &faultyFile{d.b, inner}, nil
}

func (d *faultyFolder) Create(name string, perm fs.FileMode) (File, error) {
	return d.file("create", func() (File, error) { return d.inner.Create(name, perm) })
}

func (d *faultyFolder) Extend(name string) (File, error) {
	return d.file("extend", func() (File, error) { return d.inner.Extend(name) })
}

func (d *faultyFolder) Mkdir(name string) error {
	return d.b.do("mkdir", func() error { return d.inner.Mkdir(name) }, nil)
}

func (d *faultyFolder) Symlink(target, name string) error {
	return d.b.do("symlink", func() error { return d.inner.Symlink(target, name) }, nil)
}

func (d *faultyFolder) Rename(from, to string) error {
	return d.b.do("rename", func() error { return d.inner.Rename(from, to) }, nil)
}

func (d *faultyFolder) Swap(from, to string) (cameOut bool, err error) {
	err = d.b.do("swap", func() (err error) { cameOut, err = d.inner.Swap(from, to); return err }, nil)
	return cameOut, err
}

func (d *faultyFolder) Remove(name string) error {
	return d.b.do("remove", func() error { return d.inner.Remove(name) }, nil)
}

func (d *faultyFolder) RemoveAll(name string) error {
	return d.b.do("removeall", func() error { return d.inner.RemoveAll(name) }, nil)
}

func (d *faultyFolder) Names() (names []string, err error) {
	err = d.b.do("names", func() (err error) { names, err = d.inner.Names(); return err }, nil)
	return names, err
}

func (d *faultyFolder) Sync(name string) error {
	return d.b.do("sync-folder", func() error { return d.inner.Sync(name) }, nil)
}

func (d *faultyFolder) Same(other Folder) bool {
	there, ok := other.(*faultyFolder)
	return ok && d.inner.Same(there.inner)
}

// Close of a folder changes nothing on disk, so it is not counted, and it is
// done after a stop too: a killed process has no open files.
func (d *faultyFolder) Close() error { return d.inner.Close() }

type faultyFile struct {
	b     *Faulty
	inner File
}

func (f *faultyFile) Write(p []byte) (n int, err error) {
	err = f.b.do("write",
		func() (err error) { n, err = f.inner.Write(p); return err },
		func() { n, _ = f.inner.Write(p[:len(p)/2]) })
	return n, err
}

func (f *faultyFile) Reserve(size int64) error {
	return f.b.do("reserve", func() error { return f.inner.Reserve(size) }, nil)
}

func (f *faultyFile) ReadAt(p []byte, off int64) (int, error) { return f.inner.ReadAt(p, off) }
func (f *faultyFile) Size() (int64, error)                    { return f.inner.Size() }

func (f *faultyFile) Truncate(size int64) error {
	return f.b.do("truncate", func() error { return f.inner.Truncate(size) }, nil)
}

func (f *faultyFile) Chmod(mode fs.FileMode) error {
	return f.b.do("chmod", func() error { return f.inner.Chmod(mode) }, nil)
}

func (f *faultyFile) Sync() error { return f.b.do("sync", f.inner.Sync, nil) }

func (f *faultyFile) Close() error {
	closed := false
	err := f.b.do("close", func() error { closed = true; return f.inner.Close() }, nil)
	if !closed {
		f.inner.Close()
	}
	return err
}
