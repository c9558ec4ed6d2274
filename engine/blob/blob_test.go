package blob_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/testenv"
)

func equal[T any](t *testing.T, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// build makes files below dir: "name" is a file, "name/" a folder, "name*" a
// program, "name -> target" a link.
func build(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o755))
	for name, content := range files {
		base, target, isLink := strings.Cut(name, " -> ")
		path := filepath.Join(dir, strings.TrimSuffix(base, "*"))
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		switch {
		case isLink:
			must(t, os.Symlink(target, path))
		case strings.HasSuffix(base, "/"):
			must(t, os.MkdirAll(path, 0o755))
		case strings.HasSuffix(base, "*"):
			must(t, os.WriteFile(path, []byte(content), 0o755))
		default:
			must(t, os.WriteFile(path, []byte(content), 0o644))
		}
	}
}

// tree reads what is at path in the form that build takes; a single file is "".
func tree(t testing.TB, path string) map[string]string {
	t.Helper()
	files := map[string]string{}
	must(t, filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(path, at)
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch {
		case d.IsDir():
			if name != "." {
				files[name+"/"] = ""
			}
			return nil
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(at)
			files[name+" -> "+target] = ""
			return err
		case info.Mode()&0o100 != 0:
			name += "*"
		}
		data, err := os.ReadFile(at)
		files[strings.TrimPrefix(name, ".")] = string(data)
		return err
	}))
	return files
}

var model = map[string]string{
	"weights.bin":                 "\x00\x01\x02",
	"config/":                     "",
	"config/a.json":               "{}",
	"config/deep/":                "",
	"config/deep/x":               "",
	"empty/":                      "",
	"run.sh*":                     "#!/bin/sh\n",
	"latest -> config":            "",
	"config/up -> ../weights.bin": "",
	"gone -> not/there":           "",
	anyBytes:                      "any bytes",
}

// anyBytes is a file name that macOS does not take.
var anyBytes = map[bool]string{true: "na\nme", false: "na\nme \xff"}[runtime.GOOS == "darwin"]

func TestFileGoesInAndComesOut(t *testing.T) {
	root := t.TempDir()
	build(t, root, map[string]string{"out/report.html": "<html>"})
	s := blob.Open(root)
	digest, err := s.Put(filepath.Join(root, "out/report.html"))
	must(t, err)
	path := s.Path(digest, "report.html")
	equal(t, map[string]string{"": "<html>"}, tree(t, path))
	equal(t, filepath.Join(root, ".flowrider/blobs", strings.TrimPrefix(digest, "h1:"), "report.html"), path)
	info, err := os.Stat(path)
	must(t, err)
	equal(t, "-r--r--r--", info.Mode().String())
	equal(t, true, s.Has(digest, "report.html"))
	must(t, s.Verify(digest, "report.html"))

	dest := filepath.Join(root, "published", "here", "report.html")
	for range 2 { // the second time over what is there
		must(t, s.Restore(digest, "report.html", dest, drop))
		equal(t, map[string]string{"": "<html>"}, tree(t, dest))
	}
	must(t, os.WriteFile(dest, []byte("mine to change"), 0o644))
	must(t, s.Verify(digest, "report.html"))
	again, err := blob.Digest(filepath.Join(root, "out/report.html"), nil)
	must(t, err)
	equal(t, digest, again)
	equal(t, []string{"report.html"}, list(t, filepath.Dir(dest)))
	equal(t, []string{strings.TrimPrefix(digest, "h1:")}, list(t, filepath.Join(root, ".flowrider/blobs")))
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestFolderGoesInAndComesOut(t *testing.T) {
	root := t.TempDir()
	build(t, filepath.Join(root, "model"), model)
	s := blob.Open(root)
	digest, err := s.Put(filepath.Join(root, "model"))
	must(t, err)
	equal(t, model, tree(t, s.Path(digest, "model")))
	again, err := blob.Digest(s.Path(digest, "model"), nil)
	must(t, err)
	equal(t, digest, again)

	dest := filepath.Join(root, "restored")
	build(t, dest, map[string]string{"old": "", "folder/x": ""})
	must(t, s.Restore(digest, "model", dest, drop))
	equal(t, model, tree(t, dest))
	equal(t, []string{".flowrider", "model", "restored"}, list(t, root))

	// gc can take it away, and an owner can work with what was restored.
	must(t, os.RemoveAll(filepath.Join(root, ".flowrider")))
	must(t, os.WriteFile(filepath.Join(dest, "weights.bin"), nil, 0o644))
}

// The digest is that of the content, and of nothing else.
func TestDigest(t *testing.T) {
	of := func(files map[string]string) string {
		dir := filepath.Join(t.TempDir(), "any name")
		build(t, dir, files)
		digest, err := blob.Digest(dir, nil)
		must(t, err)
		return digest
	}
	with := func(change func(files map[string]string)) map[string]string {
		files := map[string]string{}
		for name, content := range model {
			files[name] = content
		}
		change(files)
		return files
	}
	equal(t, of(model), of(model))
	seen := map[string]string{of(model): "the model itself"}
	for name, files := range map[string]map[string]string{
		"content":          with(func(f map[string]string) { f["weights.bin"] = "\x00\x01\x03" }),
		"a file more":      with(func(f map[string]string) { f["more"] = "" }),
		"a file less":      with(func(f map[string]string) { delete(f, "config/a.json") }),
		"a folder more":    with(func(f map[string]string) { f["empty/too/"] = "" }),
		"executable":       with(func(f map[string]string) { delete(f, "run.sh*"); f["run.sh"] = "#!/bin/sh\n" }),
		"a link elsewhere": with(func(f map[string]string) { delete(f, "latest -> config"); f["latest -> empty"] = "" }),
		"a link's content": with(func(f map[string]string) { delete(f, "latest -> config"); f["latest"] = "config" }),
		"renamed":          with(func(f map[string]string) { delete(f, "weights.bin"); f["weights2.bin"] = "\x00\x01\x02" }),
		"an empty folder":  {},
		"names run on (1)": {"a": "", "b": ""},
		"names run on (2)": {"a\nf false": ""},
	} {
		digest := of(files)
		if other, there := seen[digest]; there {
			t.Errorf("%s has the digest of %s", name, other)
		}
		seen[digest] = name
	}

	dir := t.TempDir()
	build(t, dir, map[string]string{"file": "x", "program*": "x", "folder/file": "x", "other": "x"})
	digests := map[string]bool{}
	for _, name := range []string{"file", "program", "folder", "other"} {
		digest, err := blob.Digest(filepath.Join(dir, name), nil)
		must(t, err)
		digests[digest] = true
	}
	equal(t, 3, len(digests)) // file and other are the same
}

// Any change of a stored blob makes it a miss: it is not verified, and not
// restored, and what is at the destination stays.
func TestChangedBlobIsAMiss(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"content":  func(p string) error { return rewrite(p+"/weights.bin", "\x00\x01\x03") },
		"cut":      func(p string) error { return rewrite(p+"/weights.bin", "\x00") },
		"removed":  func(p string) error { return os.Remove(p + "/config/deep/x") },
		"added":    func(p string) error { return os.WriteFile(p+"/new", nil, 0o644) },
		"mode":     func(p string) error { return os.Chmod(p+"/weights.bin", 0o755) },
		"link out": func(p string) error { return os.Symlink("/etc", p+"/etc") },
		"a pipe":   func(p string) error { return syscall.Mkfifo(p+"/pipe", 0o644) },
		"all gone": os.RemoveAll,
		"a file":   func(p string) error { return errors.Join(os.RemoveAll(p), os.WriteFile(p, nil, 0o644)) },
		"a link":   func(p string) error { return errors.Join(os.Rename(p, p+"2"), os.Symlink("model2", p)) },
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			build(t, filepath.Join(root, "model"), model)
			s := blob.Open(root)
			digest, err := s.Put(filepath.Join(root, "model"))
			must(t, err)
			must(t, change(s.Path(digest, "model")))
			dest := filepath.Join(root, "dest")
			build(t, dest, map[string]string{"precious": "x"})
			var missing *blob.Missing
			if err := s.Verify(digest, "model"); !errors.As(err, &missing) {
				t.Errorf("Verify: %v", err)
			}
			if err := s.Restore(digest, "model", dest, drop); !errors.As(err, &missing) {
				t.Errorf("Restore: %v", err)
			}
			equal(t, map[string]string{"precious": "x"}, tree(t, dest))

			// It can be stored again, over what is there.
			again, err := s.Put(filepath.Join(root, "model"))
			must(t, err)
			equal(t, digest, again)
			must(t, s.Verify(digest, "model"))
			equal(t, model, tree(t, s.Path(digest, "model")))
		})
	}
}

func rewrite(path, content string) error {
	return errors.Join(os.Remove(path), os.WriteFile(path, []byte(content), 0o444))
}

// Each byte of a blob counts.
func TestT25BlobMutations(t *testing.T) {
	root := t.TempDir()
	content := strings.Repeat("0123456789abcdef", 40)
	build(t, root, map[string]string{"a": content})
	s := blob.Open(root)
	digest, err := s.Put(filepath.Join(root, "a"))
	must(t, err)
	path, count := s.Path(digest, "a"), 0
	for at := range content {
		for _, mutant := range []string{
			content[:at] + string(content[at]^1) + content[at+1:], content[:at], content[:at] + "x" + content[at:],
		} {
			must(t, os.Chmod(path, 0o644))
			must(t, os.WriteFile(path, []byte(mutant), 0o644))
			if s.Verify(digest, "a") == nil {
				t.Fatalf("believed %q", mutant)
			}
			count++
		}
	}
	testenv.Figure(t, "T25", "%d outputs in the store with a bit flipped, cut off, or a byte put in: 0 believed", count)
}

func TestNeverStored(t *testing.T) {
	root := filepath.Join(t.TempDir(), "project")
	s := blob.Open(root)
	digest := "h1:" + strings.Repeat("0", 64)
	for _, c := range [][2]string{{digest, "a"}, {"", "a"}, {digest, ""}, {"h1:../../..", "etc"}, {digest, "../../x"}, {"h1:zz", "a"}} {
		var missing *blob.Missing
		if s.Has(c[0], c[1]) || !errors.As(s.Verify(c[0], c[1]), &missing) ||
			!errors.As(s.Restore(c[0], c[1], filepath.Join(root, "dest", "a"), drop), &missing) {
			t.Errorf("%q is there", c)
		}
		if rel, err := filepath.Rel(filepath.Join(root, ".flowrider/blobs"), s.Path(c[0], c[1])); err != nil || !filepath.IsLocal(rel) {
			t.Errorf("%q leads to %s", c, s.Path(c[0], c[1]))
		}
	}
	if _, err := os.Stat(root); err == nil {
		t.Error("something was made")
	}
}

// What is no file, folder or inner link is named and refused, and never waited
// for.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		make func(dir string) error
		want string
	}{
		"pipe":           {func(d string) error { return syscall.Mkfifo(d+"/sub/x", 0o644) }, "out/sub/x is a named pipe"},
		"socket":         {func(d string) error { return listen(d + "/sub/x") }, "out/sub/x is a socket"},
		"absolute link":  {func(d string) error { return os.Symlink(d+"/sub", d+"/sub/x") }, "out/sub/x is a symbolic link to"},
		"link to parent": {func(d string) error { return os.Symlink("../..", d+"/sub/x") }, `out/sub/x is a symbolic link to "../.."`},
		"link back in":   {func(d string) error { return os.Symlink("../../out/sub", d+"/sub/x") }, "does not stay inside"},
		"link by a link": {func(d string) error {
			return errors.Join(os.Symlink("sub", d+"/s"), os.Symlink("s/../../x", d+"/x"))
		}, "out/x is a symbolic link"},
		"link in fact": {func(d string) error {
			return errors.Join(os.Symlink("..", d+"/sub/s"), os.Symlink("s/../y", d+"/sub/x"))
		}, "out/sub/x is a symbolic link"},
		"link to nothing": {func(d string) error { return os.Symlink("no/../../y", d+"/x") }, "out/x is a symbolic link"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			dir := filepath.Join(root, "out")
			must(t, os.MkdirAll(dir+"/sub", 0o755))
			must(t, c.make(dir))
			_, err := blob.Open(root).Put(dir)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v", err)
			}
			equal(t, 0, len(list(t, filepath.Join(root, ".flowrider/blobs"))))
		})
	}
}

func listen(path string) error {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err == nil {
		l.SetUnlinkOnClose(false)
		err = l.Close()
	}
	return err
}

func TestRefusedAtTheTop(t *testing.T) {
	root := t.TempDir()
	build(t, root, map[string]string{"real": "x", "link -> real": "", "etc -> /etc": ""})
	must(t, syscall.Mkfifo(filepath.Join(root, "pipe"), 0o644))
	s := blob.Open(root)
	for name, want := range map[string]string{
		"link": "output link is a symbolic link; it must be the file or folder itself",
		"pipe": "output pipe is a named pipe; an output is a file or a folder",
		"none": "output none cannot be read",
	} {
		_, err := s.Put(filepath.Join(root, name))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.PutFrom(root, "etc/hostname", "hostname"); err == nil || !strings.Contains(err.Error(), "etc/hostname cannot be read") {
		t.Errorf("a link on the way was followed: %v", err)
	}
}

func TestOneContentUnderTwoNames(t *testing.T) {
	root := t.TempDir()
	build(t, root, map[string]string{"a.txt": "x", "b.txt": "x"})
	s := blob.Open(root)
	digest, err := s.Put(filepath.Join(root, "a.txt"))
	must(t, err)
	equal(t, false, s.Has(digest, "b.txt"))
	other, err := s.Put(filepath.Join(root, "b.txt"))
	must(t, err)
	equal(t, digest, other)
	equal(t, []string{"a.txt", "b.txt"}, list(t, filepath.Dir(s.Path(digest, "a.txt"))))
}

func TestManyAtOnce(t *testing.T) {
	root := t.TempDir()
	build(t, filepath.Join(root, "model"), model)
	var wg sync.WaitGroup
	for range 6 {
		s := blob.Open(root)
		wg.Go(func() {
			digest, err := s.Put(filepath.Join(root, "model"))
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Verify(digest, "model"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	equal(t, 1, len(list(t, filepath.Join(root, ".flowrider/blobs"))))
}

// Stopped or failing anywhere, a blob is whole or a miss, and it is whole
// when Put has said so. What a stop leaves is swept.
func TestPutWithFaults(t *testing.T) {
	files := map[string]string{"a": "content", "sub/b*": "#!", "sub/link -> b": ""}
	points := 0
	for _, errno := range []error{nil, syscall.ENOSPC, syscall.EIO} {
		for at := 1; ; at++ {
			root := t.TempDir()
			build(t, filepath.Join(root, "out"), files)
			want, err := blob.Digest(filepath.Join(root, "out"), nil)
			must(t, err)
			backend := durable.NewFaulty(durable.OS(), durable.Fault{At: at, Err: errno})
			digest, err := blob.OpenWith(root, durable.With(backend)).Put(filepath.Join(root, "out"))
			s := blob.Open(root)
			name := fmt.Sprintf("%v at operation %d", errno, at)
			if verified := s.Verify(want, "out"); err == nil && (verified != nil || digest != want) {
				t.Errorf("%s: silent: %v", name, verified)
			} else if s.Has(want, "out") && verified != nil {
				t.Errorf("%s: there, but %v", name, verified)
			}
			if !backend.Struck() {
				break
			}
			points++
			must(t, os.MkdirAll(filepath.Join(root, ".flowrider/blobs"), 0o755))
			must(t, s.RemoveLeftovers())
			for _, left := range append(list(t, root), list(t, filepath.Join(root, ".flowrider/blobs"))...) {
				if strings.Contains(left, ".tmp.") {
					t.Errorf("%s: left %s", name, left)
				}
			}
			_, err = s.Put(filepath.Join(root, "out"))
			must(t, err)
			must(t, s.Verify(want, "out"))
		}
	}
	if points < 60 {
		t.Errorf("only %d points", points)
	}
}

func TestRestoreWithFaults(t *testing.T) {
	root := t.TempDir()
	build(t, root, map[string]string{"a": "new"})
	digest, err := blob.Open(root).Put(filepath.Join(root, "a"))
	must(t, err)
	for _, errno := range []error{nil, syscall.ENOSPC} {
		for at := 1; ; at++ {
			dest := filepath.Join(t.TempDir(), "a")
			must(t, os.WriteFile(dest, []byte("old"), 0o644))
			backend := durable.NewFaulty(durable.OS(), durable.Fault{At: at, Err: errno})
			err := blob.OpenWith(root, durable.With(backend)).Restore(digest, "a", dest, drop)
			content, readErr := os.ReadFile(dest)
			must(t, readErr)
			if text := string(content); text != "new" && (text != "old" || err == nil) {
				t.Errorf("%v at operation %d: %q, %v", errno, at, text, err)
			}
			var missing *blob.Missing
			if errors.As(err, &missing) {
				t.Errorf("%v at operation %d: an error of the disk is called a miss: %v", errno, at, err)
			}
			if !backend.Struck() {
				break
			}
		}
	}
}

// A blob that was reported survives a power cut, whole.
func TestPutSurvivesAPowerCut(t *testing.T) {
	root := t.TempDir()
	build(t, filepath.Join(root, "out"), map[string]string{"a": "content of a", "sub/b": "content of b"})
	memory := durable.NewMemory()
	s := blob.OpenWith("/p", durable.With(memory))
	digest, err := s.Put(filepath.Join(root, "out"))
	must(t, err)
	path := s.Path(digest, "out")
	want := map[string]string{path + "/a": "content of a", path + "/sub/b": "content of b"}
	check := func(instant int, kept func(int) bool) {
		disk := memory.PowerCut(instant, kept)
		there := map[string]string{}
		for name, content := range disk {
			if strings.HasPrefix(name, path+"/") {
				there[name] = content
			}
		}
		if len(there) > 0 || instant == memory.Changes() {
			equal(t, want, there)
		}
	}
	for instant := range memory.Changes() + 1 {
		open := memory.Unsynced(instant)
		check(instant, func(int) bool { return false })
		check(instant, func(int) bool { return true })
		for _, one := range open {
			check(instant, func(change int) bool { return change == one })
			check(instant, func(change int) bool { return change != one })
		}
	}
}

// drop does not want what was replaced.
func drop(string) error { return nil }

// What Restore replaces is not removed unseen, and where it cannot be saved,
// it is put back.
func TestRestoreHandsOverWhatItReplaces(t *testing.T) {
	root := t.TempDir()
	build(t, root, map[string]string{"a": "new"})
	s := blob.Open(root)
	digest, err := s.Put(filepath.Join(root, "a"))
	must(t, err)
	dest := filepath.Join(root, "dest", "a")
	restore := func(answer error) (seen []string) {
		err := s.Restore(digest, "a", dest, func(path string) error {
			content, err := os.ReadFile(path)
			must(t, err)
			seen = append(seen, string(content))
			return answer
		})
		if !errors.Is(err, answer) {
			t.Errorf("got the error %v, want %v", err, answer)
		}
		return seen
	}
	equal(t, nil, restore(nil))
	build(t, root, map[string]string{"dest/a": "mine"})
	equal(t, []string{"mine"}, restore(errors.New("no room")))
	equal(t, map[string]string{"a": "mine"}, tree(t, filepath.Join(root, "dest")))
	equal(t, []string{"mine"}, restore(nil))
	equal(t, map[string]string{"a": "new"}, tree(t, filepath.Join(root, "dest")))
}
