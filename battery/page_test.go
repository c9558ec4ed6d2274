package battery_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/internal/testenv"
)

var update = flag.Bool("update", false, "write docs/reliability.md and the sentence in README.md, with the figures in $FLOWRIDER_FIGURES if it is given")

// figure is what one test has said that it saw.
type figure struct{ id, test, tier, seed, text string }

// page is what docs/reliability.md is made from.
type page struct {
	machine string
	figures []figure
}

// TestPage holds that docs/reliability.md says of each number what it does and
// what a real run has shown, and that nothing in it is older than the tests.
func TestPage(t *testing.T) {
	name := filepath.Join(repository, "docs", "reliability.md")
	content, err := os.ReadFile(name)
	if err != nil && !*update {
		t.Fatal(err)
	}
	now := parsePage(string(content))
	if path := os.Getenv("FLOWRIDER_FIGURES"); path != "" && *update {
		now = page{machine: machine(), figures: merge(now.figures, readFigures(t, path))}
	}
	places := places(t)
	for _, f := range now.figures {
		if _, ok := places[testFunction(f.test)]; !ok {
			t.Errorf("docs/reliability.md has a figure of %s, which is no test any more", f.test)
		}
		if !slices.ContainsFunc(catalogue, func(e entry) bool { return e.id == f.id && e.late == "" }) {
			t.Errorf("%s says a figure of %s, which the catalogue does not have or says is to come", f.test, f.id)
		}
	}
	testenv.Page(t, name, now.write(places), *update, "go test ./battery -run Page -update")
	readme := filepath.Join(repository, "README.md")
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	if !sentenceMarks.Match(text) {
		t.Fatal("README.md has no place for the sentence on reliability")
	}
	testenv.Page(t, readme, sentenceMarks.ReplaceAllLiteralString(string(text), now.sentence()), *update, "go test ./battery -run Page -update")
}

// readFigures reads what testenv.Figure has written. Of a test that has said
// the same thing with other numbers again, the last counts.
func readFigures(t *testing.T, path string) []figure {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []figure
	for line := range strings.Lines(string(content)) {
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(parts) != 5 {
			t.Fatalf("%s has a line that is no figure: %q", path, line)
		}
		list = append(list, figure{parts[0], parts[1], parts[2], parts[3], strings.ReplaceAll(parts[4], "|", "/")})
	}
	return merge(nil, list)
}

// merge puts newer figures in the places of older ones: one a test that says
// one, all of them of a test that says several. A run in the first tier does
// not take the place of a full one.
func merge(older, newer []figure) []figure {
	full := map[string]bool{}
	for _, f := range older {
		full[f.test] = full[f.test] || f.tier == "full"
	}
	newer = slices.DeleteFunc(slices.Clone(newer), func(f figure) bool { return full[f.test] && f.tier != "full" })
	again := map[string]bool{}
	for _, f := range newer {
		again[f.test] = true
	}
	list := slices.DeleteFunc(slices.Clone(older), func(f figure) bool { return again[f.test] })
	for i, f := range newer {
		later := slices.ContainsFunc(newer[i+1:], func(g figure) bool { return g.test == f.test && shape(g.text) == shape(f.text) })
		if !later {
			list = append(list, f)
		}
	}
	slices.SortStableFunc(list, func(a, b figure) int {
		return strings.Compare(a.id+" "+a.test, b.id+" "+b.test)
	})
	return list
}

// shape is a text without its numbers.
func shape(text string) string { return numbers.ReplaceAllString(text, "0") }

var numbers = regexp.MustCompile(`[0-9][0-9,.]*`)

// machine says on what the figures were had, and names nothing of it.
func machine() string {
	text := fmt.Sprintf("%s/%s, %d processors", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		release := regexp.MustCompile(`^\d+\.\d+`).FindString(unix.ByteSliceToString(name.Release[:]))
		text = fmt.Sprintf("%s %s (%s), %d processors", unix.ByteSliceToString(name.Sysname[:]), release, runtime.GOARCH, runtime.NumCPU())
	}
	return text + ", " + regexp.MustCompile(`^go\d+\.\d+`).FindString(runtime.Version())
}

// testFunction is the function that a test or a part of it is in.
func testFunction(test string) string {
	name, _, _ := strings.Cut(test, "/")
	return name
}

// places finds the files of all tests, by the names of their functions.
func places(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	function := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir(repository, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, match := range function.FindAllSubmatch(source, -1) {
			found[string(match[1])] = filepath.ToSlash(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
