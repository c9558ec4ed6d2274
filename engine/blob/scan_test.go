package blob_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/internal/durable"
)

// A file that changes while it is copied is read again; one that never keeps
// still is refused by name.
func TestFileThatChangesMeanwhile(t *testing.T) {
	for _, c := range []struct {
		changes int
		want    string // error
	}{{0, ""}, {1, ""}, {2, ""}, {3, "output log changes while it is read; something still writes to it"}} {
		t.Run(fmt.Sprint(c.changes), func(t *testing.T) {
			root := t.TempDir()
			path := filepath.Join(root, "log")
			build(t, root, map[string]string{"log": "start"})
			left := c.changes
			backend := meanwhile{durable.OS(), func() {
				if left > 0 {
					left--
					f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
					must(t, err)
					_, err = f.WriteString(" and more")
					must(t, err)
					must(t, f.Close())
				}
			}}
			s := blob.OpenWith(root, durable.With(backend))
			digest, err := s.Put(path)
			if c.want != "" {
				if err == nil || err.Error() != c.want {
					t.Errorf("err = %v", err)
				}
				return
			}
			must(t, err)
			must(t, s.Verify(digest, "log"))
			equal(t, tree(t, path), tree(t, s.Path(digest, "log")))
		})
	}
}

// meanwhile does something whenever a copy is begun.
type meanwhile struct {
	durable.Backend
	act func()
}

func (b meanwhile) OpenFolder(path string) (durable.Folder, error) {
	folder, err := b.Backend.OpenFolder(path)
	return meanwhileFolder{folder, b.act}, err
}

type meanwhileFolder struct {
	durable.Folder
	act func()
}

func (d meanwhileFolder) Create(name string, perm fs.FileMode) (durable.File, error) {
	d.act()
	return d.Folder.Create(name, perm)
}

// Any tree comes out as it went in, and two trees have one digest only if they
// are the same.
func TestAnyTree(t *testing.T) {
	base := t.TempDir()
	digests := map[string]string{}
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		root := filepath.Join(base, fmt.Sprint(n))
		files := drawTree(rt)
		build(t, filepath.Join(root, "out"), files)
		s := blob.Open(root)
		digest, err := s.Put(filepath.Join(root, "out"))
		must(t, err)
		want := tree(t, filepath.Join(root, "out"))
		must(t, s.Restore(digest, "out", filepath.Join(root, "back"), drop))
		equal(t, want, tree(t, s.Path(digest, "out")))
		equal(t, want, tree(t, filepath.Join(root, "back")))
		text := fmt.Sprintf("%q", want)
		if other, seen := digests[digest]; seen && other != text {
			t.Errorf("%s and %s have one digest", text, other)
		}
		digests[digest] = text
	})
}

// drawTree draws a few files and folders with hostile names.
func drawTree(t *rapid.T) map[string]string {
	name := rapid.OneOf(
		rapid.SampledFrom([]string{"a", "b", "A", "-rf", " ", "\n", anyBytes, "f false", "ü", "u\u0308", strings.Repeat("n", 255)}),
		rapid.StringMatching(`[ab]{1,2}`))
	files := map[string]string{}
	for range rapid.IntRange(0, 6).Draw(t, "files") {
		path := name.Draw(t, "name")
		if rapid.Bool().Draw(t, "nested") {
			path = "dir of " + path[:min(len(path), 9)] + "/" + name.Draw(t, "inner")
		}
		files[path] = rapid.StringN(0, 20, -1).Draw(t, "content")
	}
	return files
}
