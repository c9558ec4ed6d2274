package bundle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/internal/testenv"
)

// hostile is a tree that is made to hang, mislead or exhaust whoever bundles it.
type hostile struct {
	name  string
	files map[string]string // as newProject takes them; OUTSIDE is a folder beside the project
	make  func(t *forest)   // what a text cannot say
	with  func(selection Selection) Selection
	want  string // part of the refusal; "" for a bundle of
	holds int    // so many entries, -1 for any number
}

// forest is a project in the making.
type forest struct {
	*testing.T
	root, outside string
}

func (t *forest) at(name string) string { return filepath.Join(t.root, filepath.FromSlash(name)) }

func (t *forest) fifo(name string) {
	t.Helper()
	check(t, os.MkdirAll(filepath.Dir(t.at(name)), 0o755))
	check(t, unix.Mkfifo(t.at(name), 0o644))
}

// device makes a device that never ends.
func (t *forest) device(name string, kind uint32) {
	t.Helper()
	if err := unix.Mknod(t.at(name), kind|0o644, int(unix.Mkdev(1, 5))); err != nil {
		t.Skip("SKIPPED: devices cannot be made here: ", err)
	}
}

func (t *forest) many(folders, files int) {
	t.Helper()
	for i := range folders {
		folder := t.at(fmt.Sprintf("d%04d", i))
		check(t, os.Mkdir(folder, 0o755))
		for k := range files {
			check(t, os.WriteFile(filepath.Join(folder, fmt.Sprintf("f%05d", k)), nil, 0o644))
		}
	}
}

// deep makes folders in each other until their path is too long for a system
// call, with a file in the last.
func (t *forest) deep(levels int) {
	t.Helper()
	fd, err := unix.Open(t.root, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	check(t, err)
	for range levels {
		check(t, unix.Mkdirat(fd, "deep", 0o755))
		next, err := unix.Openat(fd, "deep", unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		check(t, err)
		unix.Close(fd)
		fd = next
	}
	file, err := unix.Openat(fd, "file", unix.O_CREAT|unix.O_WRONLY|unix.O_CLOEXEC, 0o644)
	check(t, err)
	unix.Close(file)
	unix.Close(fd)
}

func including(globs ...string) func(Selection) Selection {
	return func(s Selection) Selection { s.Include, s.HasInclude = globs, true; return s }
}

func excluding(globs ...string) func(Selection) Selection {
	return func(s Selection) Selection { s.Exclude = globs; return s }
}

func linking(globs ...string) func(Selection) Selection {
	return func(s Selection) Selection { s.Link = globs; return s }
}

const leadsOut, isPipe, isDevice = "which leaves the project", "is a FIFO", "is a device"

// hostileTrees are 60.
var hostileTrees = []hostile{
	// What would hang whoever opens it.
	{name: "a pipe", make: func(t *forest) { t.fifo("p") }, want: isPipe},
	{name: "a pipe deep down", make: func(t *forest) { t.fifo("a/b/c/p") }, want: isPipe},
	{name: "a pipe that is named", make: func(t *forest) { t.fifo("p") }, with: including("p"), want: isPipe},
	{name: "a pipe that is linked to", make: func(t *forest) { t.fifo("p") }, with: linking("p"), want: isPipe},
	{name: "a pipe that is ignored", files: map[string]string{".gitignore": "p\n"}, make: func(t *forest) { t.fifo("p") }, holds: 1},
	{name: "a pipe that is excluded", make: func(t *forest) { t.fifo("p") }, with: excluding("p")},
	{name: "a pipe in the place of .gitignore", make: func(t *forest) { t.fifo(".gitignore") }, want: isPipe},
	{name: "a pipe in the place of .flowriderignore", make: func(t *forest) { t.fifo(".flowriderignore") }, holds: 0},
	{name: "a pipe in the place of .git", make: func(t *forest) { t.fifo(".git") }, holds: -1},
	{name: "a hundred pipes", make: func(t *forest) {
		for i := range 100 {
			t.fifo(fmt.Sprint("p", i))
		}
	}, want: "and 95 more like these"},
	{name: "a socket", make: func(t *forest) { newSocket(t.T, t.at("s")) }, want: "is a socket"},
	{name: "a device without an end", make: func(t *forest) { t.device("zero", unix.S_IFCHR) }, want: isDevice},
	{name: "a disk", make: func(t *forest) { t.device("disk", unix.S_IFBLK) }, want: isDevice},
	{name: "a device that is named", make: func(t *forest) { t.device("zero", unix.S_IFCHR) }, with: including("*"), want: isDevice},
	{name: "a device that is linked to", make: func(t *forest) { t.device("zero", unix.S_IFCHR) }, with: linking("zero"), want: isDevice},
	{name: "a device in the place of .gitignore", make: func(t *forest) { t.device(".gitignore", unix.S_IFCHR) }, want: isDevice},

	// Links that lead out, or nowhere.
	{name: "a link to itself", files: map[string]string{"l": "-> l"}, holds: 1},
	{name: "links to each other", files: map[string]string{"a": "-> b", "b": "-> a"}, holds: 2},
	{name: "a link to the folder it is in", files: map[string]string{"d/x": "", "d/l": "-> ."}, holds: 2},
	{name: "a link to the project", files: map[string]string{"d/l": "-> .."}, holds: 1},
	{name: "links to the project all over", files: map[string]string{"a/l": "-> ..", "a/k": "-> ..", "b/l": "-> ..", "b/k": "-> ../a"}, holds: 4},
	{name: "a chain of links", make: func(t *forest) {
		for i := range 100 {
			check(t, os.Symlink(fmt.Sprintf("l%d", i+1), t.at(fmt.Sprintf("l%d", i))))
		}
	}, holds: 100},
	{name: "a link to nothing", files: map[string]string{"l": "-> none"}, holds: 1},
	{name: "a long link", files: map[string]string{"l": "-> " + strings.Repeat("x/", 2000)}, holds: -1},
	{name: "a link out", files: map[string]string{"l": "-> ../outside/secret"}, want: leadsOut},
	{name: "a link to a folder outside", files: map[string]string{"l": "-> ../outside"}, want: leadsOut},
	{name: "a link with an absolute path", files: map[string]string{"l": "-> OUTSIDE/secret"}, want: "is outside the bundle"},
	{name: "a link to nothing outside", files: map[string]string{"l": "-> ../none"}, want: leadsOut},
	{name: "a link out through another", files: map[string]string{"a": "-> ..", "l": "-> a/outside/secret"}, want: leadsOut},
	{name: "a link out and in", files: map[string]string{"a/x": "", "l": "-> ../project/a/x"}, want: leadsOut},
	{name: "a link to a device", files: map[string]string{"l": "-> /dev/zero"}, want: "is outside the bundle"},
	{name: "a link to open files", files: map[string]string{"l": "-> /proc/self/fd"}, want: "is outside the bundle"},
	{name: "a link out that is excluded", files: map[string]string{"l": "-> ../outside"}, with: excluding("l")},
	{name: "a link out that is ignored", files: map[string]string{".gitignore": "l\n", "l": "-> ../outside"}, holds: 1},
	{name: "ignore rules that lie outside", files: map[string]string{"a": "", ".gitignore": "-> ../outside/rules"}, holds: -1, want: leadsOut},
	{name: "a repository that lies outside", files: map[string]string{"a": "", ".git": "gitdir: ../outside/git\n"}, holds: 1},
	{name: "a repository that is a link", files: map[string]string{"a": "", ".git": "-> ../outside/git"}, holds: 1},
	{name: "linked data without an end", files: map[string]string{"l": "-> /dev/zero"}, with: linking("l"), want: "l leads to a device"},
	{name: "linked data in a circle", files: map[string]string{"d/x": "", "d/l": "-> .", "d/k": "-> l/l/l"}, with: linking("d"), holds: 3},
	{name: "linked data that is no more", files: map[string]string{"l": "-> ../none"}, with: linking("l"), want: "cannot be followed: no such file"},

	// Names.
	{name: "a line in a name", files: map[string]string{"a\nb": ""}, holds: 1},
	{name: "options for names", files: map[string]string{"-rf": "", "--help": "", "-": ""}, holds: 3},
	{name: "bytes that are no text", files: map[string]string{"a\xff\xfeb": "", "\x80": ""}, holds: 2},
	{name: "control sequences", files: map[string]string{"\x1b[2J\x1b]0;x\x07": "", "\r": "", "\x7f": ""}, holds: 3},
	{name: "blanks", files: map[string]string{" ": "", " a": "", "a ": "", "\t": "", "\u00a0": ""}, holds: 5},
	{name: "globs", files: map[string]string{"*": "", "?": "", "[a]": "", "{a,b}": "", "\\": "", "!x": "", "#x": ""}, holds: 7},
	{name: "shell", files: map[string]string{"$(touch x)": "", "`id`": "", ";": "", "|": "", "~": "", "'": "", "\"": ""}, holds: 7},
	{name: "templates", files: map[string]string{"${x}": "", "%{if true}": "", "{{x}}": ""}, holds: 3},
	{name: "almost up", files: map[string]string{"...": "", "..a": "", "a..": ""}, holds: 3},
	{name: "twins but for their case", files: map[string]string{"a": "1", "A": "2"}, holds: 2},
	{name: "twins but for their normal form", files: map[string]string{"\u00e9": "1", "e\u0301": "2"}, holds: 2},
	{name: "names that turn around", files: map[string]string{"\u202egnp.exe": "", "\u200b": ""}, holds: 2},
	{name: "names as long as can be", files: map[string]string{strings.Repeat("x", 255): "", strings.Repeat("y", 255): ""}, holds: 2},

	// Sizes.
	{name: "a file larger than any disk", make: func(t *forest) {
		check(t, os.WriteFile(t.at("huge"), nil, 0o644))
		check(t, os.Truncate(t.at("huge"), 1<<40))
	}, want: "exclude what the flow does not read; the largest file is huge with 1.1 TB"},
	{name: "one that is excluded", make: func(t *forest) {
		check(t, os.WriteFile(t.at("huge"), nil, 0o644))
		check(t, os.Truncate(t.at("huge"), 1<<40))
	}, with: excluding("huge")},
	{name: "very many files in a folder", make: func(t *forest) { t.many(1, hostileFiles) }, holds: hostileFiles},
	{name: "very many folders", make: func(t *forest) { t.many(hostileFiles/100, 100) }, holds: hostileFiles},
	{name: "folders deeper than a path can be long", make: func(t *forest) { t.deep(2000) }, want: `deep holds folders so deep that their paths have more than 2,000 bytes, and few programs can open what is there; exclude it: exclude = ["deep"]`},
	{name: "ignore rules of a megabyte", files: map[string]string{"a": "", ".gitignore": strings.Repeat("**/x*y*z*[a-z]/**\n", 60_000)}, holds: 2},
	{name: "ignore rules that try everything", files: map[string]string{
		".gitignore":             strings.Repeat("*a", 40) + "b\n" + strings.Repeat("**/a/", 40) + "b\n",
		strings.Repeat("a", 200): "", strings.Repeat("a/", 100) + "c": "",
	}, holds: 3},
}

// TestT22HostileTrees lists each of them, as plan does, and copies it, as apply
// does, which comes to the same: after at most ten seconds of work there is a bundle or a refusal that names what is wrong, and nothing outside of the
// project was opened.
func TestT22HostileTrees(t *testing.T) {
	if len(hostileTrees) != 60 {
		t.Fatalf("%d trees", len(hostileTrees))
	}
	slowest, most, opened, judged := time.Duration(0), time.Duration(0), 0, 0
	for _, h := range hostileTrees {
		t.Run(h.name, func(t *testing.T) {
			base := t.TempDir()
			tree := &forest{t, filepath.Join(base, "project"), filepath.Join(base, "outside")}
			for _, name := range []string{"secret", "rules", "git"} {
				writeInto(t, tree.outside, name, "secret\n")
			}
			check(t, os.MkdirAll(tree.root, 0o755))
			for name, content := range h.files {
				writeInto(t, tree.root, name, strings.ReplaceAll(content, "OUTSIDE", tree.outside))
			}
			if h.make != nil {
				h.make(tree)
			}
			selection := Selection{Root: tree.root}
			if h.with != nil {
				selection = h.with(selection)
			}
			count, begun, busy := testenv.Opened(t, tree.outside), time.Now(), cpu(t)
			listing, err := List(selection, nil)
			took, worked := time.Since(begun), cpu(t)-busy
			copied, copyErr := Copy(noContext, selection, filepath.Join(base, "bundle"), nil)
			switch {
			case h.want != "" && (err == nil || !strings.Contains(err.Error(), h.want)):
				t.Errorf("got %v, want %q", err, h.want)
			case h.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case h.want == "" && h.holds >= 0 && len(listing.Entries) != h.holds:
				t.Errorf("%d entries, want %d", len(listing.Entries), h.holds)
			}
			if (err == nil) != (copyErr == nil) || err == nil && listing.Digest != copied.Digest {
				t.Errorf("copied otherwise: %v, %v", err, errors.Unwrap(copyErr))
			}
			if worked > 10*time.Second {
				t.Errorf("a verdict after %v of work", worked)
			}
			if n := count(); n > 0 {
				opened += n
				t.Errorf("%d opens outside of the project", n)
			}
			slowest, most = max(slowest, took), max(most, worked)
			judged++
		})
	}
	if judged != len(hostileTrees) {
		t.Errorf("%d of %d trees judged", judged, len(hostileTrees))
	}
	testenv.Figure(t, "T22", "%d hostile trees, of them two with %s files: a verdict in at most %v each (%v of work), %d opens outside of the project",
		judged, count(hostileFiles), slowest.Round(10*time.Millisecond), most.Round(10*time.Millisecond), opened)
}

// cpu is the processor time that this process has taken: other than the clock,
// it does not depend on what else the machine does. What hangs takes none, and
// is ended by the time limit of all tests.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var usage unix.Rusage
	check(t, unix.Getrusage(unix.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
