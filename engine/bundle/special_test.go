package bundle

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// newSocket leaves a socket at a path.
func newSocket(t *testing.T, name string) {
	t.Helper()
	t.Chdir(filepath.Dir(name)) // the path of a socket must be short
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Base(name)})
	check(t, err)
	listener.SetUnlinkOnClose(false)
	listener.Close()
}

func TestSpecialFilesAreRefusedByName(t *testing.T) {
	root := newProject(t, map[string]string{"a.py": "", "sub/b.py": ""})
	check(t, unix.Mkfifo(filepath.Join(root, "sub", "pipe"), 0o644))
	newSocket(t, filepath.Join(root, "socket${x}"))
	want := `socket${x} is a socket, and only files, folders and symlinks can be bundled; remove it, or exclude it: exclude = ["socket$\\{x\\}"]` + "\n" +
		`sub/pipe is a FIFO, and only files, folders and symlinks can be bundled; remove it, or exclude it: exclude = ["sub/pipe"]`
	_, err := List(Selection{Root: root}, nil)
	checkError(t, err, root, want)
	dest := filepath.Join(t.TempDir(), "bundle")
	_, err = Copy(noContext, Selection{Root: root}, dest, nil)
	checkError(t, err, root, want)
	if _, err := os.Lstat(dest); err == nil {
		t.Error("a bundle was begun")
	}
	// The way out that the message names is one.
	checkPaths(t, Selection{Root: root, Exclude: []string{`socket$\{x\}`, "sub/pipe"}}, "a.py", "sub/b.py")
	writeInto(t, root, ".flowriderignore", "pipe\nsocket*\n")
	checkPaths(t, Selection{Root: root}, "a.py", "sub/b.py")
}

func TestDevicesAreRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: only root can make a device")
	}
	root := t.TempDir()
	if err := unix.Mknod(filepath.Join(root, "zero"), unix.S_IFCHR|0o644, int(unix.Mkdev(1, 5))); err != nil {
		t.Skip("SKIPPED: devices cannot be made here: ", err)
	}
	_, err := List(Selection{Root: root}, nil)
	checkError(t, err, root, `zero is a device, and only files, folders and symlinks can be bundled; remove it, or exclude it: exclude = ["zero"]`)
}

func TestManyRefusalsAreCounted(t *testing.T) {
	root := t.TempDir()
	for i := range maxShown + 2 {
		check(t, unix.Mkfifo(filepath.Join(root, fmt.Sprintf("p%02d", i)), 0o644))
	}
	_, err := List(Selection{Root: root}, nil)
	if err == nil {
		t.Fatal("no error")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != maxShown+1 || !strings.HasPrefix(lines[0], "p00 ") || lines[maxShown] != "and 2 more like these" {
		t.Errorf("message:\n%s", err)
	}
}

func TestSymlinks(t *testing.T) {
	const outside = "; exclude it: exclude = [\"%[1]s\"], or have what it points to hashed and linked: bundle { link = [\"%[1]s\"] }"
	for _, c := range []struct {
		name   string
		files  map[string]string
		reason string // "" if it may stay
	}{
		{"beside", map[string]string{"a": "", "l": "-> a"}, ""},
		{"up and inside", map[string]string{"a": "", "s/l": "-> ../a"}, ""},
		{"to the top", map[string]string{"s/l": "-> .."}, ""},
		{"nowhere", map[string]string{"l": "-> missing/x"}, ""},
		{"itself", map[string]string{"l": "-> l"}, ""},
		{"each other", map[string]string{"l": "-> k/..", "k": "-> l/x"}, ""},
		{"to what is ignored", map[string]string{".gitignore": "d\n", "d/x": "", "l": "-> d/x"}, ""},
		{"through a symlink and back", map[string]string{"a/b/c/x": "", "s/d": "-> ../a/b/c", "l": "-> s/d/../../x"}, ""},
		{"out", map[string]string{"l": "-> .."}, "l is a symlink to .., which leaves the project"},
		{"out and in again", map[string]string{"a": "", "s/l": "-> ../../project/a"},
			"s/l is a symlink to ../../project/a, which leaves the project"},
		{"absolute", map[string]string{"l": "-> /etc/passwd"},
			"l is a symlink to /etc/passwd, which is an absolute path and so is outside the bundle"},
		{"through a symlink", map[string]string{"a/b/": "", "d": "-> a", "s/t/l": "-> ../../d/../.."},
			"s/t/l is a symlink to ../../d/../.., which leaves the project"},
		{"through a symlink that leads up", map[string]string{"x/y/z": "", "x/up": "-> ..", "l": "-> x/up/.."},
			"l is a symlink to x/up/.., which leaves the project"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := newProject(t, c.files)
			l, err := List(Selection{Root: root}, nil)
			if c.reason == "" {
				check(t, err)
				copied, err := Copy(noContext, Selection{Root: root}, filepath.Join(t.TempDir(), "bundle"), nil)
				check(t, err)
				if copied.Digest != l.Digest {
					t.Error("the copy has another digest")
				}
				return
			}
			name, _, _ := strings.Cut(c.reason, " ")
			checkError(t, err, root, c.reason+fmt.Sprintf(outside, name))
		})
	}
}

// Many of them are one message, with the first, where they lie and what to write.
func TestManySymlinksAreOneMessage(t *testing.T) {
	files := map[string]string{"top": "-> /etc", "real/a": "", "real/l": "-> a"}
	for i := range 30 {
		files[fmt.Sprintf("data/x/l%02d", i)] = "-> /mnt/data"
	}
	root := newProject(t, files)
	_, err := List(Selection{Root: root}, nil)
	checkError(t, err, root, `31 symlinks lead out of the project, and so out of the bundle: data/x/l00 to /mnt/data, data/x/l01 to /mnt/data, data/x/l02 to /mnt/data and so on; `+
		`have what they point to hashed and linked: bundle { link = ["data/x/**", "top"] }, or leave all out that lies there: exclude = ["data/x/**", "top"]`)
	checkPaths(t, Selection{Root: root, Exclude: []string{"data/x/**", "top"}}, "real/a", "real/l -> a")
}

// A symlink that leads through another one is judged by where it ends.
func TestSymlinkThroughARefusedOne(t *testing.T) {
	root := newProject(t, map[string]string{"data": "-> /mnt/data", "today": "-> data/today"})
	_, err := List(Selection{Root: root}, nil)
	checkError(t, err, root, `data is a symlink to /mnt/data, which is an absolute path and so is outside the bundle; `+
		`exclude it: exclude = ["data"], or have what it points to hashed and linked: bundle { link = ["data"] }`+"\n"+
		`today is a symlink to data/today, which leaves the project through another symlink; `+
		`exclude it: exclude = ["today"], or have what it points to hashed and linked: bundle { link = ["today"] }`)
	checkPaths(t, Selection{Root: root, Exclude: []string{"data/**", "today"}})
}

// A symlink counts by its text, not by what it points to.
func TestSymlinkCountsByText(t *testing.T) {
	one := newProject(t, map[string]string{".gitignore": "d/\n", "d/x": "1", "l": "-> d/x"})
	other := newProject(t, map[string]string{".gitignore": "d/\n", "d/x": "2", "l": "-> d/x"})
	third := newProject(t, map[string]string{".gitignore": "d/\n", "d/x": "1", "l": "-> d/./x"})
	a, b, c := mustList(t, Selection{Root: one}), mustList(t, Selection{Root: other}), mustList(t, Selection{Root: third})
	if a.Digest != b.Digest {
		t.Error("what the symlink points to counts")
	}
	if a.Digest == c.Digest {
		t.Error("the text of the symlink does not count")
	}
}
