package apply_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"

	"github.com/flowrider/flowrider/internal/durable"
)

// mirror is the operating system, with a model beside it to which the same is
// done: what would be on the disk after a power cut, the model knows.
type mirror struct {
	system durable.Backend
	memory *durable.Memory
	mu     *sync.Mutex // an operation is done to both at once
}

// newMirror knows a folder that is there, with nothing in it.
func newMirror(root string) mirror {
	memory := durable.NewMemory()
	folder, err := durable.With(memory).OpenDir(root)
	agree("open", root, err)
	agree("close", root, folder.Close())
	return mirror{system: durable.OS(), memory: memory, mu: &sync.Mutex{}}
}

func (m mirror) OpenFolder(path string) (durable.Folder, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	folder, err := m.system.OpenFolder(path)
	if err != nil {
		return nil, err
	}
	model, err := m.memory.OpenFolder(path)
	if errors.Is(err, fs.ErrNotExist) { // made by other means, and so not synced
		model = m.make(path)
	}
	return mirrorFolder{folder, model, m}, nil
}

func (m mirror) make(path string) durable.Folder {
	above, err := m.memory.OpenFolder(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		above = m.make(filepath.Dir(path))
	}
	agree("mkdir", path, above.Mkdir(filepath.Base(path)))
	folder, err := m.memory.OpenFolder(path)
	agree("open", path, err)
	return folder
}

// agree ends a test in which the model cannot follow.
func agree(op, name string, err error) {
	if err != nil {
		panic(fmt.Sprintf("the model cannot %s %s: %v", op, name, err))
	}
}

// both does to the model what could be done to the system.
func (m mirror) both(op, name string, system, model func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := system()
	if err == nil {
		agree(op, name, model())
	}
	return err
}

type mirrorFolder struct {
	durable.Folder
	model  durable.Folder
	mirror mirror
}

func (d mirrorFolder) Create(name string, perm fs.FileMode) (durable.File, error) {
	var f mirrorFile
	err := d.mirror.both("create", name,
		func() (err error) { f.File, err = d.Folder.Create(name, perm); return err },
		func() (err error) { f.model, err = d.model.Create(name, perm); return err })
	return f.in(d.mirror, err)
}

// Extend waits for others that have the file open, and so alone.
func (d mirrorFolder) Extend(name string) (durable.File, error) {
	file, err := d.Folder.Extend(name)
	if err != nil {
		return nil, err
	}
	d.mirror.mu.Lock()
	defer d.mirror.mu.Unlock()
	model, err := d.model.Extend(name)
	agree("extend", name, err)
	return mirrorFile{file, model, d.mirror}.in(d.mirror, nil)
}

func (d mirrorFolder) Mkdir(name string) error {
	return d.mirror.both("mkdir", name, func() error { return d.Folder.Mkdir(name) }, func() error { return d.model.Mkdir(name) })
}

func (d mirrorFolder) Symlink(target, name string) error {
	return d.mirror.both("link", name, func() error { return d.Folder.Symlink(target, name) }, func() error { return d.model.Symlink(target, name) })
}

func (d mirrorFolder) Rename(from, to string) error {
	return d.mirror.both("rename", from, func() error { return d.Folder.Rename(from, to) }, func() error { return d.model.Rename(from, to) })
}

func (d mirrorFolder) Swap(from, to string) (cameOut bool, err error) {
	err = d.mirror.both("swap", from,
		func() (err error) { cameOut, err = d.Folder.Swap(from, to); return err },
		func() error { _, err := d.model.Swap(from, to); return err })
	return cameOut, err
}

func (d mirrorFolder) Remove(name string) error {
	return d.mirror.both("remove", name, func() error { return d.Folder.Remove(name) }, func() error { return d.model.Remove(name) })
}

func (d mirrorFolder) RemoveAll(name string) error {
	return d.mirror.both("remove", name, func() error { return d.Folder.RemoveAll(name) }, func() error { return d.model.RemoveAll(name) })
}

func (d mirrorFolder) Sync(name string) error {
	return d.mirror.both("sync", name, func() error { return d.Folder.Sync(name) }, func() error { return d.model.Sync(name) })
}

func (d mirrorFolder) Same(other durable.Folder) bool {
	there, ok := other.(mirrorFolder)
	return ok && d.Folder.Same(there.Folder)
}

type mirrorFile struct {
	durable.File
	model  durable.File
	mirror mirror
}

func (f mirrorFile) in(m mirror, err error) (durable.File, error) {
	if err != nil {
		return nil, err
	}
	f.mirror = m
	return f, nil
}

func (f mirrorFile) Write(p []byte) (n int, err error) {
	f.mirror.mu.Lock()
	defer f.mirror.mu.Unlock()
	n, err = f.File.Write(p)
	_, modelErr := f.model.Write(p[:n])
	agree("write", "a file", modelErr)
	return n, err
}

// Reserve reserves less in the model, which is copied for each state.
func (f mirrorFile) Reserve(size int64) error {
	return f.mirror.both("reserve", "a file", func() error { return f.File.Reserve(size) }, func() error { return f.model.Reserve(min(size, 4096)) })
}

func (f mirrorFile) Truncate(size int64) error {
	return f.mirror.both("truncate", "a file", func() error { return f.File.Truncate(size) }, func() error { return f.model.Truncate(size) })
}

func (f mirrorFile) Sync() error { return f.mirror.both("sync", "a file", f.File.Sync, f.model.Sync) }
