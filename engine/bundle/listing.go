package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path"
	"slices"
	"strings"
)

// Type is what an entry of a bundle is.
type Type int

// The types of entries.
const (
	File    Type = iota // a regular file, copied
	Symlink             // a symlink that stays inside, kept as it is
	Link                // a regular file, hashed and symlinked to the original
)

func (t Type) String() string {
	return [...]string{"file", "symlink", "link"}[t]
}

// Entry is one file of a bundle.
type Entry struct {
	Path       string // slash path from the project's root, byte for byte
	Type       Type
	Executable bool   // by its owner; never set for a symlink
	Size       int64  // bytes of content, or of a symlink's text
	Digest     string // "sha256:" + hex of it; "chunks:" + hex for files above 4 MiB
	Target     string // a symlink's text
}

// Listing is the content of a bundle.
type Listing struct {
	Entries []Entry // in byte order of their paths
	Digest  string  // "h1:" + hex of the SHA-256 of Text
}

// seal sorts the entries and computes the digest.
func (l *Listing) seal() {
	slices.SortFunc(l.Entries, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	sum := sha256.New()
	io.WriteString(sum, textHeader+"\n")
	for i := range l.Entries {
		io.WriteString(sum, l.Entries[i].line())
	}
	l.Digest = "h1:" + hex.EncodeToString(sum.Sum(nil))
}

// Find gives the entry at a clean slash path, nil if there is none.
func (l *Listing) Find(name string) *Entry {
	if i, found := l.search(name); found {
		return &l.Entries[i]
	}
	return nil
}

// Reach gives the entry at a path, else one that the path leads through, as
// through a symlink to a folder: what lies behind that is not listed. nil if
// there is neither.
func (l *Listing) Reach(name string) *Entry {
	for ; name != "." && name != "/"; name = path.Dir(name) {
		if entry := l.Find(name); entry != nil {
			return entry
		}
	}
	return nil
}

// IsFolder says whether there are entries below a path.
func (l *Listing) IsFolder(name string) bool {
	i, _ := l.search(name + "/")
	return i < len(l.Entries) && strings.HasPrefix(l.Entries[i].Path, name+"/")
}

func (l *Listing) search(name string) (int, bool) {
	return slices.BinarySearchFunc(l.Entries, name, func(e Entry, name string) int { return strings.Compare(e.Path, name) })
}

// Change is a path at which two listings differ.
type Change struct {
	Path string
	Kind string // added, changed or removed
}

// Compare says what has to happen to the files of old to make those of now,
// in byte order of the paths. Whether a file is copied or linked is no
// difference.
func Compare(old, now *Listing) []Change {
	var changes []Change
	a, b := old.Entries, now.Entries
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Path < b[0].Path:
			changes = append(changes, Change{a[0].Path, "removed"})
			a = a[1:]
		case len(a) == 0 || b[0].Path < a[0].Path:
			changes = append(changes, Change{b[0].Path, "added"})
			b = b[1:]
		default:
			if a[0].line() != b[0].line() {
				changes = append(changes, Change{a[0].Path, "changed"})
			}
			a, b = a[1:], b[1:]
		}
	}
	return changes
}
