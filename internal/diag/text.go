package diag

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mitchellh/go-wordwrap"
)

// width is where prose is wrapped, snippetWidth where a source line is cut.
const (
	width        = 80
	snippetWidth = 100
)

// WriteText writes problems for people. folder goes before file names, so
// that they are relative to where the person is; "" or "." adds nothing.
func WriteText(w io.Writer, problems []Problem, folder string) {
	for i, p := range problems {
		if i > 0 {
			fmt.Fprintln(w)
		}
		writeProblem(w, p, folder)
	}
}

func writeProblem(w io.Writer, p Problem, folder string) {
	if p.Range != nil {
		fmt.Fprintf(w, "%s:%d:%d: ", filepath.ToSlash(filepath.Join(folder, p.Range.Filename)), p.Range.Start.Line, p.Range.Start.Column)
	}
	fmt.Fprintf(w, "%s: %s\n", p.Severity, Printable(p.Summary))
	if p.Range != nil && strings.TrimSpace(p.Snippet) != "" {
		writeSnippet(w, p)
	}
	if p.Detail == "" {
		return
	}
	for line := range strings.Lines(wordwrap.WrapString(p.Detail, width-2)) {
		fmt.Fprintf(w, "  %s\n", Printable(strings.TrimRight(line, "\n")))
	}
}

// writeSnippet shows the source line and marks the place below it, so that
// no colour is needed.
func writeSnippet(w io.Writer, p Problem) {
	runes := []rune(strings.ReplaceAll(p.Snippet, "\t", " "))
	start := min(max(p.Range.Start.Column-1, 0), len(runes))
	end := len(runes)
	if p.Range.End.Line == p.Range.Start.Line {
		end = min(max(p.Range.End.Column-1, start+1), len(runes)+1)
	}
	from, before, after := 0, "", ""
	if start > snippetWidth*2/3 {
		from, before = start-snippetWidth/3, "…"
	}
	to := len(runes)
	if to-from > snippetWidth {
		to, after = from+snippetWidth, "…"
	}
	gutter := fmt.Sprintf("%4d | ", p.Range.Start.Line)
	fmt.Fprintf(w, "%s%s%s%s\n", gutter, before, Printable(string(runes[from:to])), after)
	end = min(end, to+1)
	blank := strings.Repeat(" ", len(gutter)-2) + "| " + strings.Repeat(" ", start-from+utf8.RuneCountInString(before))
	fmt.Fprintf(w, "%s%s\n", blank, strings.Repeat("^", max(1, end-start)))
}

// Printable replaces what a terminal would obey by what it shows.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return '�'
	}, text)
}
