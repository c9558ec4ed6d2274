package bundle

import "testing"

func TestLookup(t *testing.T) {
	l := &Listing{Entries: []Entry{
		{Path: "src/run.py"}, {Path: "src.py"}, {Path: "src-old/run.py"}, {Path: "data", Type: Symlink, Target: "src"}, {Path: "é/ü"},
	}}
	l.seal()
	cases := []struct {
		name        string
		find, reach string // the entry's path, "" for none
		folder      bool
	}{
		{"src.py", "src.py", "src.py", false},
		{"src/run.py", "src/run.py", "src/run.py", false},
		{"src", "", "", true},
		{"src-old", "", "", true},
		{"sr", "", "", false},
		{"src/", "", "", false},
		{"src/run", "", "", false},
		{"src.py/below", "", "src.py", false},
		{"data", "data", "data", false},
		{"data/run.py", "", "data", false},
		{"data/a/b", "", "data", false},
		{"database", "", "", false},
		{"é", "", "", true},
		{"zz", "", "", false},
		{".", "", "", false},
		{"../src.py", "", "", false},
		{"/src.py", "", "", false},
	}
	pathOf := func(e *Entry) string {
		if e == nil {
			return ""
		}
		return e.Path
	}
	for _, c := range cases {
		if got := pathOf(l.Find(c.name)); got != c.find {
			t.Errorf("Find(%q) = %q, want %q", c.name, got, c.find)
		}
		if got := pathOf(l.Reach(c.name)); got != c.reach {
			t.Errorf("Reach(%q) = %q, want %q", c.name, got, c.reach)
		}
		if got := l.IsFolder(c.name); got != c.folder {
			t.Errorf("IsFolder(%q) = %t, want %t", c.name, got, c.folder)
		}
	}
	if empty := (&Listing{}); empty.Find("a") != nil || empty.Reach("a/b") != nil || empty.IsFolder("a") {
		t.Error("something is found in an empty listing")
	}
}
