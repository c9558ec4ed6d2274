package schema

import (
	"bytes"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/flowrider/flowrider/internal/diag"
)

// maxReparsed is how many bytes of a file are parsed again, as often as that is done,
// for what its mistakes hide.
const maxReparsed = 1 << 20

// mended is a file without its mistakes.
type mended struct {
	body  *hclsyntax.Body
	meant map[*hcl.Diagnostic]bool // the mistakes of which it has what is meant
}

// withBehind are the mistakes of a file with those that they hide: once its parser has
// told one it is silent until it finds its way. So the file is parsed again without
// those that are known, until it has no others: that is the rest of it, or nil where
// that is not reached.
func withBehind(told hcl.Diagnostics, name string, source []byte) (hcl.Diagnostics, *mended) {
	text, fresh, meant := slices.Clone(source), told, map[*hcl.Diagnostic]bool{}
	for left := maxReparsed - len(source); left >= 0 && len(told) <= diag.Most; left -= len(source) {
		tokens, _ := hclsyntax.LexConfig(text, name, hcl.InitialPos)
		for _, problem := range fresh {
			switch restored := restore(text, problem); {
			case restored:
				meant[problem] = true
			case !leaveOut(text, tokens, problem):
				return told, nil
			}
		}
		if _, diags := newMeter().checkLimits(name, text); diags.HasErrors() {
			return told, nil
		}
		file, diags := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
		body := file.Body.(*hclsyntax.Body)
		if !diags.HasErrors() {
			return told, &mended{body, meant}
		}
		all, sure := plainSyntax(append(diags, unsaid(body, 0, text, diags)...), name, text)
		if fresh = onOtherLines(told, all); !sure || len(fresh) == 0 {
			return told, nil // that comes of the mending
		}
		told = append(told, fresh...)
		slices.SortStableFunc(told, func(a, b *hcl.Diagnostic) int { return a.Subject.Start.Byte - b.Subject.Start.Byte })
	}
	return told, nil
}

// restore makes of a mistake what is meant, if that is clear and takes as many bytes.
func restore(source []byte, problem *hcl.Diagnostic) bool {
	_, line, _ := lineOf(source, problem)
	switch {
	case problem.Summary == singleQuotes && bytes.IndexByte(line, '"') < 0 && bytes.Count(line, []byte("'"))%2 == 0:
		for i, b := range line {
			if b == '\'' {
				line[i] = '"'
			}
		}
		return true
	case problem.Summary == braceOnNextLine:
		from := problem.Subject.Start.Byte // of the end of the line, or of a comment before it, or of a block's only name
		place := laterBrace.FindSubmatchIndex(source[from:])
		if place == nil {
			return false
		}
		between := source[from+place[2] : from+place[3]]
		if between[0] == '\n' {
			between[len(between)-1] = '\n'
		} else {
			copy(between, blank(between, len(between)))
		}
		between[0] = '{'
		return true
	}
	return false
}

// laterBrace is a block's name, or nothing, and then what its { comes after, with it.
var laterBrace = regexp.MustCompile(`^\w*[ \t]*((?s:` + onNextLine + `)\{)`)

// leaveOut blanks the lines that a mistake is on, up to where no bracket is open. It is
// false where nobody knows where that is.
func leaveOut(source []byte, tokens hclsyntax.Tokens, problem *hcl.Diagnostic) bool {
	if problem.Summary == bracesMissing {
		return false
	}
	start, _, _ := lineOf(source, problem)
	first, _ := slices.BinarySearchFunc(tokens, start, func(token hclsyntax.Token, at int) int { return token.Range.Start.Byte - at })
	depth := 0
	for _, token := range tokens[first:] {
		switch {
		case token.Type == hclsyntax.TokenOHeredoc:
			return false
		case opening[token.Type]:
			depth++
		case closing[token.Type] != nil:
			depth--
		}
		if depth < 0 {
			return false
		}
		end := token.Range.End.Byte
		if ended := token.Type == hclsyntax.TokenNewline || token.Type == hclsyntax.TokenComment && source[end-1] == '\n' || token.Type == hclsyntax.TokenEOF; ended && depth == 0 {
			if bytes.HasSuffix(bytes.TrimRight(source[start:end], " \t\r\n"), []byte(":")) { // as in YAML
				end = indented(source, start, end)
			}
			copy(source[start:end], blank(source[start:end], end-start))
			return true
		}
	}
	return false
}

// lineOf is the line that a mistake begins on, and what follows it.
func lineOf(source []byte, problem *hcl.Diagnostic) (start int, line, rest []byte) {
	start = bytes.LastIndexByte(source[:problem.Subject.Start.Byte], '\n') + 1
	line, rest, _ = bytes.Cut(source[start:], []byte("\n"))
	return start, line, rest
}

// indented is where the lines end that are further to the right than the one at start,
// which ends at end.
func indented(source []byte, start, end int) int {
	width := func(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " \t")) }
	indent := width(source[start:end])
	for line := range bytes.Lines(source[end:]) {
		if len(bytes.TrimSpace(line)) > 0 && width(line) <= indent {
			break
		}
		end += len(line)
	}
	return end
}
