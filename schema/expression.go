package schema

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// ParseExpression parses an expression that stands alone and begins on a line
// of what somebody types. The places of mistakes are those in source, which is
// the expression after as many empty lines.
func ParseExpression(name, text string, line int) (expr hclsyntax.Expression, source []byte, diags hcl.Diagnostics) {
	source = []byte(strings.Repeat("\n", line-1) + text)
	if diags := CheckExpression(name, string(source)); diags.HasErrors() {
		return nil, source, diags
	}
	expr, diags = hclsyntax.ParseExpression([]byte(text), name, hcl.Pos{Line: line, Column: 1, Byte: line - 1})
	plain, _ := plainSyntax(diags, name, source)
	return expr, source, plain
}

// ParseText parses the template that a text of a JSON file is, as HCL does when
// it evaluates it. source is the file.
func ParseText(expr hcl.Expression, text string, source []byte) (hclsyntax.Expression, hcl.Diagnostics) {
	name, start := expr.Range().Filename, expr.Range().Start
	start.Column, start.Byte = start.Column+1, start.Byte+1 // after the quote
	template, diags := hclsyntax.ParseTemplate([]byte(text), name, start)
	if !diags.HasErrors() {
		return template, nil
	}
	// The text stands in the file with backslashes before its quotes, so that
	// what is wrong is found in itself, and its place then looked for in the file.
	_, diags = hclsyntax.ParseTemplate([]byte(text), name, hcl.InitialPos)
	tokens, _ := hclsyntax.LexTemplate([]byte(text), name, hcl.InitialPos)
	diags, _ = plainTokens(diags, tokens, []byte(text))
	for _, problem := range diags {
		problem.Subject = &hcl.Range{
			Filename: name, Start: inJSON(source, start, problem.Subject.Start.Byte), End: inJSON(source, start, problem.Subject.End.Byte),
		}
	}
	return nil, firstOf(diags)
}

// inJSON is the place so many bytes into a text that starts at a place of a JSON
// file, where some of its characters are written with a backslash.
func inJSON(source []byte, at hcl.Pos, length int) hcl.Pos {
	for length > 0 && at.Byte < len(source) && source[at.Byte] != '"' {
		char, size := utf8.DecodeRune(source[at.Byte:])
		columns, decoded := 1, string(char)
		if escape := jsonEscape.Find(source[at.Byte:]); escape != nil {
			size, columns = len(escape), len(escape)
			_ = json.Unmarshal(slices.Concat([]byte{'"'}, escape, []byte{'"'}), &decoded) // the parser has done it
		}
		length -= len(decoded)
		at.Byte, at.Column = at.Byte+size, at.Column+columns
	}
	return at
}

var jsonEscape = regexp.MustCompile(`^\\(u[dD][89abAB]..\\u....|u....|.)`)
