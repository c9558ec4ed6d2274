package bundle

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMain lets the test binary be its own child without root's rights; see
// unprivileged_test.go.
func TestMain(m *testing.M) {
	if root := os.Getenv(childRoot); root != "" {
		os.Exit(childMain(root))
	}
	os.Exit(m.Run())
}

// newProject writes files below a new folder: contents by slash path. A path
// that ends in a slash is an empty folder; contents that begin with "-> " are
// a symlink's text; a path that begins with "x:" is executable.
func newProject(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		writeInto(t, root, name, content)
	}
	return root
}

func writeInto(t testing.TB, root, name, content string) {
	t.Helper()
	name, executable := strings.CutPrefix(name, "x:")
	full := filepath.Join(root, filepath.FromSlash(name))
	if strings.HasSuffix(name, "/") {
		check(t, os.MkdirAll(full, 0o755))
		return
	}
	check(t, os.MkdirAll(filepath.Dir(full), 0o755))
	if target, ok := strings.CutPrefix(content, "-> "); ok {
		check(t, os.Symlink(target, full))
		return
	}
	mode := os.FileMode(0o644)
	if executable {
		mode = 0o755
	}
	check(t, os.WriteFile(full, []byte(content), mode))
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustList(t testing.TB, sel Selection) *Listing {
	t.Helper()
	l, err := List(sel, nil)
	check(t, err)
	return l
}

// paths are the paths of a listing; a symlink with its text, a linked file
// with a sign.
func paths(l *Listing) []string {
	list := []string{}
	for _, e := range l.Entries {
		switch e.Type {
		case Symlink:
			list = append(list, e.Path+" -> "+e.Target)
		case Link:
			list = append(list, e.Path+" (link)")
		default:
			list = append(list, e.Path)
		}
	}
	return list
}

func checkPaths(t testing.TB, sel Selection, want ...string) *Listing {
	t.Helper()
	l := mustList(t, sel)
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, paths(l)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	return l
}

// checkError compares an error's text, with the temporary folder taken out.
func checkError(t testing.TB, err error, root, want string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	got := err.Error()
	if root != "" {
		got = strings.ReplaceAll(got, root, "ROOT")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}
