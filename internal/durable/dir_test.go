package durable_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/internal/durable"
)

// tree is every file below dir with its content, links as "-> target".
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		if d.Type()&fs.ModeSymlink != 0 {
			target, err := os.Readlink(path)
			files[rel] = "-> " + target
			return err
		}
		data, err := os.ReadFile(path)
		files[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func equal[T any](t *testing.T, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestWriteMakesFoldersAndReplaces(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "runs", "train", "forest.json")
	for _, content := range []string{"one", "two, which is longer", "", "3"} {
		if err := durable.WriteFile(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		equal(t, map[string]string{"runs/train/forest.json": content}, tree(t, root))
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm()&0o600 != 0o600 || info.Mode().Perm()&0o111 != 0 {
		t.Errorf("mode is %v", info.Mode())
	}
}

func TestWriteHonoursPerm(t *testing.T) {
	root := t.TempDir()
	dir, err := durable.OpenDir(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := dir.WriteWith("plan", []byte("x"), durable.Options{Perm: 0o600}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(root, "plan"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, fs.FileMode(0o600), info.Mode().Perm())
	if err := dir.WriteWith("plan", []byte("y"), durable.Options{Mode: 0o666}); err != nil {
		t.Fatal(err)
	}
	if info, err = os.Stat(filepath.Join(root, "plan")); err != nil {
		t.Fatal(err)
	}
	equal(t, fs.FileMode(0o666), info.Mode().Perm())
}

func TestWriteReplacesALinkAndNotWhatItPointsTo(t *testing.T) {
	root, outside := t.TempDir(), filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(outside, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(root, "a.json")); err != nil {
		t.Fatal(err)
	}
	if err := durable.WriteFile(filepath.Join(root, "a.json"), []byte("new")); err != nil {
		t.Fatal(err)
	}
	equal(t, map[string]string{"a.json": "new"}, tree(t, root))
	equal(t, map[string]string{"precious": "precious"}, tree(t, filepath.Dir(outside)))
}

func TestWriteTakesLongNames(t *testing.T) {
	root := t.TempDir()
	name := strings.Repeat("n", 255)
	if err := durable.WriteFile(filepath.Join(root, name), []byte("x")); err != nil {
		t.Fatal(err)
	}
	equal(t, map[string]string{name: "x"}, tree(t, root))
}

func TestWriteRefusesPaths(t *testing.T) {
	dir, err := durable.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".", "..", "a/b", "../a", "/a", "a\x00"} {
		if err := dir.Write(name, nil); err == nil {
			t.Errorf("name %q was accepted", name)
		}
	}
}

func TestWriteStopsWhenTheCheckFails(t *testing.T) {
	root := t.TempDir()
	dir, err := durable.OpenDir(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := dir.Write("a", []byte("old")); err != nil {
		t.Fatal(err)
	}
	changed := errors.New("it was changed meanwhile")
	err = dir.WriteWith("a", []byte("new"), durable.Options{Check: func() error { return changed }})
	if err != changed {
		t.Errorf("err = %v", err)
	}
	equal(t, map[string]string{"a": "old"}, tree(t, root))
}

func TestAFileWhereAFolderShouldBe(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "runs"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	err := durable.WriteFile(filepath.Join(root, "runs", "a.json"), nil)
	if err == nil || !strings.Contains(err.Error(), "runs") {
		t.Errorf("err = %v", err)
	}
}

func TestRemove(t *testing.T) {
	root := t.TempDir()
	dir, err := durable.OpenDir(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := dir.Write("a", []byte("x")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it is gone already
		if err := dir.Remove("a"); err != nil {
			t.Fatal(err)
		}
		equal(t, map[string]string{}, tree(t, root))
	}
}

func TestRemoveLeftovers(t *testing.T) {
	root := t.TempDir()
	dir, err := durable.OpenDir(root)
	if err != nil {
		t.Fatal(err)
	}
	keep := map[string]string{
		"a.json": "x", ".a.json.tmp": "x", ".tmp.x": "x", ".gitignore": "x",
		"a.tmp.01JDJ1S3V0000000000000000A": "no leading dot", ".a.tmp.short": "x",
	}
	for name, content := range keep {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{".a.json.tmp.01JDJ1S3V0000000000000000A", ".b.tmp.tmp.01JDJ1S3V0000000000000000B"} {
		if err := os.WriteFile(filepath.Join(root, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(root, ".model.tmp.01JDJ1S3V0000000000000000C", "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := dir.RemoveLeftovers(); err != nil {
		t.Fatal(err)
	}
	equal(t, keep, tree(t, root))
	if _, err := os.Stat(filepath.Join(root, ".model.tmp.01JDJ1S3V0000000000000000C")); err == nil {
		t.Error("the stage is still there")
	}
}

func TestWritersDoNotDisturbEachOther(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "a", "b", "file")
	content := func(i int) string { return strings.Repeat(string(rune('a'+i)), 10_000) }
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				if err := durable.WriteFile(path, []byte(content(i))); err != nil {
					t.Error(err)
				}
				data, err := os.ReadFile(path)
				if err != nil {
					t.Error(err)
				}
				if len(data) != 10_000 || strings.Trim(string(data), string(data[:1])) != "" {
					t.Errorf("a mixture of %d bytes was read", len(data))
				}
			}
		})
	}
	wg.Wait()
	equal(t, 1, len(tree(t, root)))
}

// Removed with a fault at each operation: the folder is whole, or not there.
func TestRemoveTrees(t *testing.T) {
	for at := 1; ; at++ {
		root := t.TempDir()
		for _, name := range []string{"tree/a/b", "tree/c", "other"} {
			if err := durable.WriteFile(filepath.Join(root, name), []byte(name)); err != nil {
				t.Fatal(err)
			}
		}
		faulty := durable.NewFaulty(durable.OS(), durable.Fault{At: at})
		remove := func(w durable.Writer) error {
			dir, err := w.OpenDir(root)
			if err != nil {
				return err
			}
			defer dir.Close()
			return dir.RemoveTrees("tree", "other")
		}
		err := remove(durable.With(faulty))
		_, gone := os.Stat(filepath.Join(root, "tree"))
		_, half := os.Stat(filepath.Join(root, "tree/a/b"))
		if (gone == nil) != (half == nil) || gone == nil && err == nil {
			t.Errorf("at %d: %v, %v, %v", at, err, gone, half)
		}
		if !faulty.Struck() {
			break
		}
		if err := remove(durable.With(durable.OS())); err != nil { // nothing there is no error
			t.Error(err)
		}
	}
}
