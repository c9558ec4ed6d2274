package bundle

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/internal/testenv"
)

var copies = flag.Int("copies", 200, "how many bundles are copied beside a busy writer")

func TestCopy(t *testing.T) {
	root := newProject(t, map[string]string{
		"a.py": "a", "x:bin/run": "b", "deep/er/c": "c", "latest": "-> deep/er/c", ".gitignore": "*.log\n", "a.log": "",
		"line\nbreak": "1", "-rf": "2", "\xff\xfe": "3", "deep/ü \"$(x)": "4", "empty": "",
		"medium": strings.Repeat("m", chunkSize), "large": strings.Repeat("l", chunkSize+1), "larger": strings.Repeat("ab", chunksAbove/2+7),
	})
	dest := filepath.Join(t.TempDir(), "new", "bundle")
	l, err := Copy(noContext, Selection{Root: root}, dest, nil)
	check(t, err)
	if diff := cmp.Diff(mustList(t, Selection{Root: root}), l); diff != "" {
		t.Errorf("listing (-List +Copy):\n%s", diff)
	}
	// What lies there is what was there, byte for byte, and nothing else.
	if diff := cmp.Diff(mustList(t, Selection{Root: root}), mustList(t, Selection{Root: dest, HasInclude: true, Include: []string{"."}})); diff != "" {
		t.Errorf("copy (-original +copy):\n%s", diff)
	}
	for _, e := range l.Entries {
		if e.Type != File {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dest, e.Path))
		check(t, err)
		original, err := os.ReadFile(filepath.Join(root, e.Path))
		check(t, err)
		if string(data) != string(original) {
			t.Errorf("%q differs", e.Path)
		}
	}
	// It is the caller's to write in, and the original does not change.
	check(t, os.WriteFile(filepath.Join(dest, "larger"), []byte("mine"), 0o644))
	check(t, os.WriteFile(filepath.Join(dest, "deep", "new"), nil, 0o644))
	if got := mustList(t, Selection{Root: root}); got.Digest != l.Digest {
		t.Error("writing in the copy changed the original")
	}
}

func TestDigestsAreThoseOfTheContent(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", chunksAbove/16) + "tail"
	root := newProject(t, map[string]string{"small": "x", "limit": large[:chunksAbove], "large": large})
	sum := sha256.New()
	for rest := []byte(large); len(rest) > 0; {
		n := min(len(rest), chunkSize)
		chunk := sha256.Sum256(rest[:n])
		sum.Write(chunk[:])
		rest = rest[n:]
	}
	want := map[string]string{
		"small": fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("x"))),
		"limit": fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(large[:chunksAbove]))),
		"large": fmt.Sprintf("chunks:%x", sum.Sum(nil)),
	}
	got := map[string]string{}
	for _, e := range mustList(t, Selection{Root: root}).Entries {
		got[e.Path] = e.Digest
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("digests (-want +got):\n%s", diff)
	}
}

func TestDestinationMustBeEmpty(t *testing.T) {
	root := newProject(t, map[string]string{"a": ""})
	dest := newProject(t, map[string]string{"mine": ""})
	_, err := Copy(noContext, Selection{Root: root}, dest, nil)
	checkError(t, err, dest, "folder for the bundle, ROOT, is not empty; name another one")
	if _, err := os.Stat(filepath.Join(dest, "mine")); err != nil {
		t.Error("what was there is gone: ", err)
	}
	if _, err := Copy(noContext, Selection{Root: root}, t.TempDir(), nil); err != nil {
		t.Error("an empty folder is refused: ", err)
	}
}

func TestCancelledCopyLeavesNothing(t *testing.T) {
	root := newProject(t, map[string]string{"a": "", "b/c": ""})
	ctx, cancel := context.WithCancel(noContext)
	cancel()
	dest := filepath.Join(t.TempDir(), "bundle")
	if _, err := Copy(ctx, Selection{Root: root}, dest, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if _, err := os.Lstat(dest); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the bundle is still there")
	}
}

// A file with a hole needs no disk, so that any machine can hold one that no
// machine can copy.
func TestCopyThatDoesNotFit(t *testing.T) {
	root := newProject(t, map[string]string{"a.py": "a", "data/huge.bin": ""})
	room, err := spaceAt(root)
	check(t, err)
	huge := filepath.Join(root, "data", "huge.bin")
	if err := os.Truncate(huge, room.free+1<<30); err != nil {
		t.Skip("SKIPPED: this file system has no room for a file with holes: ", err)
	}
	ctx, cancel := context.WithCancel(noContext)
	cancel() // a copy that is begun all the same ends at once
	dest := filepath.Join(t.TempDir(), "bundle")
	_, err = Copy(ctx, Selection{Root: root}, dest, nil)
	if err == nil || !strings.Contains(err.Error(), "free; free some space, or exclude what the flow does not read; the largest file is data/huge.bin with ") ||
		!strings.HasSuffix(err.Error(), `which bundle { link = ["data/huge.bin"] } would use in place`) {
		t.Errorf("error is %v", err)
	}
	if _, err := os.Lstat(dest); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the bundle is still there")
	}
	if err := os.Truncate(huge, room.capacity+1<<30); err == nil {
		_, err = List(Selection{Root: root}, nil)
		if err == nil || !strings.Contains(err.Error(), "more than the whole file system of "+root+" holds") {
			t.Errorf("error is %v", err)
		}
	}
	checkPaths(t, Selection{Root: root, Exclude: []string{"data"}}, "a.py")
}

func TestFullDiskIsSaid(t *testing.T) {
	err := writeAt(int(openFull(t).Fd()), []byte("x"), 0, "a b")
	checkError(t, err, "", `bundle: "a b" cannot be written: no space left on device; `+
		`free some space, exclude what the flow does not read, or link large files`)
}

// openFull opens a file that nothing can be written to.
func openFull(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("SKIPPED: there is no /dev/full here: ", err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// Somebody writes all the time. Either the copy is refused, or its digest is
// that of what lies in it.
func TestBusyWriter(t *testing.T) {
	root := newProject(t, map[string]string{"calm": "calm", "busy": "", "big": ""})
	stop := testenv.Busy(t, map[string]int{filepath.Join(root, "busy"): 3000, filepath.Join(root, "big"): chunkSize + 3000})
	outcomes := map[string]int{}
	for i := 0; i < *copies || outcomes["refused"] == 0 && i < 100**copies; i++ {
		dest := filepath.Join(t.TempDir(), fmt.Sprint(i))
		l, err := Copy(noContext, Selection{Root: root}, dest, nil)
		if err != nil {
			if refused, ok := errors.AsType[*FileError](err); !ok || !errors.Is(refused, errChanging) {
				t.Fatal(err)
			}
			outcomes["refused"]++
			continue
		}
		outcomes["copied"]++
		if there := mustList(t, Selection{Root: dest}); there.Digest != l.Digest {
			t.Fatalf("copy %d: the digest is not that of what was copied:\n%s", i, cmp.Diff(there, l))
		}
	}
	stop()
	t.Log(outcomes)
	if outcomes["refused"] == 0 {
		t.Error("the writer was never noticed")
	}
}

// Stores through a shared mapping change no time of a file, so nobody can see
// that it changes. Even so the digest is that of what was copied.
func TestInvisibleWriter(t *testing.T) {
	const length = 2 * chunkSize
	root := newProject(t, map[string]string{"small": strings.Repeat("x", 64<<10), "large": strings.Repeat("x", length)})
	var stop atomic.Bool
	var stores atomic.Int64
	var writers sync.WaitGroup
	for name, length := range map[string]int{"small": 64 << 10, "large": length} {
		f, err := os.OpenFile(filepath.Join(root, name), os.O_RDWR, 0)
		check(t, err)
		memory, err := unix.Mmap(int(f.Fd()), 0, length, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		check(t, err)
		f.Close()
		writers.Go(func() {
			for i := 0; !stop.Load(); i = (i + 511) % length {
				memory[i]++
				stores.Add(1)
			}
			unix.Munmap(memory)
		})
	}
	defer writers.Wait()
	defer stop.Store(true)
	outcomes := map[string]int{}
	for i := range *copies / 4 {
		before := stores.Load()
		dest := filepath.Join(t.TempDir(), fmt.Sprint(i))
		l, err := Copy(noContext, Selection{Root: root}, dest, nil)
		switch {
		case errors.Is(err, errChanging):
			outcomes["refused"]++
			continue
		case err != nil:
			t.Fatal(err)
		case stores.Load() > before:
			outcomes["copied while it changed"]++
		}
		if there := mustList(t, Selection{Root: dest}); there.Digest != l.Digest {
			t.Fatalf("copy %d: the digest is not that of what was copied:\n%s", i, cmp.Diff(there, l))
		}
	}
	t.Log(outcomes)
}

// A file is read between two looks at it; whatever happens in between is
// seen, and a file that holds still at the last try is taken.
func TestFileThatChangesIsTriedAgain(t *testing.T) {
	root := newProject(t, map[string]string{"a": "first"})
	file := filepath.Join(root, "a")
	s := newScratch()
	for _, c := range []struct {
		name    string
		changes int
		change  func(round int) error
		want    error
	}{
		{"content", 3, func(round int) error { return os.WriteFile(file, []byte(fmt.Sprint("round ", round)), 0o644) }, nil},
		{"mode", 3, func(round int) error { return os.Chmod(file, []os.FileMode{0o644, 0o755}[round%2]) }, nil},
		{"for ever", 99, func(round int) error { return os.Truncate(file, int64(round+10)) }, errChanging},
	} {
		t.Run(c.name, func(t *testing.T) {
			tries := 0
			_, err := s.tryStill(func() (facts, error) {
				fd, err := unix.Open(file, unix.O_RDONLY, 0)
				check(t, err)
				defer unix.Close(fd)
				return holdStill(fd, func(status) (string, error) {
					if tries++; tries <= c.changes {
						check(t, c.change(tries))
					}
					return "digest", nil
				})
			})
			if !errors.Is(err, c.want) || tries != 4 {
				t.Errorf("error %v after %d tries, want %v after 4", err, tries, c.want)
			}
		})
	}
}

func TestFileThatVanishesIsNotThere(t *testing.T) {
	root := newProject(t, map[string]string{"a": "", "b": "", "d/c": ""})
	p, err := prepare(Selection{Root: root})
	check(t, err)
	defer p.top.close()
	check(t, os.Remove(filepath.Join(root, "b")))
	check(t, os.RemoveAll(filepath.Join(root, "d")))
	entries, errs := p.read(noContext, p.files, nil)
	check(t, joinErrors(errs))
	if got := paths(p.listing(entries)); len(got) != 1 || got[0] != "a" {
		t.Errorf("files are %q", got)
	}
}

// Between walk and reading a file turns into a symlink out of the project, or
// its folder does: neither is followed.
func TestReplacedByASymlink(t *testing.T) {
	secret := newProject(t, map[string]string{"a": "secret"})
	for _, name := range []string{"d", "d/a"} {
		root := newProject(t, map[string]string{"d/a": "mine"})
		p, err := prepare(Selection{Root: root})
		check(t, err)
		defer p.top.close()
		check(t, os.RemoveAll(filepath.Join(root, name)))
		target := secret
		if name == "d/a" {
			target = filepath.Join(secret, "a")
		}
		check(t, os.Symlink(target, filepath.Join(root, name)))
		_, errs := p.read(noContext, p.files, nil)
		if err := joinErrors(errs); err == nil || !strings.Contains(err.Error(), "it was replaced while the project was read") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}
