package diag

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/clipperhouse/displaywidth"
	"github.com/mitchellh/go-wordwrap"
)

// width is where prose is wrapped, snippetWidth where a source line is cut.
const (
	width        = 80
	snippetWidth = 100
)

// Paint colours a text. Nothing is said by colour alone.
type Paint func(style Style, text string) string

// Style is what a part of a message is.
type Style int

// The styles.
const (
	IsError Style = iota
	IsWarning
	IsMargin
)

// WriteText writes problems for people. folder goes before file names, so
// that they are relative to where the person is; "" or "." adds nothing.
func WriteText(w io.Writer, problems []Problem, folder string) {
	WriteColoured(w, problems, folder, func(_ Style, text string) string { return text })
}

// WriteColoured is WriteText for where there is colour.
func WriteColoured(w io.Writer, problems []Problem, folder string, paint Paint) {
	for i, p := range problems {
		if i > 0 {
			fmt.Fprintln(w)
		}
		writeProblem(w, p, folder, paint)
	}
}

func writeProblem(w io.Writer, p Problem, folder string, paint Paint) {
	style := IsError
	if p.Severity != "error" {
		style = IsWarning
	}
	if p.Range != nil {
		fmt.Fprintf(w, "%s:%d:%d: ", filepath.ToSlash(filepath.Join(folder, p.Range.Filename)), p.Range.Start.Line, p.Range.Start.Column)
	}
	fmt.Fprintf(w, "%s: %s\n", paint(style, p.Severity), Printable(p.Summary))
	if s := p.Snippet; p.Range != nil && strings.TrimSpace(s.Before+s.Marked+s.After) != "" {
		writeSnippet(w, p, func(text string) string { return paint(style, text) }, func(text string) string { return paint(IsMargin, text) })
	}
	text := p.Detail
	if values := inWords(p.Values); values != "" {
		text = strings.TrimRight(text, " ") + "\n" + values
	}
	for line := range strings.Lines(wordwrap.WrapString(strings.TrimLeft(text, "\n"), width-2)) {
		fmt.Fprintf(w, "  %s\n", Printable(strings.TrimRight(line, "\n")))
	}
}

// inWords writes "var.m is 3, and var.n is "many"."
func inWords(values []Value) string {
	const most = 5
	var parts []string
	for _, v := range values {
		parts = append(parts, v.Name+" is "+v.Value)
	}
	switch more := len(parts) - most; {
	case len(parts) == 0:
		return ""
	case more > 0:
		return strings.Join(parts[:most], ", ") + fmt.Sprintf(", and %d more.", more)
	}
	return strings.Join(parts, ", ") + "."
}

// writeSnippet shows the source line and marks the place below it, so that
// no colour is needed. What is far from the place is cut off.
func writeSnippet(w io.Writer, p Problem, mark, margin func(string) string) {
	before, marked, after := shown(p.Snippet.Before), shown(p.Snippet.Marked), shown(p.Snippet.After)
	end := ""
	if p.Snippet.Lines > 1 {
		end = fmt.Sprintf(" to line %d", p.Range.End.Line)
	}
	if room := snippetWidth * 2 / 3; displaywidth.String(before) > room {
		before = "…" + lastOf(before, snippetWidth/3)
	}
	left := snippetWidth - displaywidth.String(before)
	if displaywidth.String(marked) > left {
		marked, after = displaywidth.TruncateString(marked, left, "…"), ""
	} else if left -= displaywidth.String(marked); displaywidth.String(after) > left {
		after = displaywidth.TruncateString(after, max(left, 1), "…")
	}
	number := fmt.Sprintf("%4d | ", p.Range.Start.Line)
	fmt.Fprintf(w, "%s%s\n", margin(number), before+marked+after)
	blank := strings.Repeat(" ", len(number)-2) + "| "
	carets := strings.Repeat("^", max(1, displaywidth.String(marked)))
	fmt.Fprintf(w, "%s%s%s\n", margin(blank), strings.Repeat(" ", displaywidth.String(before)), mark(carets+end))
}

// shown is a part of a line as it is shown: a tab is one column wide.
func shown(text string) string { return Printable(strings.ReplaceAll(text, "\t", " ")) }

// lastOf is the end of a text, at most so many columns wide.
func lastOf(text string, width int) string {
	clusters, total := displaywidth.StringGraphemes(text), displaywidth.String(text)
	for total > width && clusters.Next() {
		total -= clusters.Width()
		text = text[len(clusters.Value()):]
	}
	return text
}

// Printable replaces what a terminal would obey by what it shows.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\u200d' || unicode.IsPrint(r) { // U+200D joins emoji
			return r
		}
		return '�'
	}, text)
}
