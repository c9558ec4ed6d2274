package blob

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Whatever is done to a blob shows in the next look, and only what writes or
// replaces a file counts as that.
func TestLook(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do              func(at string) error
		same, rewritten bool
	}{
		"nothing":           {func(string) error { return nil }, true, false},
		"read":              {func(at string) error { _, err := os.ReadFile(at + "/f"); return err }, true, false},
		"written":           {func(at string) error { return os.WriteFile(at+"/f", []byte("2"), 0o644) }, false, true},
		"replaced":          {func(at string) error { return renamed(at+"/f", "1") }, false, true},
		"a hard link":       {func(at string) error { return os.Link(at+"/f", at+".link") }, false, false},
		"a mode":            {func(at string) error { return os.Chmod(at+"/f", 0o600) }, false, false},
		"a file more":       {func(at string) error { return os.WriteFile(at+"/g", nil, 0o644) }, false, false},
		"removed":           {func(at string) error { return os.Remove(at + "/f") }, false, true},
		"a time, put back":  {func(at string) error { return writtenWithTime(at + "/f") }, false, false},
		"all of it removed": {os.RemoveAll, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := Open(t.TempDir())
			digest := "h1:" + "00000000000000000000000000000000000000000000000000000000000000aa"
			at := s.Path(digest, "d")
			if err := os.MkdirAll(at, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(at, "f"), []byte("1"), 0o644); err != nil {
				t.Fatal(err)
			}
			look := s.Look(digest, "d")
			if look.Same(look) {
				t.Error("a look at what was made just now is believed")
			}
			awaitTick(t, at+"/f")
			look.settled = true // as if more time had passed
			if err := c.do(at); err != nil {
				t.Fatal(err)
			}
			later := s.Look(digest, "d")
			if got := look.Same(later); got != c.same {
				t.Errorf("same: %t, want %t", got, c.same)
			}
			if got := look.Rewritten(later); got != c.rewritten {
				t.Errorf("rewritten: %t, want %t", got, c.rewritten)
			}
		})
	}
}

// awaitTick returns when what is written has a later time than what was.
func awaitTick(t *testing.T, written string) {
	t.Helper()
	before, err := os.Stat(written)
	for probe := filepath.Join(t.TempDir(), "probe"); err == nil; {
		if err = os.WriteFile(probe, nil, 0o644); err != nil {
			break
		}
		var now os.FileInfo
		if now, err = os.Stat(probe); err == nil && now.ModTime().After(before.ModTime()) {
			return
		}
	}
	t.Fatal(err)
}

func renamed(at, content string) error {
	if err := os.WriteFile(at+".new", []byte(content), 0o644); err != nil {
		return err
	}
	return os.Rename(at+".new", at)
}

// writtenWithTime writes other bytes and sets the time of change back: only
// the content tells then, and the look that it must be read.
func writtenWithTime(at string) error {
	info, err := os.Stat(at)
	if err == nil {
		err = os.WriteFile(at, []byte("2"), 0o644)
	}
	if err == nil {
		err = os.Chtimes(at, time.Now(), info.ModTime())
	}
	return err
}
