package bundle

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// childRoot is set for a child of this test binary, to the project that it
// lists; childDest to the folder that it copies to.
const (
	childRoot = "BUNDLE_TEST_ROOT"
	childDest = "BUNDLE_TEST_DEST"
)

// childMain lists or copies a project and prints the paths or the error.
func childMain(root string) int {
	var l *Listing
	var err error
	if dest := os.Getenv(childDest); dest != "" {
		l, err = Copy(context.Background(), Selection{Root: root}, dest, nil)
	} else {
		l, err = List(Selection{Root: root}, nil)
	}
	if err != nil {
		fmt.Println(err)
		return 0
	}
	fmt.Println(strings.Join(paths(l), "\n"))
	return 0
}

// asNobody runs the child as a user who may not do everything, and returns
// what it prints.
func asNobody(t *testing.T, root string, env ...string) string {
	t.Helper()
	program, err := os.Executable()
	check(t, err)
	cmd := exec.Command(program)
	cmd.Env = append([]string{childRoot + "=" + root}, env...)
	if os.Geteuid() == 0 {
		program := filepath.Join(filepath.Dir(root), "program")
		data, err := os.ReadFile(cmd.Path)
		check(t, err)
		check(t, os.WriteFile(program, data, 0o755))
		cmd = exec.Command(program)
		cmd.Env = append([]string{childRoot + "=" + root}, env...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("child: %v\n%s", err, out)
	}
	return strings.TrimSuffix(string(out), "\n")
}

// openFolder is a folder that every user can reach.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bundle-test-")
	check(t, err)
	check(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { os.RemoveAll(dir) })
	check(t, os.Mkdir(filepath.Join(dir, "project"), 0o755))
	return filepath.Join(dir, "project")
}

func TestUnreadableFilesAreNamed(t *testing.T) {
	for _, c := range []struct {
		name   string
		locked string
		mode   os.FileMode
		want   string
	}{
		{"file", "data/secret.txt", 0o000,
			`data/secret.txt cannot be read: permission denied; make it readable, or exclude it: exclude = ["data/secret.txt"]`},
		{"folder", "data", 0o000,
			`data cannot be opened: permission denied; make it readable, or exclude it: exclude = ["data"]`},
		{"folder that can be listed and no more", "data", 0o444,
			`data/secret.txt cannot be looked at: permission denied; make it readable, or exclude it: exclude = ["data/secret.txt"]`},
		{"ignore file", ".gitignore", 0o000,
			`ignore file .gitignore: permission denied; make it readable, or name the project's files with include`},
		{"nothing", "data/secret.txt", 0o444, ".gitignore\na.py\ndata/secret.txt"},
		{"ignored folder", "ignored", 0o000, ".gitignore\na.py\ndata/secret.txt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := openFolder(t)
			for name, content := range map[string]string{"a.py": "a", "data/secret.txt": "s", "ignored/x": "x", ".gitignore": "ignored\n"} {
				writeInto(t, root, name, content)
			}
			check(t, os.Chmod(filepath.Join(root, c.locked), c.mode))
			t.Cleanup(func() { os.Chmod(filepath.Join(root, c.locked), 0o755) })
			if got := asNobody(t, root); got != c.want {
				t.Errorf("listing says\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestCopyIsWritableWhateverTheOriginalIs(t *testing.T) {
	root := openFolder(t)
	writeInto(t, root, "a.py", "a")
	writeInto(t, root, "x:sub/run", "b")
	for _, name := range []string{"a.py", "sub/run", "sub"} {
		check(t, os.Chmod(filepath.Join(root, name), 0o555))
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(root, "sub"), 0o755) })
	check(t, os.Chmod(filepath.Join(root, "a.py"), 0o444))
	place := filepath.Join(filepath.Dir(root), "place")
	check(t, os.Mkdir(place, 0o777))
	check(t, os.Chmod(place, 0o777))
	dest := filepath.Join(place, "bundle")
	if got, want := asNobody(t, root, childDest+"="+dest), "a.py\nsub/run"; got != want {
		t.Fatalf("copy says %q, want %q", got, want)
	}
	for name, want := range map[string]os.FileMode{".": 0o700, "a.py": 0o600, "sub": 0o700, "sub/run": 0o700} {
		st, err := os.Stat(filepath.Join(dest, name))
		check(t, err)
		if got := st.Mode().Perm() & 0o700; got != want {
			t.Errorf("%s has mode %o for its owner, want %o", name, got, want)
		}
	}
	if st, err := os.Stat(dest); err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("others can enter the bundle: %v, %v", st.Mode(), err)
	}
}

func TestDestinationThatCannotBeWritten(t *testing.T) {
	root := openFolder(t)
	writeInto(t, root, "a.py", "a")
	place := filepath.Join(filepath.Dir(root), "place")
	check(t, os.Mkdir(place, 0o555))
	got := asNobody(t, root, childDest+"="+filepath.Join(place, "bundle"))
	if want := "folder for the bundle: mkdir " + place + "/bundle: permission denied"; got != want {
		t.Errorf("copy says %q, want %q", got, want)
	}
}
