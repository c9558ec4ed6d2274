package pysource

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is new in Python is read whichever Python there is.
func TestWhatOlderPythonsDoNotRead(t *testing.T) {
	source, err := os.ReadFile("testdata/new.py")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(source)
	if err != nil {
		t.Fatal(err)
	}
	want := []any{
		[]any{"class", "Box", []any{"Base"}, []any{[]any{"=", "size", "1"}}, 0},
		[]any{"def", "generic", []any{[]any{"a", 1, false}, []any{"args", 2, false}}, false, 0, false},
		[]any{"def", "matches", []any{[]any{"x", 1, false}}, false, 0, false},
		[]any{"=", "nested", nil},
	}
	if diff := cmp.Diff(order(plainly(t, want)), order(plainly(t, scopeOf(&m.Scope)))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(m.Imported) != 1 || m.Imported[0].Module != "inside" {
		t.Errorf("imports: %v", m.Imported)
	}
}

func TestWhatIsNoPython(t *testing.T) {
	for source, want := range map[string]string{
		"a = (1,\nb = 2\n":                         `line 3: the file ends before a "(" is closed`,
		"a = 1)\n":                                 `line 1: ")" closes nothing`,
		"x = 1\ny = 'open\n":                       `line 2: a text is not closed with '`,
		"x = '''open\n":                            `line 2: a text is not closed with '''`,
		"if x:\n        a = 1\n    b = 2\n":        "line 3: the line is indented as none of the blocks around it",
		"a = 1\n    b = 2\n":                       "line 2: the line is indented, and no block begins there",
		"a = b ? c : d\n":                          `line 1: "?" is no word of Python`,
		"class A\n":                                "line 1: class has no colon",
		"def f():\n\nx = 1\n":                      "line 1: def has no block below it",
		"a = f'{x'\n":                              "line 1: a text is not closed with '",
		strings.Repeat("(", 300):                   "line 1: brackets are nested too deep",
		strings.Repeat(`f"{`, 300):                 "line 1: texts are nested too deep",
		"x = 1\n" + strings.Repeat(" ", maxSource): "line 1: the file has more than 2097152 bytes",
	} {
		if _, err := Read([]byte(source)); err == nil || err.Error() != want {
			t.Errorf("%.40q: %v, want %s", source, err, want)
		}
	}
}

// Whatever the bytes are, there is an answer, and its places lie in the file.
func FuzzRead(f *testing.F) {
	names, err := filepath.Glob("testdata/*.py")
	if err != nil || len(names) == 0 {
		f.Fatal(names, err)
	}
	for _, name := range names {
		source, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		m, err := Read(source)
		if err != nil {
			return
		}
		lines := strings.Count(m.source, "\n") + 1
		check := func(line int) {
			if line < 1 || line > lines {
				t.Errorf("line %d of %d", line, lines)
			}
		}
		for _, token := range m.tokens {
			check(token.line)
		}
		for _, i := range m.Imported {
			check(i.Line)
			m.Mentions(i.As)
			m.Calls(i.As)
			m.CalledWith(i.Module + ".x")
		}
		for _, class := range m.Classes {
			check(class.Line)
		}
	})
}
