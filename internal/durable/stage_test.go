package durable_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/flowrider/flowrider/internal/durable"
)

// stageModel builds a folder with two files and a link and puts it at to.
func stageModel(w durable.Writer, root, to string) error {
	dir, err := w.OpenDir(root)
	if err != nil {
		return err
	}
	defer dir.Close()
	s, err := dir.Stage("model")
	if err != nil {
		return err
	}
	defer s.Discard()
	for _, folder := range []string{"model", "model/sub"} {
		if err := s.Mkdir(folder); err != nil {
			return err
		}
	}
	for _, name := range []string{"model/a", "model/sub/b"} {
		f, err := s.Create(name, 0o444)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, "content of "+name); err != nil {
			f.Close()
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	if err := s.Symlink("sub/b", "model/link"); err != nil {
		return err
	}
	return s.Commit("model", to)
}

func modelAt(to string) map[string]string {
	return map[string]string{
		to + "/a": "content of model/a", to + "/sub/b": "content of model/sub/b", to + "/link": "-> sub/b",
	}
}

func TestStage(t *testing.T) {
	root := t.TempDir()
	if err := stageModel(durable.With(durable.OS()), root, "blobs/12/model"); err != nil {
		t.Fatal(err)
	}
	equal(t, modelAt("blobs/12/model"), tree(t, root))
}

func TestStageReplaces(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"a file":       func(path string) error { return os.WriteFile(path, []byte("old"), 0o444) },
		"a folder":     func(path string) error { return os.MkdirAll(filepath.Join(path, "full"), 0o755) },
		"an empty one": func(path string) error { return os.Mkdir(path, 0o755) },
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			if err := make(filepath.Join(root, "to")); err != nil {
				t.Fatal(err)
			}
			if err := stageModel(durable.With(durable.OS()), root, "to"); err != nil {
				t.Fatal(err)
			}
			equal(t, modelAt("to"), tree(t, root))
		})
	}
}

func TestStageRefusesPlacesOutside(t *testing.T) {
	for _, to := range []string{"../x", "/x", "", ".", "a/../../x"} {
		root := filepath.Join(t.TempDir(), "inner")
		if err := stageModel(durable.With(durable.OS()), root, to); err == nil {
			t.Errorf("%q was accepted", to)
		}
		equal(t, 0, len(tree(t, filepath.Dir(root))))
	}
}

// Killed or failing anywhere, a stage leaves nothing at its place, or all of
// it; and all of it if it had said so.
func TestStageWithFaults(t *testing.T) {
	for _, errno := range []error{nil, syscall.ENOSPC, syscall.EIO} {
		for at := 1; ; at++ {
			root := t.TempDir()
			backend := durable.NewFaulty(durable.OS(), durable.Fault{At: at, Err: errno})
			err := stageModel(durable.With(backend), root, "12/model")
			files := map[string]string{}
			for path, content := range tree(t, root) {
				if strings.HasPrefix(path, "12/") {
					files[path] = content
				} else if errno != nil && backend.Ops()[at-1] != "removeall" {
					t.Errorf("%v at %s: left %s", errno, backend.Ops()[at-1], path)
				}
			}
			if len(files) > 0 || err == nil {
				equal(t, modelAt("12/model"), files)
			}
			if !backend.Struck() {
				if err != nil || at < 20 {
					t.Errorf("%d operations, err = %v", at-1, err)
				}
				break
			}
			if err == nil && backend.Ops()[at-1] != "removeall" {
				t.Errorf("%v at operation %d (%s): silent", errno, at, backend.Ops()[at-1])
			}
		}
	}
}

func TestStageSurvivesAPowerCut(t *testing.T) {
	memory := durable.NewMemory()
	if err := stageModel(durable.With(memory), "/blobs", "12/model"); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"/blobs/12/model/a": "content of model/a", "/blobs/12/model/sub/b": "content of model/sub/b", "/blobs/12/model/link": "sub/b",
	}
	at := func(disk map[string]string) map[string]string {
		files := map[string]string{}
		for path, content := range disk {
			if strings.HasPrefix(path, "/blobs/12/") {
				files[path] = content
			}
		}
		return files
	}
	states := 0
	for instant := 0; instant <= memory.Changes(); instant++ {
		states += eachPowerCut(memory, instant, func(disk map[string]string) {
			if files := at(disk); len(files) > 0 || instant == memory.Changes() {
				equal(t, want, files)
			}
		})
	}
	t.Logf("%d states", states)
	if states < 500 {
		t.Errorf("only %d states", states)
	}
}

// The same with a file fsync or a folder fsync left out must show.
func TestPowerCutCatchesMissingStepsOfAStage(t *testing.T) {
	for name, wrap := range map[string]func(durable.Backend) durable.Backend{
		"without the file fsync":   func(b durable.Backend) durable.Backend { return durable.Wrong{Backend: b, NoFileSync: true} },
		"without the folder fsync": func(b durable.Backend) durable.Backend { return durable.Wrong{Backend: b, NoFolderSync: true} },
	} {
		memory := durable.NewMemory()
		if err := stageModel(durable.With(wrap(memory)), "/blobs", "12/model"); err != nil {
			t.Fatal(err)
		}
		bad := 0
		eachPowerCut(memory, memory.Changes(), func(disk map[string]string) {
			if disk["/blobs/12/model/a"] != "content of model/a" || disk["/blobs/12/model/sub/b"] != "content of model/sub/b" {
				bad++
			}
		})
		if bad == 0 {
			t.Errorf("%s: every state is good", name)
		}
	}
}

// A stage with a file that may not be on the disk is never put into place,
// even if its maker has overlooked the error.
func TestStageWithABrokenFile(t *testing.T) {
	for _, op := range []string{"write", "sync", "close"} {
		root := t.TempDir()
		backend := durable.NewFaulty(durable.OS(), durable.Fault{Op: op, At: 1, Err: syscall.EIO})
		dir, err := durable.With(backend).OpenDir(root)
		if err != nil {
			t.Fatal(err)
		}
		s, err := dir.Stage("a")
		if err != nil {
			t.Fatal(err)
		}
		f, err := s.Create("a", 0o644)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, "content")
		f.Close()
		if err := s.Commit("a", "a"); !errors.Is(err, syscall.EIO) {
			t.Errorf("%s: err = %v", op, err)
		}
		equal(t, map[string]string{}, tree(t, root))
	}
}
