package bundle

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/engine/index"
	"github.com/flowrider/flowrider/internal/testenv"
)

// indexed is a project with an index of its files.
type indexed struct {
	testing.TB
	root, dir string
	sel       Selection
}

// newIndexed makes an empty project below a folder.
func newIndexed(t testing.TB, folder string) *indexed {
	t.Helper()
	top, err := os.MkdirTemp(folder, "flowrider-test")
	check(t, err)
	t.Cleanup(func() { os.RemoveAll(top) })
	p := &indexed{TB: t, root: filepath.Join(top, "project"), dir: filepath.Join(top, "index")}
	check(t, os.Mkdir(p.root, 0o755))
	p.sel = Selection{Root: p.root}
	return p
}

// memory is a folder on tmpfs, or any where there is none.
func memory(t testing.TB) string {
	var st unix.Statfs_t
	if unix.Statfs("/dev/shm", &st) == nil && unix.Access("/dev/shm", unix.W_OK) == nil {
		return "/dev/shm"
	}
	return t.TempDir()
}

func (p *indexed) path(name string) string { return filepath.Join(p.root, filepath.FromSlash(name)) }

// open opens the index as a new process would.
func (p *indexed) open(rehash bool) *index.Cache {
	return index.Open(p.dir, func() error { return nil }, rehash)
}

// list lists the project as one process of its own.
func (p *indexed) list() *Listing {
	p.Helper()
	cache := p.open(false)
	l, err := List(p.sel, cache.Of(p.root))
	check(p, err)
	cache.Save()
	return l
}

// compare lists with the index and without.
func (p *indexed) compare(what string) *Listing {
	p.Helper()
	got := p.list()
	if diff := cmp.Diff(mustList(p, p.sel), got); diff != "" {
		p.Fatalf("%s (-without +with index):\n%s", what, diff)
	}
	return got
}

// settle lists until the index knows all files: the file system's clock has to
// go on for that.
func (p *indexed) settle() {
	p.Helper()
	for tries := 0; ; tries++ {
		known := 0
		l := p.list()
		pass := p.open(false).Of(p.root).Begin()
		for _, e := range l.Entries {
			var st unix.Stat_t
			if e.Type != Symlink {
				check(p, unix.Stat(p.path(e.Path), &st))
			}
			if digest, ok := pass.Digest(e.Path, index.StatusOf(&st)); e.Type == Symlink || ok && digest == e.Digest {
				known++
			}
		}
		if known == len(l.Entries) {
			return
		}
		if tries == 1_000_000 {
			p.Fatalf("the index knows %d of %d files", known, len(l.Entries))
		}
	}
}

// Whatever is done to a project, in whatever order, its listing with the index
// is the one without.
func TestIndexOnRandomHistories(t *testing.T) {
	seed := testenv.Seed(t)
	h := &history{indexed: newIndexed(t, memory(t)), random: rand.New(rand.NewPCG(seed, 1))}
	h.sel.Link = []string{"linked/**"}
	for i := range 12 {
		h.create(h.file(), fmt.Sprint("content ", i))
	}
	session := h.open(false)
	for step := range randomSteps {
		what := h.step()
		switch h.random.IntN(12) {
		case 0:
			h.futureless()
			h.settle()
			h.compare(fmt.Sprintf("step %d, settled after %s", step, what))
		case 1: // rehashed
			cache := h.open(true)
			l, err := List(h.sel, cache.Of(h.root))
			check(t, err)
			cache.Save()
			if diff := cmp.Diff(mustList(t, h.sel), l); diff != "" {
				t.Fatalf("step %d, rehashed after %s (-without +with):\n%s", step, what, diff)
			}
		case 2: // copied
			dest := filepath.Join(t.TempDir(), "bundle")
			cache := h.open(false)
			l, err := Copy(noContext, h.sel, dest, cache.Of(h.root))
			check(t, err)
			cache.Save()
			if diff := cmp.Diff(mustList(t, h.sel), l); diff != "" {
				t.Fatalf("step %d, copied after %s (-without +with):\n%s", step, what, diff)
			}
			check(t, CheckLinks(l, h.root, cache.Of(h.root)))
		case 3, 4, 5: // in one long process
			l, err := List(h.sel, session.Of(h.root))
			check(t, err)
			if diff := cmp.Diff(mustList(t, h.sel), l); diff != "" {
				t.Fatalf("step %d, listed again after %s (-without +with):\n%s", step, what, diff)
			}
			session.Save()
		default:
			h.compare(fmt.Sprintf("step %d, %s", step, what))
		}
	}
}

// history is a project that things are done to.
type history struct {
	*indexed
	random *rand.Rand
}

// names are few, so that they meet.
func (h *history) file() string {
	return path.Join([]string{"", "src", "src/deep", "linked"}[h.random.IntN(4)], []string{"a.py", "b.py", "c.txt"}[h.random.IntN(3)])
}

func (h *history) create(name, content string) {
	full := h.path(name)
	if info, err := os.Lstat(filepath.Dir(full)); err == nil && !info.IsDir() {
		check(h, os.Remove(filepath.Dir(full)))
	}
	check(h, os.MkdirAll(filepath.Dir(full), 0o755))
	check(h, os.RemoveAll(full))
	check(h, os.WriteFile(full, []byte(content), 0o644))
}

// content is one of few, all of one length.
func (h *history) content() []byte {
	return []byte(fmt.Sprintf("content %d", h.random.IntN(4)))
}

// step does one thing to one file, which is there first.
func (h *history) step() string {
	name := h.file()
	full := h.path(name)
	info, err := os.Lstat(full)
	if err != nil || !info.Mode().IsRegular() {
		h.create(name, "content 0")
		return "create " + name
	}
	steps := []func() string{
		func() string {
			check(h, os.WriteFile(full, h.content(), 0o644))
			return "rewrite"
		},
		func() string {
			check(h, os.WriteFile(full, h.content(), 0o644))
			check(h, os.Chtimes(full, info.ModTime(), info.ModTime()))
			return "rewrite with the old mtime"
		},
		func() string {
			check(h, os.WriteFile(full+".new", h.content(), info.Mode()))
			check(h, os.Chtimes(full+".new", info.ModTime(), info.ModTime()))
			check(h, os.Rename(full+".new", full))
			return "replace by one with the same mtime"
		},
		func() string {
			check(h, os.WriteFile(full+".new", h.content(), info.Mode()))
			old := time.Unix(1_000_000_000, 0)
			check(h, os.Chtimes(full+".new", old, old))
			check(h, os.Rename(full+".new", full))
			return "replace by an older one"
		},
		func() string {
			check(h, os.WriteFile(full, h.content(), 0o644))
			future := time.Unix(4_000_000_000, 0)
			check(h, os.Chtimes(full, future, future))
			return "rewrite in the future"
		},
		func() string {
			check(h, os.Chmod(full, []os.FileMode{0o644, 0o755, 0o600}[h.random.IntN(3)]))
			return "chmod"
		},
		func() string {
			check(h, os.Truncate(full, int64(h.random.IntN(12))))
			return "truncate"
		},
		func() string {
			h.swap(full, h.path(h.file()))
			return "swap"
		},
		func() string {
			check(h, os.Remove(full))
			return "remove"
		},
		func() string {
			check(h, os.Remove(full))
			check(h, os.Symlink([]string{"b.py", "./a.py", "nowhere"}[h.random.IntN(3)], full))
			return "symlink"
		},
		func() string {
			other := h.path(h.file())
			if other != full && os.Remove(other) == nil {
				check(h, os.Link(full, other))
			}
			return "hard link"
		},
		func() string {
			if _, err := os.Lstat(h.path("src")); err == nil {
				check(h, os.Rename(h.path("src"), h.path("moved")))
				h.create("src/a.py", string(h.content()))
				check(h, os.RemoveAll(h.path("src/deep")))
				check(h, os.Rename(h.path("moved"), h.path("src/deep")))
				check(h, os.RemoveAll(h.path("src/deep/deep")))
			}
			return "move a folder"
		},
		func() string {
			lines := []string{"*.txt\n", "deep/\n", "a.py\n!/a.py\n", ""}
			name := []string{".gitignore", "src/.flowriderignore"}[h.random.IntN(2)]
			h.create(name, lines[h.random.IntN(len(lines))])
			return "edit " + name
		},
	}
	return steps[h.random.IntN(len(steps))]() + " " + name
}

// swap lets two files change their names.
func (h *history) swap(a, b string) {
	if info, err := os.Lstat(b); err != nil || !info.Mode().IsRegular() || a == b {
		return
	}
	check(h, os.Rename(a, a+".swap"))
	check(h, os.Rename(b, a))
	check(h, os.Rename(a+".swap", b))
}

// futureless brings all files into the past, so that they can settle.
func (h *history) futureless() {
	for _, e := range mustList(h, h.sel).Entries {
		if info, err := os.Lstat(h.path(e.Path)); err == nil && info.ModTime().After(time.Now()) {
			check(h, os.Chtimes(h.path(e.Path), time.Unix(1, 0), time.Unix(1, 0)))
		}
	}
}
