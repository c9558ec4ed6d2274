package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestText(t *testing.T) {
	root := newProject(t, map[string]string{
		"a.py":         "print()\n",
		"x:bin/run":    "#!/bin/sh\n",
		"latest":       "-> bin/run",
		"übung":        "",
		"two words":    "",
		"line\nbreak":  "",
		"\xff\"\\":     "",
		"-rf":          "",
		"\u202etxt.py": "",
	})
	want := `flowrider bundle 1
file sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 -rf
file sha256:d8594fa1268ecabc62af7c9e2449b8c46db0f426cd9aad384c67efe59e582b3e 8 a.py
exec sha256:a8076d3d28d21e02012b20eaf7dbf75409a6277134439025f282e368e3305abf 10 bin/run
symlink sha256:57b94356302c85712d33811d8bda2a57b5181e3b496466db149873f6ed118265 7 latest bin/run
file sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 "line\nbreak"
file sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 "two words"
file sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 übung
file sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 "\xe2\x80\xaetxt.py"
file sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 "\xff\"\\"
`
	l := mustList(t, Selection{Root: root})
	if diff := cmp.Diff(want, l.Text()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	sum := sha256.Sum256([]byte(l.Text()))
	if want := "h1:" + hex.EncodeToString(sum[:]); l.Digest != want {
		t.Errorf("digest is %s, not that of the text, %s", l.Digest, want)
	}
	back, err := ParseText(l.Text())
	check(t, err)
	if diff := cmp.Diff(l, back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestTextThatNobodyWrote(t *testing.T) {
	const zero = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 "
	for _, c := range []struct{ lines, want string }{
		{"file " + zero + "a", "list of files, line 2: is not complete"},
		{"file " + zero + "b\nfile " + zero + "a\n", "list of files, line 3: stands out of order"},
		{"file " + zero + "a\nfile " + zero + "a\n", "list of files, line 3: stands out of order"},
		{"file " + zero + "../a\n", "list of files, line 2: is not written as a list of files is"},
		{"file " + zero + "/a\n", "list of files, line 2: is not written as a list of files is"},
		{"file " + zero + "a//b\n", "list of files, line 2: is not written as a list of files is"},
		{"file " + zero + "\"a\"\n", "list of files, line 2: is not written as a list of files is"},
		{"file " + zero + "a b\n", "list of files, line 2: is not written as a list of files is"},
		{"file " + strings.ToUpper(zero) + "a\n", "list of files, line 2: is not written as a list of files is"},
		{"file " + zero + "\"a\n", "list of files, line 2: has a quote that is not closed"},
		{"file " + zero + "\"\\q\"\n", "list of files, line 2: has an unknown escape"},
		{"link " + zero + "a\n", `list of files, line 2: begins with the unknown word "link"`},
		{"file sha256:00 -1 a\n", `list of files, line 2: has the size "-1"`},
		{"file\n", "list of files, line 2: has too few words"},
	} {
		_, err := ParseText(textHeader + "\n" + c.lines)
		if err == nil || err.Error() != c.want {
			t.Errorf("%q: error %v, want %s", c.lines, err, c.want)
		}
	}
	if _, err := ParseText("flowrider bundle 2\n"); err == nil {
		t.Error("another format is believed")
	}
}

// drawEntries draws entries as a walk could find them.
func drawEntries(t *rapid.T) []Entry {
	name := rapid.Custom(func(t *rapid.T) string {
		raw := rapid.SliceOfN(rapid.Byte(), 1, 12).Draw(t, "bytes")
		for i, c := range raw {
			if c == 0 || c == '/' || c == '.' {
				raw[i] = '_'
			}
		}
		return string(raw)
	})
	paths := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(name, 1, 3).Draw(t, "names"), "/")
	}), 0, 8, rapid.ID[string]).Draw(t, "paths")
	var entries []Entry
	for _, p := range paths {
		e := Entry{Path: p, Size: rapid.Int64Min(0).Draw(t, "size"), Digest: digestText(name.Draw(t, "content"))}
		switch rapid.IntRange(0, 3).Draw(t, "type") {
		case 0:
			e.Executable = true
		case 1:
			e.Type, e.Target = Symlink, name.Draw(t, "target")
		case 2:
			e.Digest = strings.Replace(e.Digest, digestWhole, digestChunks, 1)
		}
		entries = append(entries, e)
	}
	return entries
}

func TestTextReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &Listing{Entries: drawEntries(t)}
		l.seal()
		back, err := ParseText(l.Text())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(l, back); diff != "" {
			t.Errorf("read back (-want +got):\n%s", diff)
		}
		for line := range strings.Lines(l.Text()) {
			if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return r < ' ' || hidden(r) }) {
				t.Errorf("line %q is not readable", line)
			}
		}
	})
}

// Every fact of an entry counts for the digest, and their order of discovery
// does not.
func TestDigestCoversEntries(t *testing.T) {
	digest := func(entries ...Entry) string {
		l := &Listing{Entries: entries}
		l.seal()
		return l.Digest
	}
	a := Entry{Path: "a", Size: 1, Digest: digestText("x")}
	b := Entry{Path: "b", Size: 1, Digest: digestText("y")}
	base := digest(a, b)
	if digest(b, a) != base {
		t.Error("order counts")
	}
	link := a
	link.Type = Link
	if digest(link, b) != base {
		t.Error("linking instead of copying counts")
	}
	for what, change := range map[string]func(*Entry){
		"path":    func(e *Entry) { e.Path = "c" },
		"bit":     func(e *Entry) { e.Executable = true },
		"content": func(e *Entry) { e.Digest = digestText("z") },
		"type":    func(e *Entry) { e.Type, e.Target = Symlink, "x" },
	} {
		changed := a
		change(&changed)
		if digest(changed, b) == base {
			t.Errorf("the %s does not count", what)
		}
	}
	if digest(a) == base || digest() == base {
		t.Error("a missing file does not count")
	}
}

func TestCompare(t *testing.T) {
	a := newProject(t, map[string]string{"same": "1", "gone": "2", "edited": "3", "mode": "4"})
	b := newProject(t, map[string]string{"same": "1", "new": "2", "edited": "4", "x:mode": "4"})
	got := Compare(mustList(t, Selection{Root: a}), mustList(t, Selection{Root: b}))
	want := []Change{{"edited", "changed"}, {"gone", "removed"}, {"mode", "changed"}, {"new", "added"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func FuzzParseText(f *testing.F) {
	f.Add(textHeader + "\nsymlink sha256:57b94356302c85712d33811d8bda2a57b5181e3b496466db149873f6ed118265 7 latest bin/run\n")
	f.Add(textHeader + "\nexec chunks:57b94356302c85712d33811d8bda2a57b5181e3b496466db149873f6ed118265 7 \"a b\\n\\x01\\\"\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseText(text)
		if err != nil {
			return
		}
		if diff := cmp.Diff(text, l.Text()); diff != "" {
			t.Errorf("written again (-want +got):\n%s", diff)
		}
	})
}
