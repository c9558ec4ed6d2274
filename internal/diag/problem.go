// Package diag shows problems to people and machines. A Problem is the value
// that JSON is made from; the text on a terminal is written from the same
// value, so the two cannot differ.
//
// It finds no problems itself; what it sorts and renders are HCL's
// diagnostics, made by schema and engine/eval, and errors given a place by
// the engine.
package diag

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Problem is one message about the configuration or the machine.
type Problem struct {
	Severity   string  `json:"severity"` // error or warning
	Summary    string  `json:"summary"`
	Detail     string  `json:"detail"`
	Range      *Range  `json:"range"` // null for problems without a place
	Suggestion *string `json:"suggestion"`
	// Values are those of the variables in the expression, where they help;
	// never what is sensitive.
	Values  []Value `json:"values,omitempty"`
	Snippet Snippet `json:"-"`

	unshown bool // see Unshown
}

// Value is what a reference in an expression is worth, as an author would write
// it, or in words where that is long.
type Value struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Values ride in a diagnostic's Extra.
type Values []Value

// Snippet is the source line of Range.Start, in three parts: the middle one is
// the part that the problem is about.
type Snippet struct {
	Before, Marked, After string
	Lines                 int // how many lines the place has
}

// Range is a place in a configuration file. Lines and columns count from 1,
// columns in characters.
type Range struct {
	Filename string   `json:"filename"`
	Start    Position `json:"start"`
	End      Position `json:"end"`
}

// Position is one end of a Range.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"-"`
}

// Unshown rides in a diagnostic's Extra: the line of its place is not shown, since
// something sensitive stands there that nobody could take for a value.
type Unshown struct{}

// Most is how many problems are shown: who has more than that has made one
// mistake many times.
const Most = 500

// Problems turns diagnostics into problems in source order: by file, place,
// severity and summary. What repeats an earlier one at the same place is
// dropped. sources are the files' texts, for snippets.
func Problems(diags hcl.Diagnostics, sources map[string]*hcl.File) []Problem {
	list := make([]Problem, 0, len(diags))
	for _, d := range diags {
		list = append(list, problem(d))
	}
	slices.SortStableFunc(list, compare)
	list = slices.CompactFunc(list, func(a, b Problem) bool {
		return compare(a, b) == 0 && a.Detail == b.Detail
	})
	if len(list) > Most {
		rest := Problem{Severity: "error", Summary: "Too many mistakes", Detail: fmt.Sprintf("Only the first %d are shown.", Most)}
		list = append(list[:Most:Most], rest)
	}
	for i, p := range list {
		if p.Range != nil && !p.unshown && sources[p.Range.Filename] != nil {
			list[i].Snippet = snippet(sources[p.Range.Filename].Bytes, *p.Range)
		}
	}
	return list
}

func problem(d *hcl.Diagnostic) Problem {
	p := Problem{Severity: "error", Summary: d.Summary, Detail: d.Detail}
	if d.Severity == hcl.DiagWarning {
		p.Severity = "warning"
	}
	if suggestion, ok := d.Extra.(Suggestion); ok {
		text := string(suggestion)
		p.Suggestion = &text
	}
	p.Values, _ = d.Extra.(Values)
	_, p.unshown = d.Extra.(Unshown)
	if d.Subject != nil {
		p.Range = &Range{
			Filename: d.Subject.Filename,
			Start:    Position{d.Subject.Start.Line, d.Subject.Start.Column, d.Subject.Start.Byte},
			End:      Position{d.Subject.End.Line, d.Subject.End.Column, d.Subject.End.Byte},
		}
	}
	return p
}

// Hide puts all that is said through what takes secrets out of it.
func Hide(problems []Problem, hide func(string) string) []Problem {
	for i := range problems {
		p := &problems[i]
		p.Summary, p.Detail, p.Snippet = hide(p.Summary), shorten(hide(p.Detail)), p.Snippet.hide(hide)
		for i := range p.Values {
			p.Values[i].Value = hide(p.Values[i].Value)
		}
	}
	return problems
}

// shorten cuts a text in which somebody's name of a megabyte stands.
func shorten(text string) string {
	const most = 8 << 10
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// hide takes secrets out of a line, also those that go over a seam.
func (s Snippet) hide(hide func(string) string) Snippet {
	whole := hide(s.Before + s.Marked + s.After)
	s.Before, s.Marked, s.After = hide(s.Before), hide(s.Marked), hide(s.After)
	if s.Before+s.Marked+s.After != whole {
		s.Before, s.Marked, s.After = whole, "", ""
	}
	return s
}

// wide is how many bytes of a line are taken on each side: far more than is
// shown, since what is sensitive is looked for in them.
const wide = 8 << 10

// whole is a part of a line without the halves of characters.
func whole(part []byte) string { return strings.ToValidUTF8(string(part), "") }

// snippet cuts the line of a place out of its file. Bytes tell where it is,
// since columns count what a reader takes for one character.
func snippet(source []byte, at Range) Snippet {
	start := min(max(at.Start.Byte, 0), len(source))
	begin := bytes.LastIndexByte(source[:start], '\n') + 1
	if bytes.Count(source[:begin], []byte("\n")) != at.Start.Line-1 {
		return Snippet{Before: lineOf(source, at.Start.Line), Lines: 1} // it has only a line
	}
	end := len(source)
	if n := bytes.IndexByte(source[start:], '\n'); n >= 0 {
		end = start + n
	}
	stop := min(max(at.End.Byte, start), end, start+wide)
	begin, end = max(begin, start-wide), min(end, stop+wide)
	return Snippet{
		Before: whole(source[begin:start]), Marked: strings.TrimRight(whole(source[start:stop]), "\r"),
		After: strings.TrimRight(whole(source[stop:end]), "\r"), Lines: max(1, at.End.Line-at.Start.Line+1),
	}
}

func lineOf(source []byte, number int) string {
	for current := range strings.Lines(string(source)) {
		if number--; number == 0 {
			return strings.TrimRight(current, "\r\n")
		}
	}
	return ""
}

func compare(a, b Problem) int {
	if order := comparePlaces(a.Range, b.Range); order != 0 {
		return order
	}
	if order := strings.Compare(a.Severity, b.Severity); order != 0 {
		return order
	}
	return strings.Compare(a.Summary, b.Summary)
}

// comparePlaces puts problems without a place last.
func comparePlaces(a, b *Range) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	if order := strings.Compare(a.Filename, b.Filename); order != 0 {
		return order
	}
	if a.Start.Line != b.Start.Line {
		return a.Start.Line - b.Start.Line
	}
	return a.Start.Column - b.Start.Column
}
