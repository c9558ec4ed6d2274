package durable

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// Memory is a backend for tests: a file system that remembers, for each
// change, whether a sync has made it durable, and can show every state of the
// disk that a power cut might leave behind. Changes that were not synced may
// be on the disk or not, each by itself, and half a Write may be; that is less
// than any real file system promises, so what holds here holds there.
type Memory struct {
	mu      sync.Mutex
	changes []change
	inodes  []*inode // by number; 0 is the root folder
}

// inode is a file, a folder or a link as the running system sees it.
type inode struct {
	entries map[string]int // folder: inode number by name
	data    []byte         // file: content; link: target
	link    bool
}

func (n *inode) folder() bool { return n.entries != nil }

// change is one thing that can be on the disk or not; sync changes secure all
// earlier ones of the same inode.
type change struct {
	inode int // the file, or the folder whose entries change
	sync  bool

	names map[string]int // folder: entries that are set; -1 removes

	data     []byte // file: bytes written at offset
	offset   int
	truncate bool // file: cut at offset
}

// NewMemory makes an empty file system with a root folder.
func NewMemory() *Memory {
	return &Memory{inodes: []*inode{{entries: map[string]int{}}}}
}

func (m *Memory) add(n *inode) int {
	m.inodes = append(m.inodes, n)
	return len(m.inodes) - 1
}

func (m *Memory) log(c change) { m.changes = append(m.changes, c) }

// set changes entries of a folder, now and in the log.
func (m *Memory) set(dir int, names map[string]int) {
	for name, target := range names {
		if target < 0 {
			delete(m.inodes[dir].entries, name)
		} else {
			m.inodes[dir].entries[name] = target
		}
	}
	m.log(change{inode: dir, names: names})
}

// walk finds the inode at the slash path name below dir.
func (m *Memory) walk(dir int, name string) (int, error) {
	for part := range strings.SplitSeq(filepath.ToSlash(name), "/") {
		if part == "" || part == "." {
			continue
		}
		if !m.inodes[dir].folder() {
			return 0, syscall.ENOTDIR
		}
		next, ok := m.inodes[dir].entries[part]
		if !ok {
			return 0, syscall.ENOENT
		}
		dir = next
	}
	return dir, nil
}

// parent finds the folder that name is in, and the last part of name.
func (m *Memory) parent(dir int, name string) (int, string, error) {
	at := strings.LastIndexByte(name, '/')
	dir, err := m.walk(dir, name[:max(at, 0)])
	if err == nil && !m.inodes[dir].folder() {
		err = syscall.ENOTDIR
	}
	return dir, name[at+1:], err
}

// OpenFolder implements Backend.
func (m *Memory) OpenFolder(path string) (Folder, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, err := m.walk(0, path)
	if err == nil && !m.inodes[at].folder() {
		err = syscall.ENOTDIR
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return memoryFolder{m, at}, nil
}

type memoryFolder struct {
	m  *Memory
	at int
}

// make adds a new inode under name, which must not exist.
func (d memoryFolder) make(op, name string, n *inode) (int, error) {
	dir, base, err := d.m.parent(d.at, name)
	if err == nil {
		if _, exists := d.m.inodes[dir].entries[base]; exists {
			err = syscall.EEXIST
		}
	}
	if err != nil {
		return 0, &fs.PathError{Op: op, Path: name, Err: err}
	}
	number := d.m.add(n)
	d.m.set(dir, map[string]int{base: number})
	return number, nil
}

func (d memoryFolder) Create(name string, _ fs.FileMode) (File, error) {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	number, err := d.make("create", name, &inode{})
	if err != nil {
		return nil, err
	}
	return &memoryFile{m: d.m, at: number}, nil
}

func (d memoryFolder) Extend(name string) (File, error) {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	number, err := d.m.walk(d.at, name)
	if err != nil {
		if number, err = d.make("extend", name, &inode{}); err != nil {
			return nil, err
		}
	}
	return &memoryFile{m: d.m, at: number, appends: true}, nil
}

func (d memoryFolder) Mkdir(name string) error {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	_, err := d.make("mkdir", name, &inode{entries: map[string]int{}})
	return err
}

func (d memoryFolder) Symlink(target, name string) error {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	_, err := d.make("symlink", name, &inode{data: []byte(target), link: true})
	return err
}

func (d memoryFolder) Rename(from, to string) error {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	m := d.m
	fromDir, fromBase, err := m.parent(d.at, from)
	if err != nil {
		return &fs.PathError{Op: "rename", Path: from, Err: err}
	}
	moved, ok := m.inodes[fromDir].entries[fromBase]
	if !ok {
		return &fs.PathError{Op: "rename", Path: from, Err: syscall.ENOENT}
	}
	toDir, toBase, err := m.parent(d.at, to)
	if old, exists := m.inodes[toDir].entries[toBase]; err == nil && exists {
		switch {
		case m.inodes[moved].folder() && !m.inodes[old].folder():
			err = syscall.ENOTDIR
		case !m.inodes[moved].folder() && m.inodes[old].folder():
			err = syscall.EISDIR
		case len(m.inodes[old].entries) > 0:
			err = syscall.ENOTEMPTY
		}
	}
	if err != nil {
		return &fs.PathError{Op: "rename", Path: to, Err: err}
	}
	if fromDir == toDir {
		m.set(toDir, map[string]int{toBase: moved, fromBase: -1})
		return nil
	}
	m.set(toDir, map[string]int{toBase: moved})
	m.set(fromDir, map[string]int{fromBase: -1})
	return nil
}

// Swap sets both names in one change where both are in one folder.
func (d memoryFolder) Swap(from, to string) (cameOut bool, err error) {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	m := d.m
	fromDir, fromBase, err := m.parent(d.at, from)
	if err != nil {
		return false, &fs.PathError{Op: "swap", Path: from, Err: err}
	}
	moved, ok := m.inodes[fromDir].entries[fromBase]
	if !ok {
		return false, &fs.PathError{Op: "swap", Path: from, Err: syscall.ENOENT}
	}
	toDir, toBase, err := m.parent(d.at, to)
	if err != nil {
		return false, &fs.PathError{Op: "swap", Path: to, Err: err}
	}
	old, cameOut := m.inodes[toDir].entries[toBase]
	if !cameOut {
		old = -1
	}
	if fromDir == toDir {
		m.set(toDir, map[string]int{toBase: moved, fromBase: old})
		return cameOut, nil
	}
	m.set(fromDir, map[string]int{fromBase: old})
	m.set(toDir, map[string]int{toBase: moved})
	return cameOut, nil
}

func (d memoryFolder) Remove(name string) error {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	dir, base, err := d.m.parent(d.at, name)
	if err == nil {
		number, ok := d.m.inodes[dir].entries[base]
		switch {
		case !ok:
			err = syscall.ENOENT
		case len(d.m.inodes[number].entries) > 0:
			err = syscall.ENOTEMPTY
		}
	}
	if err != nil {
		return &fs.PathError{Op: "remove", Path: name, Err: err}
	}
	d.m.set(dir, map[string]int{base: -1})
	return nil
}

// RemoveAll takes the whole tree away in one change.
func (d memoryFolder) RemoveAll(name string) error {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	dir, base, err := d.m.parent(d.at, name)
	if err != nil {
		return &fs.PathError{Op: "removeall", Path: name, Err: err}
	}
	if _, ok := d.m.inodes[dir].entries[base]; ok {
		d.m.set(dir, map[string]int{base: -1})
	}
	return nil
}

func (d memoryFolder) Names() ([]string, error) {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	return slices.Sorted(maps.Keys(d.m.inodes[d.at].entries)), nil
}

func (d memoryFolder) Sync(name string) error {
	d.m.mu.Lock()
	defer d.m.mu.Unlock()
	at, err := d.m.walk(d.at, name)
	if err != nil {
		return &fs.PathError{Op: "sync", Path: name, Err: err}
	}
	d.m.log(change{inode: at, sync: true})
	return nil
}

func (d memoryFolder) Same(other Folder) bool { return d == other }

func (d memoryFolder) Close() error { return nil }

type memoryFile struct {
	m       *Memory
	at      int
	appends bool // opened by Extend
	next    int  // where the next Write of any other begins
}

// Write logs the two halves apart: either may reach the disk without the other.
func (f *memoryFile) Write(p []byte) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	n := f.m.inodes[f.at]
	half := len(p) / 2
	for _, piece := range [][]byte{p[:half], p[half:]} {
		if f.appends {
			f.next = len(n.data)
		}
		if len(piece) > 0 {
			f.put(change{inode: f.at, data: bytes.Clone(piece), offset: f.next})
			f.next += len(piece)
		}
	}
	return len(p), nil
}

func (f *memoryFile) put(c change) {
	f.m.log(c)
	f.m.inodes[f.at].replay(c)
}

func (f *memoryFile) Reserve(size int64) error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if now := len(f.m.inodes[f.at].data); int(size) > now {
		f.put(change{inode: f.at, data: make([]byte, int(size)-now), offset: now})
	}
	return nil
}

func (f *memoryFile) ReadAt(p []byte, off int64) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	return bytes.NewReader(f.m.inodes[f.at].data).ReadAt(p, off)
}

func (f *memoryFile) Size() (int64, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	return int64(len(f.m.inodes[f.at].data)), nil
}

// Chmod does nothing: the model has no modes.
func (f *memoryFile) Chmod(fs.FileMode) error { return nil }

func (f *memoryFile) Truncate(size int64) error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	n := f.m.inodes[f.at]
	if int(size) > len(n.data) {
		return fmt.Errorf("truncate to %d of %d bytes", size, len(n.data))
	}
	n.data = n.data[:size:size]
	f.m.log(change{inode: f.at, truncate: true, offset: int(size)})
	return nil
}

func (f *memoryFile) Sync() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	f.m.log(change{inode: f.at, sync: true})
	return nil
}

func (f *memoryFile) Close() error { return nil }
