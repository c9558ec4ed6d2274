package durable_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/flowrider/flowrider/internal/durable"
)

// swapModel stages a file and swaps it with what is at to.
func swapModel(t *testing.T, w durable.Writer, root string) (s *durable.Stage, out string, err error) {
	t.Helper()
	dir, err := w.OpenDir(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	if s, err = dir.Stage("to"); err != nil {
		t.Fatal(err)
	}
	f, err := s.Create("new", 0o644)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("new"))
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	out, err = s.Swap("new", "to")
	return s, out, err
}

// What was at the place comes out whole, whatever it was, and can be put back.
func TestSwapLosesNothing(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"nothing":  func(string) error { return nil },
		"a file":   func(path string) error { return os.WriteFile(path, []byte("mine"), 0o600) },
		"a link":   func(path string) error { return os.Symlink("nowhere", path) },
		"a folder": func(path string) error { return os.MkdirAll(filepath.Join(path, "full"), 0o755) },
	} {
		for _, steps := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				root := t.TempDir()
				if err := make(filepath.Join(root, "to")); err != nil {
					t.Fatal(err)
				}
				before := tree(t, root)
				w := durable.With(durable.OS())
				if steps {
					w = durable.With(durable.InSteps())
				}
				s, out, err := swapModel(t, w, root)
				if err != nil || (out == "") != (name == "nothing") {
					t.Fatalf("it came out at %q, with the error %v", out, err)
				}
				if content, err := os.ReadFile(filepath.Join(root, "to")); string(content) != "new" {
					t.Errorf("at its place is %q (%v)", content, err)
				}
				if out != "" {
					if _, err := s.Swap("new", "to"); err != nil {
						t.Fatal(err)
					}
					s.Discard()
					equal(t, before, tree(t, root))
				}
			})
		}
	}
}

// Where the folder cannot be synced, what came out is still named, so that it
// can be saved.
func TestSwapWithFaults(t *testing.T) {
	for at := 1; ; at++ {
		root := t.TempDir()
		if err := os.WriteFile(filepath.Join(root, "to"), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
		faulty := durable.NewFaulty(durable.OS(), durable.Fault{At: at, Op: "sync-folder", Err: syscall.EIO})
		w := durable.With(faulty)
		if dir, err := w.OpenDir(root); err != nil {
			continue // nothing was begun
		} else {
			dir.Close()
		}
		_, out, err := swapModel(t, w, root)
		if !faulty.Struck() {
			if err != nil {
				t.Error(err)
			}
			break
		}
		var unsure *durable.Unsure
		if content, _ := os.ReadFile(out); !errors.As(err, &unsure) || string(content) != "mine" {
			t.Errorf("sync %d: %q came out at %q, with the error %v", at, content, out, err)
		}
	}
}
