package schema

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// unquoted explains a message of HCL's parser by a text without quotes, if the value
// at its place looks like one: a path, a URL, a time, an option.
func unquoted(problem *hcl.Diagnostic, source []byte) bool {
	of := problem.Summary
	value := slices.Contains([]string{noValue, oneLine, noName}, of) || syntaxClasses[of] != "" || lexical(problem)
	comment := bytes.HasPrefix(source[min(problem.Subject.Start.Byte, len(source)):], []byte("/*")) // of data/*.csv
	if !value && !comment {
		return false
	}
	text, at, ok := valueAround(source, problem.Subject.Start)
	if !ok || !textForm.MatchString(filled.ReplaceAllString(text, "x")) || reference.MatchString(text) {
		return false
	}
	problem.Subject = &hcl.Range{Filename: problem.Subject.Filename, Start: at, End: after(at, text)}
	problem.Summary, problem.Detail, problem.Context = "Quotes missing", fmt.Sprintf("A text needs quotes: write \"%s\".", text), nil
	return true
}

// textForm are the forms of texts that are no expressions. What can be half of one, as
// in 2* or var.a?, is none of them.
var textForm = regexp.MustCompile(`^(?:` + strings.Join([]string{
	`[A-Za-z][\w+.-]*://[!-~]+`,                      // URL
	`(?:~|\.\.?)/[\w./*@%+:=~-]*`,                    // path from somewhere
	`/(?:[\w.@%+:=~-][\w./*@%+:=~-]*)?`,              // but /* begins a comment
	`[A-Za-z_][\w.-]*(?:/[\w.@:*=-]*)+`,              // path in the project
	`(?:[\w.-]*/)*[\w.-]*\*+[./]+[A-Za-z*][\w./*-]*`, // glob
	`\d{1,2}:\d{2}(?::\d{2})?`,                       // time
	`\d{4}-\d{2}-\d{2}T[\w:.+-]+`,                    // date with a time
	`--?[A-Za-z][\w-]*=[!-~]+`,                       // option
	`[A-Za-z][\w./-]*[:@][\w./:@-]*\w`,               // image:tag, host:port, name@host
	`(?:[<>=!~]=|~>|[<>^~])\s*\d[\w.]*(?:\.\*)?`,     // version
}, "|") + `)$`)

// filled is what is put into a text.
var filled = regexp.MustCompile(`\$\{[^{}"\n]*\}`)

// reference is how an expression begins that is no text.
var reference = regexp.MustCompile(`^[\s!-]*(?:` + referenceRoots + `)\.`)

// valueAround is the value on the line of a place that the place is in, as it is
// written, and where it begins: an argument's, an attribute's or an item's.
func valueAround(source []byte, at hcl.Pos) (text string, begin hcl.Pos, ok bool) {
	at.Byte = min(at.Byte, len(source))
	start := bytes.LastIndexByte(source[:at.Byte], '\n') + 1
	line, _, _ := bytes.Cut(source[start:], []byte("\n"))
	items, open := []int{0}, []byte{0} // where the item begins in each bracket that is open
	quoted := false
	for i, b := range line[:at.Byte-start] {
		top := len(items) - 1
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '[' || b == '(' || b == '{':
			if b == '{' && i > 0 && line[i-1] == '$' {
				b = '$'
			}
			items, open = append(items, i+1), append(open, b)
		case (b == ']' || b == ')' || b == '}') && top > 0:
			items, open = items[:top], open[:top]
		case b == ',':
			items[top] = i + 1
		}
	}
	top := len(items) - 1
	if quoted || open[top] == '$' {
		return "", at, false
	}
	item := items[top]
	if open[top] == 0 || open[top] == '{' {
		item += len(key.Find(line[item : at.Byte-start]))
	}
	item += len(line[item:]) - len(bytes.TrimLeft(line[item:], " \t"))
	value := bareValue.Find(line[item:])
	if end := bytes.TrimLeft(line[item+len(value):], " \t\r"); item > at.Byte-start || len(end) > 0 && !bytes.ContainsAny(end[:1], ",])}#") {
		return "", at, false
	}
	begin = at
	begin.Byte, begin.Column = start+item, at.Column-len([]rune(string(line[item:at.Byte-start])))
	return string(bytes.TrimRight(value, " \t")), begin, true
}

// key is what stands before the value of an argument or of an attribute.
var key = regexp.MustCompile(`^\s*(?:"[^"]*"|[A-Za-z_][\w-]*)\s*[=:]`)

// bareValue is a value up to where it has to end, with what is filled in.
var bareValue = regexp.MustCompile("^(?:\\$\\{[^{}\"\n]*\\}|[^\"'`\\\\\n\r,#()\\[\\]{}])*")

// unquotedURL is the message of a text without quotes that has begun a comment, as in
// [s3://x], so that the bracket before it is not closed; nil if there is none on the
// line of that.
func unquotedURL(brackets *hcl.Diagnostic, tokens hclsyntax.Tokens, source []byte) *hcl.Diagnostic {
	line := brackets.Subject.Start.Line
	i := slices.IndexFunc(tokens, func(t hclsyntax.Token) bool {
		return t.Type == hclsyntax.TokenComment && t.Range.Start.Line >= line && bytes.HasPrefix(t.Bytes, []byte("//"))
	})
	if i < 1 || tokens[i-1].Type != hclsyntax.TokenColon || tokens[i].Range.Start.Line > line {
		return nil
	}
	problem := syntaxProblem(tokens[i-1].Range, noNewline, "")
	if !unquoted(problem, source) {
		return nil
	}
	return problem
}

// after is the place behind a text of one line.
func after(at hcl.Pos, text string) hcl.Pos {
	at.Byte, at.Column = at.Byte+len(text), at.Column+len([]rune(text))
	return at
}
