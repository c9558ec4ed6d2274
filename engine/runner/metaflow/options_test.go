package metaflow

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// docs/language.md names every option and decorator that does not count, and
// every option that is refused.
func TestOptionsAreInTheReference(t *testing.T) {
	page, err := os.ReadFile("../../../docs/language.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(page), "## Options of Metaflow\n")
	if !found {
		t.Fatal("docs/language.md has no section on options of Metaflow")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	want := map[string]bool{}
	maps.Copy(want, uncounted)
	maps.Copy(want, uncountedDecorators)
	for name := range refused {
		want[name] = true
	}
	parts := strings.Split(section, "`")
	got := map[string]bool{}
	for i := 1; i < len(parts); i += 2 {
		got[parts[i]] = true
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !got[name] {
			t.Errorf("it does not name %s", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if !want[name] && !slices.Contains([]string{"options", "run_options", "with"}, name) {
			t.Errorf("it names %s, which counts", name)
		}
	}
}
