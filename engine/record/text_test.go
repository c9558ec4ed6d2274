package record_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func digestOf(text string) string { return fmt.Sprintf("h1:%x", sha256.Sum256([]byte(text))) }

func TestTexts(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	texts := map[string]string{
		digestOf("one\n"): "one\n",
		digestOf(""):      "",
		digestOf("FRT1 "): "FRT1 ",
		hash("7"):         "a list whose digest is that of the files\n",
		hash("8"):         "",
		hash("9"):         "\xff\x00 any bytes",
	}
	for digest, text := range texts {
		if _, ok, _ := s.Text(digest); ok {
			t.Errorf("%s is there already", digest)
		}
		must(t, s.PutText(digest, text))
	}
	for digest, want := range texts {
		got, ok, _ := open(root).Text(digest)
		if !ok || got != want {
			t.Errorf("%s: %q, %v", digest, got, ok)
		}
	}
	one := strings.TrimPrefix(digestOf("one\n"), "h1:")
	equal(t, "one\n", read(t, root, ".flowrider/manifests/"+one[:2]+"/"+one))
}

func TestTextIsWrittenOnce(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	must(t, s.PutText(digestOf("one"), "one"))
	old := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range names(t, root) {
		must(t, os.Chtimes(filepath.Join(root, name), old, old))
	}
	before := snapshot(t, root)
	must(t, s.PutText(digestOf("one"), "one"))
	equal(t, before, snapshot(t, root))
}

// A file that lies under another digest's name is not taken for it.
func TestTextUnderAnotherName(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	for _, text := range []string{"one", "two"} {
		must(t, s.PutText(digestOf(text), text))
	}
	must(t, s.PutText(hash("7"), "seven"))
	place := func(digest string) string {
		digits := strings.TrimPrefix(digest, "h1:")
		return ".flowrider/manifests/" + digits[:2] + "/" + digits
	}
	write(t, root, place(digestOf("one")), read(t, root, place(digestOf("two"))))
	write(t, root, place(hash("8")), read(t, root, place(hash("7"))))
	for _, digest := range []string{digestOf("one"), hash("8")} {
		if text, ok, problem := s.Text(digest); ok || problem == nil {
			t.Errorf("%s: %q", digest, text)
		}
		must(t, s.PutText(digest, "mended")) // and it can be put again
	}
	if text, ok, _ := s.Text(hash("8")); !ok || text != "mended" {
		t.Errorf("%q, %v", text, ok)
	}
}

func TestTextNeedsADigest(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	for _, digest := range []string{"", "h1:", "h1:12", "h2:" + strings.Repeat("1", 64), hash("A"), "h1:../" + strings.Repeat("1", 61), hash("1") + "\n"} {
		if err := s.PutText(digest, "x"); err == nil {
			t.Errorf("%q was accepted", digest)
		}
		if _, ok, _ := s.Text(digest); ok {
			t.Errorf("%q was found", digest)
		}
	}
	equal(t, nil, names(t, root))
}

func TestStoreID(t *testing.T) {
	root := t.TempDir()
	id, err := open(root).KnownStoreID()
	if id != "" || err != nil {
		t.Errorf("%q, %v", id, err)
	}
	equal(t, nil, names(t, root))
	id, err = open(root).StoreID()
	must(t, err)
	again, err := open(root).StoreID()
	must(t, err)
	equal(t, id, again)
	other, err := open(t.TempDir()).StoreID()
	must(t, err)
	if id == other || !strings.HasPrefix(id, "local:") {
		t.Errorf("%s, %s", id, other)
	}
	equal(t, []string{".flowrider/.gitignore", ".flowrider/store"}, names(t, root))
	for _, text := range []string{"", "local:x\n", id + "x", strings.ToUpper(id)} {
		write(t, root, ".flowrider/store", text)
		if _, err := open(root).StoreID(); err == nil || !strings.Contains(err.Error(), ".flowrider/store does not hold") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
