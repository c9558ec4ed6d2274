package diag

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// show renders one error at the place of a word in a source.
func show(t *testing.T, source, word string) string {
	t.Helper()
	at := strings.Index(source, word)
	if at < 0 {
		t.Fatalf("%q is not in the source", word)
	}
	file, diags := hclsyntax.ParseConfig([]byte(source), "a.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	position := func(end int) hcl.Pos {
		before := source[:end]
		line := strings.LastIndex(before, "\n") + 1
		return hcl.Pos{Line: 1 + strings.Count(before, "\n"), Column: 1 + len([]rune(before[line:])), Byte: end}
	}
	problem := &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "Odd word", Detail: "Something is odd here.",
		Subject: &hcl.Range{Filename: "a.hcl", Start: position(at), End: position(at + len(word))},
	}
	var text strings.Builder
	WriteText(&text, Problems(hcl.Diagnostics{problem}, map[string]*hcl.File{"a.hcl": file}), "sub")
	return text.String()
}

func TestAPlaceIsMarkedWithoutColour(t *testing.T) {
	want := `sub/a.hcl:2:8: error: Odd word
   2 | b   =  odd
     |        ^^^
  Something is odd here.
`
	if diff := cmp.Diff(want, show(t, "a = 1\nb\t  =  odd\n", "odd")); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

// A long line is cut around the place, and the marker still stands below it.
func TestALongLineIsCutAroundThePlace(t *testing.T) {
	text := show(t, "a = \""+strings.Repeat("x", 400)+"odd"+strings.Repeat("y", 400)+"\"\n", "odd")
	lines := strings.Split(text, "\n")
	if len([]rune(lines[1])) > 120 {
		t.Errorf("the line has %d characters:\n%s", len([]rune(lines[1])), text)
	}
	at := strings.Index(lines[2], "^")
	if shown := []rune(lines[1]); at < 0 || string(shown[at:at+3]) != "odd" {
		t.Errorf("the marker is not below the place:\n%s", text)
	}
}

func TestSourceCannotSpeakToTheTerminal(t *testing.T) {
	if text := show(t, "a = \"\x1b[31m odd\"\n", "odd"); strings.Contains(text, "\x1b") {
		t.Errorf("an escape sequence came through: %q", text)
	}
}

func TestSuggest(t *testing.T) {
	candidates := []string{"train", "clean", "report", "a", "n", "s", "o", "l", "hook", "one", "flow.f", "value", "moved", "include", "incline"}
	for name, want := range map[string]string{
		"claen": "clean", "trian": "train", "x": "", "purify": "",
		"N": "n", "TRAIN": "train", "c": "", "na": "", "pool": "", "nope": "", "hoko": "hook", "flow.zz": "", "flow.F": "flow.f",
		"val": "value", "inc": "", "rep": "report",
	} {
		if got := Suggest(name, candidates); got != want {
			t.Errorf("for %q: got %q, want %q", name, got, want)
		}
	}
}

func TestProblemsAreInSourceOrderAndOnce(t *testing.T) {
	at := func(file string, line int) *hcl.Diagnostic {
		pos := hcl.Pos{Line: line, Column: 1}
		return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "S", Subject: &hcl.Range{Filename: file, Start: pos, End: pos}}
	}
	none := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "without a place"}
	var got []string
	for _, p := range Problems(hcl.Diagnostics{none, at("b", 1), at("a", 9), at("a", 2), at("a", 9)}, nil) {
		place := p.Summary
		if p.Range != nil {
			place = p.Range.Filename + ":" + string(rune('0'+p.Range.Start.Line))
		}
		got = append(got, place)
	}
	if diff := cmp.Diff([]string{"a:2", "a:9", "b:1", "without a place"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// The marker stands below what it marks, however wide the characters are.
func TestWideCharactersAreMarkedByColumns(t *testing.T) {
	for source, want := range map[string]string{
		"a = \"日本\" + odd\n":    "   1 | a = \"日本\" + odd\n     |              ^^^\n",
		"a = \"👩‍👩‍👧\" + odd\n": "   1 | a = \"👩‍👩‍👧\" + odd\n     |            ^^^\n",
		"a = \"é\" + odd\n":     "   1 | a = \"é\" + odd\n     |           ^^^\n",
		"\ta =\todd\n":          "   1 |  a = odd\n     |      ^^^\n",
	} {
		if diff := cmp.Diff(want, strings.Join(strings.SplitAfter(show(t, source, "odd"), "\n")[1:3], "")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", source, diff)
		}
	}
}

func TestAPlaceOfSeveralLinesSaysWhereItEnds(t *testing.T) {
	want := "   1 | a = [\n     |     ^ to line 3\n"
	if diff := cmp.Diff(want, strings.Join(strings.SplitAfter(show(t, "a = [\n  1,\n]\n", "[\n  1,\n]"), "\n")[1:3], "")); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestColourSaysNothingThatTheTextDoesNot(t *testing.T) {
	problem := []Problem{{
		Severity: "error", Summary: "Odd", Detail: "Something is odd.", Range: &Range{Filename: "a.hcl", Start: Position{Line: 1, Column: 5}, End: Position{Line: 1, Column: 8}},
		Snippet: Snippet{Before: "a = ", Marked: "odd", Lines: 1}, Values: []Value{{"var.a", "1"}, {"var.b", `"x"`}},
	}}
	var plain, coloured strings.Builder
	WriteText(&plain, problem, "")
	WriteColoured(&coloured, problem, "", func(style Style, text string) string { return "<" + text + ">" })
	if diff := cmp.Diff("a.hcl:1:5: error: Odd\n   1 | a = odd\n     |     ^^^\n  Something is odd.\n  var.a is 1, var.b is \"x\".\n", plain.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	if got := strings.NewReplacer("<", "", ">", "").Replace(coloured.String()); got != plain.String() {
		t.Errorf("coloured text differs:\n%s", got)
	}
	if !strings.Contains(coloured.String(), "<^^^>") {
		t.Errorf("the marker has no colour:\n%s", coloured.String())
	}
}

// A secret that goes over the seam between what is marked and what is not is
// hidden, too.
func TestALineIsHiddenAsAWhole(t *testing.T) {
	hide := func(text string) string { return strings.ReplaceAll(text, "secret", "(hidden)") }
	if got := (Snippet{Before: "a = sec", Marked: "ret", After: "!"}).hide(hide); strings.Contains(got.Before+got.Marked+got.After, "secret") {
		t.Errorf("got %+v", got)
	}
}
