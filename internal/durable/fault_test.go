package durable_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/flowrider/flowrider/internal/durable"
)

const (
	oldContent = `{"run_id": "1"}`
	newContent = `{"run_id": "2", "and": "more than before"}`
)

// A write that is killed at any of its operations leaves the old content or
// the new one, and the new one whenever it had said that it was done.
func TestWriteKilledAtEachOperation(t *testing.T) {
	points := 0
	for at := 1; ; at++ {
		path := filepath.Join(t.TempDir(), "a.json")
		if err := os.WriteFile(path, []byte(oldContent), 0o644); err != nil {
			t.Fatal(err)
		}
		backend := durable.NewFaulty(durable.OS(), durable.Fault{At: at})
		err := durable.With(backend).WriteFile(path, []byte(newContent))
		got, readErr := os.ReadFile(path)
		if readErr != nil {
			t.Fatalf("stopped at operation %d: %v", at, readErr)
		}
		if string(got) != oldContent && string(got) != newContent {
			t.Errorf("stopped at operation %d: content is %q", at, got)
		}
		if !backend.Struck() {
			if err != nil || string(got) != newContent {
				t.Errorf("nothing was stopped, and err = %v, content %q", err, got)
			}
			t.Logf("operations: %v", backend.Ops())
			break
		}
		if err == nil {
			t.Errorf("stopped at operation %d: no error", at)
		}
		points++

		// I6: the next one needs no repair.
		if err := durable.WriteFile(path, []byte(newContent)); err != nil {
			t.Errorf("after a stop at operation %d: %v", at, err)
		}
	}
	if points < 8 {
		t.Errorf("only %d points; a write has at least open, sync of the folder above, create, write, sync, close, rename, sync", points)
	}
}

// Rewriting in place is found by the same stops.
func TestKilledRewriteInPlaceIsTorn(t *testing.T) {
	torn := 0
	for at := 1; ; at++ {
		path := filepath.Join(t.TempDir(), "a.json")
		if err := os.WriteFile(path, []byte(oldContent), 0o644); err != nil {
			t.Fatal(err)
		}
		backend := durable.NewFaulty(durable.OS(), durable.Fault{At: at})
		durable.With(durable.Wrong{Backend: backend, InPlace: true}).WriteFile(path, []byte(newContent))
		if got, err := os.ReadFile(path); err != nil || string(got) != oldContent && string(got) != newContent {
			torn++
		}
		if !backend.Struck() {
			break
		}
	}
	if torn == 0 {
		t.Error("no stop has torn a file that is rewritten in place")
	}
}

// An operation that fails, once or for good, with or without having been
// carried out, is reported, or the new content is durable all the same. It is
// never silent, the content is never torn, and nothing is left over.
func TestWriteWithErrorsAtEachOperation(t *testing.T) {
	errnos := []error{
		syscall.ENOSPC, syscall.EIO, syscall.EDQUOT, syscall.EACCES, syscall.EROFS,
		syscall.EMFILE, syscall.EINTR, syscall.ENOENT, syscall.EPERM,
	}
	cases, tolerated := 0, 0
	for _, errno := range errnos {
		for _, stays := range []bool{false, true} {
			for _, after := range []bool{false, true} {
				for at := 1; ; at++ {
					fault := durable.Fault{At: at, Err: errno, Stays: stays, After: after}
					memory := durable.NewMemory()
					if err := durable.With(memory).WriteFile("/runs/a.json", []byte(oldContent)); err != nil {
						t.Fatal(err)
					}
					backend := durable.NewFaulty(memory, fault)
					err := durable.With(backend).WriteFile("/runs/a.json", []byte(newContent))
					if !backend.Struck() {
						break
					}
					cases++
					name := fmt.Sprintf("%v at operation %d (%s), stays %v, after %v", errno, at, backend.Ops()[at-1], stays, after)
					checkFaulted(t, name, memory, err)
					if err == nil {
						tolerated++
					}
				}
			}
		}
	}
	t.Logf("%d cases, of which %d were made good", cases, tolerated)
	if cases < 250 {
		t.Errorf("only %d cases", cases)
	}
}

// checkFaulted checks what a write with the result err has left.
func checkFaulted(t *testing.T, name string, memory *durable.Memory, err error) {
	t.Helper()
	content := memory.Disk()["/runs/a.json"]
	var unsure *durable.Unsure
	switch {
	case err == nil:
		eachPowerCut(memory, memory.Changes(), func(disk map[string]string) {
			if disk["/runs/a.json"] != newContent {
				t.Errorf("%s: silent, and a power cut leaves %q", name, disk)
			}
		})
	case errors.As(err, &unsure) && strings.HasSuffix(unsure.Path, "a.json"):
		if content != newContent {
			t.Errorf("%s: %v, but the content is %q", name, err, content)
		}
	case content != oldContent && content != newContent:
		t.Errorf("%s: content is %q", name, content)
	}
}

// When one operation fails and the rest works, no temporary file stays.
func TestFailedWriteLeavesNothingBehind(t *testing.T) {
	for at := 1; ; at++ {
		root := t.TempDir()
		if err := os.WriteFile(filepath.Join(root, "a"), []byte(oldContent), 0o644); err != nil {
			t.Fatal(err)
		}
		backend := durable.NewFaulty(durable.OS(), durable.Fault{At: at, Err: syscall.ENOSPC})
		durable.With(backend).WriteFile(filepath.Join(root, "a"), []byte(newContent))
		if !backend.Struck() {
			break
		}
		if files := tree(t, root); len(files) != 1 {
			t.Errorf("%s: left %v", backend.Ops()[at-1], files)
		}
	}
}

// A failed fsync is tried once more, with a new file.
func TestFsyncIsRetriedWithANewFile(t *testing.T) {
	root := t.TempDir()
	backend := durable.NewFaulty(durable.OS(), durable.Fault{Op: "sync", At: 1, Err: syscall.EIO})
	if err := durable.With(backend).WriteFile(filepath.Join(root, "a"), []byte("x")); err != nil {
		t.Fatal(err)
	}
	creates := 0
	for _, op := range backend.Ops() {
		if op == "create" {
			creates++
		}
	}
	equal(t, 2, creates)
	equal(t, map[string]string{"a": "x"}, tree(t, root))

	backend = durable.NewFaulty(durable.OS(), durable.Fault{Op: "sync", At: 1, Err: syscall.EIO, Stays: true})
	err := durable.With(backend).WriteFile(filepath.Join(root, "a"), []byte("y"))
	if !errors.Is(err, syscall.EIO) {
		t.Errorf("err = %v", err)
	}
	equal(t, map[string]string{"a": "x"}, tree(t, root))
}

// The error of the last fsync says that the content is there but may not stay.
func TestFailedFolderSyncIsUnsure(t *testing.T) {
	root := t.TempDir()
	backend := durable.NewFaulty(durable.OS(), durable.Fault{Op: "sync-folder", At: 2, Err: syscall.EIO})
	err := durable.With(backend).WriteFile(filepath.Join(root, "a"), []byte("x"))
	var unsure *durable.Unsure
	if !errors.As(err, &unsure) || unsure.Path != filepath.Join(root, "a") || !errors.Is(err, syscall.EIO) {
		t.Errorf("err = %v", err)
	}
	equal(t, map[string]string{"a": "x"}, tree(t, root))
}

// New folders on the way make more operations; each may be the last.
func TestFirstWriteKilledAtEachOperation(t *testing.T) {
	for at := 1; ; at++ {
		root := t.TempDir()
		path := filepath.Join(root, "runs", "train", "a.json")
		backend := durable.NewFaulty(durable.OS(), durable.Fault{At: at})
		err := durable.With(backend).WriteFile(path, []byte(newContent))
		got, readErr := os.ReadFile(path)
		switch {
		case readErr == nil && string(got) != newContent,
			readErr != nil && !errors.Is(readErr, fs.ErrNotExist),
			readErr != nil && err == nil:
			t.Errorf("stopped at operation %d: content %q, %v", at, got, readErr)
		}
		if !backend.Struck() {
			if at < 12 {
				t.Errorf("only %d operations", at-1)
			}
			return
		}
		if err := durable.WriteFile(path, []byte(newContent)); err != nil {
			t.Errorf("after a stop at operation %d: %v", at, err)
		}
	}
}

// An error while new folders are made is reported, or all of it is durable.
func TestFirstWriteWithErrorsAtEachOperation(t *testing.T) {
	cases := 0
	for _, errno := range []error{syscall.EACCES, syscall.EIO, syscall.ENOENT, syscall.EEXIST, syscall.EMFILE} {
		for _, after := range []bool{false, true} {
			for at := 1; ; at++ {
				memory := durable.NewMemory()
				backend := durable.NewFaulty(memory, durable.Fault{At: at, Err: errno, After: after})
				err := durable.With(backend).WriteFile("/runs/train/a.json", []byte(newContent))
				if !backend.Struck() {
					break
				}
				cases++
				if err != nil {
					continue
				}
				eachPowerCut(memory, memory.Changes(), func(disk map[string]string) {
					if disk["/runs/train/a.json"] != newContent {
						t.Errorf("%v at operation %d (%s), after %v: silent, and a power cut leaves %q",
							errno, at, backend.Ops()[at-1], after, disk)
					}
				})
			}
		}
	}
	if cases < 150 {
		t.Errorf("only %d cases", cases)
	}
}
