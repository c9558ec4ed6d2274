package bundle

import (
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// racy are changes that a listing must not miss, however soon they come after
// the last one. Each changes the file at a path from one digit to the next, and
// lets it look as it did as far as that goes.
var racy = []struct {
	name   string
	change func(t testing.TB, full string, content []byte, before os.FileInfo)
}{
	{"same size in the same tick", func(t testing.TB, full string, content []byte, _ os.FileInfo) {
		overwrite(t, full, content)
	}},
	{"restored mtime", func(t testing.TB, full string, content []byte, before os.FileInfo) {
		overwrite(t, full, content)
		check(t, os.Chtimes(full, before.ModTime(), before.ModTime()))
	}},
	{"replaced inode", func(t testing.TB, full string, content []byte, before os.FileInfo) {
		check(t, os.WriteFile(full+".new", content, 0o644))
		check(t, os.Chtimes(full+".new", before.ModTime(), before.ModTime()))
		check(t, os.Rename(full+".new", full))
	}},
	{"replaced by an older file", func(t testing.TB, full string, content []byte, before os.FileInfo) {
		old := before.ModTime().Add(-time.Hour)
		check(t, os.WriteFile(full+".old", content, 0o644))
		check(t, os.Chtimes(full+".old", old, old))
		check(t, os.Rename(full+".old", full))
	}},
	{"mtime in the future", func(t testing.TB, full string, content []byte, _ os.FileInfo) {
		future := time.Unix(4_000_000_000, 0)
		overwrite(t, full, content)
		check(t, os.Chtimes(full, future, future))
	}},
}

// overwrite writes in place, and changes no size.
func overwrite(t testing.TB, full string, content []byte) {
	f, err := os.OpenFile(full, os.O_WRONLY, 0)
	check(t, err)
	_, err = f.WriteAt(content, 0)
	check(t, err)
	check(t, f.Close())
}

// places are where the racy cases are tried.
func places(t *testing.T) map[string]string {
	list := map[string]string{"disk": t.TempDir()}
	if folder := memory(t); folder == "/dev/shm" {
		list["tmpfs"] = folder
	}
	return list
}

// filesAtOnce settle together.
const filesAtOnce = 25

// Half of the tries change a file that was just listed for the first time, the
// other half one that has settled and is known.
func TestRacyChanges(t *testing.T) {
	for where, folder := range places(t) {
		for _, c := range racy {
			t.Run(where+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				p := newIndexed(t, folder)
				missed, tries := 0, 0
				try := func(name string) {
					before, err := os.Lstat(p.path(name))
					check(t, err)
					for _, content := range []string{"1", "2"} {
						c.change(t, p.path(name), []byte(content), before)
						tries++
						if got := digestIn(p.list(), name); got != digestText(content) {
							missed++
						}
					}
				}
				for tries < racyTries {
					for i := range filesAtOnce {
						name := fmt.Sprint("f", i)
						check(t, os.RemoveAll(p.path(name)))
						check(t, os.WriteFile(p.path(name), []byte("0"), 0o644))
						p.list()
						try(name)
						check(t, os.WriteFile(p.path(name), []byte("0"), 0o644))
						check(t, os.Chtimes(p.path(name), time.Unix(1, 0), time.Unix(1, 0)))
					}
					p.settle()
					for i := range filesAtOnce {
						try(fmt.Sprint("f", i))
					}
				}
				t.Logf("%d of %d changes missed", missed, tries)
				if missed > 0 {
					t.Errorf("%d of %d changes missed", missed, tries)
				}
			})
		}
	}
}

func digestIn(l *Listing, name string) string {
	for _, e := range l.Entries {
		if e.Path == name {
			return e.Digest
		}
	}
	return ""
}

// Files come and go in the tick in which the folder was listed.
func TestRacyNames(t *testing.T) {
	for where, folder := range places(t) {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			p := newIndexed(t, folder)
			check(t, os.WriteFile(p.path("a"), []byte("a"), 0o644))
			p.settle()
			missed := 0
			for i := range racyTries {
				name := fmt.Sprint("new", i%3)
				check(t, os.WriteFile(p.path(name), []byte("1"), 0o644))
				if digestIn(p.list(), name) == "" {
					missed++
				}
				check(t, os.Remove(p.path(name)))
				if digestIn(p.list(), name) != "" {
					missed++
				}
			}
			t.Logf("%d of %d missed", missed, 2*racyTries)
			if missed > 0 {
				t.Errorf("%d of %d missed", missed, 2*racyTries)
			}
		})
	}
}

// A file of the same times, size and mode, but on another device or with another
// number, is another one: here by a mount-like swap of whole folders.
func TestSwappedFolders(t *testing.T) {
	p := newIndexed(t, memory(t))
	for _, name := range []string{"one", "other"} {
		check(t, os.Mkdir(p.path(name), 0o755))
		check(t, os.WriteFile(p.path(name+"/a"), []byte(name[:2]), 0o644))
		check(t, os.Chtimes(p.path(name+"/a"), time.Unix(1, 0), time.Unix(1, 0)))
	}
	p.settle()
	check(t, unix.Rename(p.path("one"), p.path("third")))
	check(t, unix.Rename(p.path("other"), p.path("one")))
	check(t, unix.Rename(p.path("third"), p.path("other")))
	p.compare("swapped")
}
