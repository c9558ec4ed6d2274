package pysource

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// What is read of the modules that Python comes with is what Python's own
// parser reads of them.
func TestPythonReadsTheSame(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("SKIPPED: there is no python3 on PATH")
	}
	out, err := exec.Command(python, "-c", "import os; print(os.path.dirname(os.__file__))").Output()
	if err != nil {
		t.Fatal(err)
	}
	arguments := []string{"testdata/oracle.py", "testdata"}
	for _, folder := range oracleFolders {
		arguments = append(arguments, filepath.Join(strings.TrimSpace(string(out)), folder))
	}
	out, err = exec.Command(python, arguments...).Output()
	if err != nil {
		t.Fatal(err)
	}
	count, lines := 0, bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var want struct {
			Path    string
			Valid   bool
			Scope   []any
			Imports []any
		}
		if err := json.Unmarshal(lines.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		source, err := os.ReadFile(want.Path)
		if err != nil || !want.Valid || len(source) > maxSource || bytes.Contains(source, []byte(`\N{`)) {
			continue // a character's name is not known here
		}
		count++
		m, err := Read(source)
		if err != nil {
			t.Errorf("%s: %v", want.Path, err)
			continue
		}
		if diff := cmp.Diff(order(want.Scope), order(plainly(t, scopeOf(&m.Scope)))); diff != "" {
			t.Errorf("%s (-python +here):\n%s", want.Path, diff)
		}
		if diff := cmp.Diff(want.Imports, plainly(t, importsOf(m))); diff != "" {
			t.Errorf("%s, imports (-python +here):\n%s", want.Path, diff)
		}
	}
	if count < 30 {
		t.Errorf("%d files were compared", count)
	}
	t.Logf("%d files", count)
}

// plainly is a value as JSON has it.
func plainly(t *testing.T, value []any) []any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var plain []any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}

// order puts what Python lists in source order by kind and name.
func order(list []any) []any {
	list = slices.Clone(list)
	key := func(v any) string {
		text, _ := json.Marshal(v)
		return string(text)
	}
	for _, entry := range list {
		if fields := entry.([]any); fields[0] == "class" {
			inside, _ := fields[3].([]any)
			fields[3] = order(inside)
		}
	}
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(key(a), key(b)) })
	if list == nil {
		list = []any{}
	}
	return list
}

func scopeOf(s *Scope) []any {
	list := []any{}
	for _, c := range s.Classes {
		bases := []any{}
		for _, base := range c.Bases {
			if base.Kind == Name {
				bases = append(bases, base.Text)
			} else {
				bases = append(bases, nil)
			}
		}
		list = append(list, []any{"class", c.Name, bases, scopeOf(&c.Scope), len(c.Decorators)})
	}
	for _, f := range s.Functions {
		params := []any{}
		for _, p := range f.Params {
			params = append(params, []any{p.Name, p.Kind, p.Default})
		}
		list = append(list, []any{"def", f.Name, params, f.Async, len(f.Decorators), f.Conditional})
	}
	for _, a := range s.Assigned {
		if !a.single {
			continue
		}
		var value any
		if printable := !strings.ContainsFunc(a.Value.Text, func(r rune) bool { return !unicode.IsPrint(r) }); a.Value.Kind == String && printable {
			value = a.Value.Text
		}
		list = append(list, []any{"=", a.Name, value})
	}
	return list
}

func importsOf(m *Module) []any {
	imports := slices.Clone(m.Imported)
	slices.SortStableFunc(imports, func(a, b Import) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return strings.Compare(a.Module+"\x00"+a.Name+"\x00"+a.As, b.Module+"\x00"+b.Name+"\x00"+b.As)
	})
	list := []any{}
	for _, i := range imports {
		list = append(list, []any{i.Module, i.Level, i.Name, i.As, i.Line})
	}
	return list
}
