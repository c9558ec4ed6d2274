package bundle

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLink(t *testing.T) {
	root := newProject(t, map[string]string{
		".gitignore": "/data/\n", "a.py": "a", "data/raw/x.csv": "x", "data/raw/y/z.csv": "z", "data/tmp/t": "t", "data/raw/no.md": "",
	})
	sel := Selection{Root: root, Link: []string{"data/raw/**"}, Exclude: []string{"**/*.md"}}
	l := checkPaths(t, sel, ".gitignore", "a.py", "data/raw/x.csv (link)", "data/raw/y/z.csv (link)")

	dest := filepath.Join(t.TempDir(), "bundle")
	copied, err := Copy(noContext, sel, dest, nil)
	check(t, err)
	if diff := cmp.Diff(l, copied); diff != "" {
		t.Errorf("listing (-List +Copy):\n%s", diff)
	}
	target, err := os.Readlink(filepath.Join(dest, "data", "raw", "x.csv"))
	check(t, err)
	if want := filepath.Join(root, "data", "raw", "x.csv"); target != want {
		t.Errorf("linked to %s, want %s", target, want)
	}
	data, err := os.ReadFile(filepath.Join(dest, "data", "raw", "y", "z.csv"))
	if err != nil || string(data) != "z" {
		t.Errorf("read through the link: %q, %v", data, err)
	}

	// The digest is that of the same files copied: nothing reruns.
	copiedAll := mustList(t, Selection{Root: root, HasInclude: true,
		Include: []string{".gitignore", "a.py", "data/raw"}, Exclude: sel.Exclude})
	if copiedAll.Digest != l.Digest {
		t.Error("linking instead of copying changes the digest")
	}
	// include and link stand side by side.
	checkPaths(t, Selection{Root: root, HasInclude: true, Include: []string{"a.py"}, Link: []string{"data/raw/y"}},
		"a.py", "data/raw/y/z.csv (link)")
	// What both name is linked.
	checkPaths(t, Selection{Root: root, HasInclude: true, Include: []string{"data"}, Link: []string{"data/raw/*.csv"}},
		"data/raw/no.md", "data/raw/x.csv (link)", "data/raw/y/z.csv", "data/tmp/t")
}

func TestCheckLinks(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(root string) error
		want   string
	}{
		{"nothing", func(string) error { return nil }, ""},
		{"touched", func(root string) error { return os.WriteFile(root+"/data/x", []byte("x"), 0o644) }, ""},
		{"a copied file", func(root string) error { return os.WriteFile(root+"/a.py", []byte("new"), 0o644) }, ""},
		{"content of the same size", func(root string) error { return os.WriteFile(root+"/data/x", []byte("y"), 0o644) },
			"data/x was changed while the flow ran, and it is linked, not copied; run again when nothing writes to it, or take it out of link so that it is copied"},
		{"mode", func(root string) error { return os.Chmod(root+"/data/x", 0o755) },
			"data/x was changed while the flow ran, and it is linked, not copied; run again when nothing writes to it, or take it out of link so that it is copied"},
		{"removed", func(root string) error { return os.Remove(root + "/data/x") },
			"data/x was removed while the flow ran, and it is linked, not copied; run again when nothing writes to it, or take it out of link so that it is copied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := newProject(t, map[string]string{"a.py": "a", "data/x": "x", "data/y": "y"})
			l := mustList(t, Selection{Root: root, Link: []string{"data"}})
			check(t, c.change(root))
			err := CheckLinks(l, root, nil)
			if c.want == "" {
				check(t, err)
				return
			}
			checkError(t, err, root, c.want)
		})
	}
}

// A symlink out of the project is refused, unless link names it: then the
// files behind it are hashed, and found in the bundle where they are in the
// project.
func TestLinkOutOfTheProject(t *testing.T) {
	store := newProject(t, map[string]string{
		"raw/x.csv": "x", "raw/deep/y.csv": "y", "raw/.git/config": "", "raw/venv/pyvenv.cfg": "", "raw/venv/a": "",
		"raw/notes.md": "", "one.bin": "1", "elsewhere/z": "z", "raw/more": "-> ../elsewhere",
	})
	root := newProject(t, map[string]string{
		"a.py": "", "data": "-> " + filepath.Join(store, "raw"), "one.bin": "-> " + filepath.Join(store, "one.bin"),
		"first": "-> data/x.csv",
	})
	sel := Selection{Root: root, Link: []string{"data/**", "one.bin"}, Exclude: []string{"**/*.md"}}
	l := checkPaths(t, sel, "a.py", "data/deep/y.csv (link)", "data/more/z (link)", "data/x.csv (link)", "first -> data/x.csv", "one.bin (link)")
	dest := filepath.Join(t.TempDir(), "bundle")
	copied, err := Copy(noContext, sel, dest, nil)
	check(t, err)
	if diff := cmp.Diff(l, copied); diff != "" {
		t.Errorf("listing (-List +Copy):\n%s", diff)
	}
	for name, want := range map[string]string{"data/deep/y.csv": "y", "data/more/z": "z", "one.bin": "1", "first": "x"} {
		data, err := os.ReadFile(filepath.Join(dest, name))
		if err != nil || string(data) != want {
			t.Errorf("%s holds %q, %v; want %q", name, data, err, want)
		}
	}
	check(t, CheckLinks(l, root, nil))
	check(t, os.WriteFile(filepath.Join(store, "elsewhere", "z"), []byte("!"), 0o644))
	if CheckLinks(l, root, nil) == nil {
		t.Error("a change behind the symlink is not seen")
	}

	check(t, os.Symlink("..", filepath.Join(store, "raw", "loop")))
	check(t, os.Symlink("missing", filepath.Join(store, "raw", "nowhere")))
	_, err = List(sel, nil)
	checkError(t, err, root, `data/loop/raw leads back to a folder that it lies in; exclude it: exclude = ["data/loop/raw"]`+"\n"+
		`data/nowhere is a symlink that cannot be followed: no such file or directory; make it readable, or exclude it: exclude = ["data/nowhere"]`)
	sel.Exclude = append(sel.Exclude, "data/loop", "data/nowhere")
	mustList(t, sel)
}
