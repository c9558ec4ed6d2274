// Package index remembers the digests of files between two runs of the
// program, by what the system says of each file, so that a plan with nothing to
// do reads no contents: a stat cache, with the rules of git's index and more.
//
// A Cache is the folder of all indexes of one configuration, an Index belongs
// to one project's root, and a Pass is one look at its files. What is equal in
// every respect to what was hashed, and was settled then, has the digest that
// it had; anything else is read again. A file that was written so recently that
// it could change once more without a trace is not settled. In doubt nothing is
// believed, and an index that is torn, foreign or lost costs time alone.
//
// The package does not list folders, read files or know what a digest is
// (engine/bundle). It cannot see what no stat shows, such as writes through a
// shared mapping: for those there is --rehash. All methods can be called on nil,
// which remembers nothing.
package index

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/flowrider/flowrider/internal/boot"
)

// Cache is the folder of the indexes. Its methods and those of the indexes may
// be called from many goroutines.
type Cache struct {
	dir     string
	prepare func() error
	rehash  bool

	mutex sync.Mutex
	known map[string]*Index // by root
}

// Open names the folder of the indexes. Nothing is read or made before the
// first Pass; prepare is called before the folder is. With rehash what was
// remembered is not believed, and replaced.
func Open(dir string, prepare func() error, rehash bool) *Cache {
	return &Cache{dir: dir, prepare: prepare, rehash: rehash, known: map[string]*Index{}}
}

// Of is the index of the files below a root, an absolute path; with "" it is the one
// of files that go by their absolute paths.
func (c *Cache) Of(root string) *Index {
	if c == nil {
		return nil
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	x := c.known[root]
	if x == nil {
		x = &Index{cache: c, root: sha256.Sum256([]byte(root))}
		c.known[root] = x
	}
	return x
}

// Save writes the indexes that have changed. Where they cannot be written they
// are not: files are hashed again then.
func (c *Cache) Save() {
	if c == nil {
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, x := range c.known {
		x.save()
	}
}

// RemoveLeftovers removes what killed processes have left half-written. The
// index of a plan that is just being written may be among it, and is lost.
func (c *Cache) RemoveLeftovers() {
	if c == nil {
		return
	}
	entries, _ := os.ReadDir(c.dir) // none yet
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), temp) {
			os.Remove(filepath.Join(c.dir, entry.Name()))
		}
	}
}

// Index is what is remembered of the files below one root.
type Index struct {
	cache *Cache
	root  [sha256.Size]byte // digest of the root's path

	mutex   sync.Mutex
	state   state
	changed bool
	clock   clock // of the last pass, or of the pass that wrote what was read
	entries map[string]*entry
}

// state says whether an index can be used.
type state int

const (
	closed state = iota // nothing was looked at
	usable
	useless // without a reference time, nothing is believed or kept
)

// Begin begins a look at the files below the root. Its reference time is taken
// now, which must be before the first look at anything that is put in.
func (x *Index) Begin() *Pass {
	if x == nil {
		return nil
	}
	x.mutex.Lock()
	defer x.mutex.Unlock()
	if x.state == useless {
		return nil
	}
	if x.state == closed && x.cache.makeDir() != nil {
		x.state = useless
		return nil
	}
	now, err := readReference(x.cache.dir)
	if err != nil {
		x.state = useless
		return nil
	}
	x.meet(clock{reference: now.at, boot: boot.ID(), offset: clockOffset()}, now.margin)
	return &Pass{index: x, reference: now}
}

// makeDir makes the folder of the indexes, in a folder that git ignores.
func (c *Cache) makeDir() error {
	if err := c.prepare(); err != nil {
		return err
	}
	return os.MkdirAll(c.dir, 0o755)
}

// meet brings the index to the time that it is now. What was remembered is
// dropped, once, where the clock has been set back.
func (x *Index) meet(now clock, margin time.Duration) {
	if x.state == closed {
		x.state = usable
		x.load()
	}
	switch {
	case now.setBack(x.clock, margin):
		x.entries, x.changed = map[string]*entry{}, true
	case now.boot == "" || x.clock.boot != now.boot:
		for path, e := range x.entries {
			if !e.status.newest().plus(flushed).before(x.clock.reference) {
				delete(x.entries, path)
				x.changed = true
			}
		}
	case x.clock.offset > now.offset:
		now.offset = x.clock.offset // small steps back add up
	}
	x.clock = now
}

// load reads what was remembered, unless it is not to be believed.
func (x *Index) load() {
	x.entries = map[string]*entry{}
	if x.cache.rehash {
		x.changed = true
		return
	}
	text, err := os.ReadFile(x.file())
	if err != nil {
		return
	}
	if then, entries, ok := decode(text, x.root); ok {
		x.clock, x.entries = then, entries
	}
}

// file is where the index is kept.
func (x *Index) file() string {
	return filepath.Join(x.cache.dir, hex.EncodeToString(x.root[:16]))
}

// temp is what the names of half-written indexes begin with.
const temp = ".tmp-"

// save writes the index if it has changed: a temporary file and a rename. It is
// not synced, since a torn one is found by its checksum.
func (x *Index) save() {
	x.mutex.Lock()
	defer x.mutex.Unlock()
	if !x.changed {
		return
	}
	x.forget()
	file, err := os.CreateTemp(x.cache.dir, temp+"*")
	if err != nil {
		return
	}
	defer os.Remove(file.Name()) // gone after the rename
	_, err = file.Write(encode(x.clock, x.root, x.entries))
	if file.Close() == nil && err == nil && os.Rename(file.Name(), x.file()) == nil {
		x.changed = false
	}
}

// forget drops the files that nobody has looked at for long: they are gone, or
// no flow uses them any more.
func (x *Index) forget() {
	for path, e := range x.entries {
		switch {
		case e.seen:
			e.unseen = 0
		case e.unseen == maxUnseen:
			delete(x.entries, path)
		default:
			e.unseen++
		}
	}
}
