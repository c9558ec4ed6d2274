package schema

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// bracket is one that is open, with the indentation of its line.
type bracket struct {
	token  hclsyntax.Token
	indent int
}

// checkBrackets finds the first quote or bracket that is not closed, or that
// closes nothing. HCL's parser tells it far from its place, and much else of
// what comes after it. An unclosed one shows itself by what could not stand in
// it: a closing one of another kind or further left, or a new line that begins
// with an argument or a block.
func checkBrackets(tokens hclsyntax.Tokens, source []byte) *hcl.Diagnostic {
	var open []bracket
	indent := func(t hclsyntax.Token) int { return indentAt(source, t.Range.Start) }
	for i, token := range tokens {
		var top *bracket
		if len(open) > 0 {
			top = &open[len(open)-1]
		}
		switch {
		case token.Type == hclsyntax.TokenIdent && firstOfLine(tokens, i) && endsText(token, open):
			return unclosed(open, token)
		case opening[token.Type]:
			open = append(open, bracket{token, indent(token)})
		case closing[token.Type] != nil:
			if top == nil || !matches(token, top.token) {
				return mismatch(token, open)
			}
			if token.Type == hclsyntax.TokenCBrace && firstOfLine(tokens, i) && indent(token) < top.indent {
				return unclosed(open, token)
			}
			open = open[:len(open)-1]
		case token.Type == hclsyntax.TokenQuotedNewline:
			if start := top.token.Range.Start.Byte; top.token.Type == hclsyntax.TokenOQuote && bytes.HasSuffix(source[:start], []byte(`""`)) {
				return syntaxProblem(top.token.Range, "Triple quotes", "There are no triple quotes. A comment begins with #, on each of its lines, and a text of several lines with <<EOT; it ends with a line that has EOT alone.")
			}
			return unclosed(open, token)
		case token.Type == hclsyntax.TokenEOF && top != nil:
			return unclosed(open, token)
		case top != nil && token.Type == hclsyntax.TokenIdent && firstOfLine(tokens, i) && couldNotStand(tokens[i:], top):
			return unclosed(open, token)
		}
	}
	return nil
}

func matches(closer, opener hclsyntax.Token) bool {
	for _, t := range closing[closer.Type] {
		if t == opener.Type {
			return true
		}
	}
	return false
}

func firstOfLine(tokens hclsyntax.Tokens, i int) bool {
	return i == 0 || tokens[i-1].Type == hclsyntax.TokenNewline || tokens[i-1].Range.End.Line < tokens[i].Range.Start.Line || bytes.HasSuffix(tokens[i-1].Bytes, []byte("\n"))
}

// endsText says whether a line has the word with which a text of several lines ends
// in which something is open: what the text has after a %{ is an expression until the }.
func endsText(word hclsyntax.Token, open []bracket) bool {
	for i := len(open) - 2; i >= 0; i-- {
		if open[i].token.Type == hclsyntax.TokenOHeredoc {
			return heredocWord(open[i].token) == string(word.Bytes)
		}
	}
	return false
}

// heredocWord is the word with which the text ends that a token begins.
func heredocWord(token hclsyntax.Token) string {
	return strings.TrimLeft(strings.TrimSpace(string(token.Bytes)), "<-")
}

// couldNotStand says whether a line that begins like this cannot be in a
// bracket: an argument in a list or a call, a block of the file in any.
func couldNotStand(line hclsyntax.Tokens, in *bracket) bool {
	if len(line) < 2 {
		return false
	}
	switch in.token.Type {
	case hclsyntax.TokenOBrack, hclsyntax.TokenOParen:
		if line[1].Type == hclsyntax.TokenEqual {
			return true
		}
	case hclsyntax.TokenOBrace:
	default:
		return false
	}
	return line[0].Range.Start.Column == 1 && (line[1].Type == hclsyntax.TokenOQuote || line[1].Type == hclsyntax.TokenOBrace) &&
		fileTable.hasBlock(string(line[0].Bytes))
}

func indentAt(source []byte, at hcl.Pos) int {
	start := bytes.LastIndexByte(source[:at.Byte], '\n') + 1
	return len(source[start:]) - len(bytes.TrimLeft(source[start:], " \t"))
}

func mismatch(closer hclsyntax.Token, open []bracket) *hcl.Diagnostic {
	for _, b := range open {
		if matches(closer, b.token) {
			return unclosed(open, closer)
		}
	}
	text := strings.TrimSpace(string(closer.Bytes))
	return syntaxProblem(closer.Range, closedTwice, fmt.Sprintf("Nothing is open that this %s could close. Take it away, or look for a bracket that is missing before it.", text))
}

// unclosed is the message of the innermost one that is open; at is where that
// shows.
func unclosed(open []bracket, at hclsyntax.Token) *hcl.Diagnostic {
	last := open[len(open)-1]
	if len(open) > 1 && last.token.Type == hclsyntax.TokenOQuote && slices.Contains(closing[hclsyntax.TokenTemplateSeqEnd], open[len(open)-2].token.Type) {
		last = open[len(open)-2] // the quote was to end the text around it
	}
	subject := last.token.Range
	switch last.token.Type {
	case hclsyntax.TokenOQuote:
		return syntaxProblem(subject, "Text not closed",
			"A text ends with \" on the line on which it begins; the quotes of this line do not come in pairs. Write \\\" for a quote in a text, and <<EOT, lines, EOT for a text of several lines.")
	case hclsyntax.TokenOHeredoc:
		return syntaxProblem(subject, "Text not closed", fmt.Sprintf("The text that begins here ends with a line that has nothing but %s. There is no such line.", heredocWord(last.token)))
	case hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
		return syntaxProblem(subject, "Bracket not closed", fmt.Sprintf("Write } where the expression of %s ends; for these characters as they are, double the first one.", last.token.Bytes))
	}
	closer := map[hclsyntax.TokenType]string{hclsyntax.TokenOBrace: "}", hclsyntax.TokenOBrack: "]", hclsyntax.TokenOParen: ")"}[last.token.Type]
	where := "before the end of the file"
	if at.Type != hclsyntax.TokenEOF {
		where = fmt.Sprintf("before line %d", at.Range.Start.Line)
		if at.Range.Start.Line == last.token.Range.Start.Line {
			where = fmt.Sprintf("before the %s", strings.TrimSpace(string(at.Bytes)))
		} else if closing[at.Type] != nil {
			where = fmt.Sprintf("before the %s of line %d", strings.TrimSpace(string(at.Bytes)), at.Range.Start.Line)
		}
	}
	return syntaxProblem(subject, "Bracket not closed", fmt.Sprintf("This %s is not closed. Write the %s that belongs to it, %s.", last.token.Bytes, closer, where))
}

func syntaxProblem(subject hcl.Range, summary, detail string) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &subject}
}

var opening = map[hclsyntax.TokenType]bool{
	hclsyntax.TokenOParen: true, hclsyntax.TokenOBrack: true, hclsyntax.TokenOBrace: true, hclsyntax.TokenOQuote: true,
	hclsyntax.TokenOHeredoc: true, hclsyntax.TokenTemplateInterp: true, hclsyntax.TokenTemplateControl: true,
}

var closing = map[hclsyntax.TokenType][]hclsyntax.TokenType{
	hclsyntax.TokenCParen: {hclsyntax.TokenOParen}, hclsyntax.TokenCBrack: {hclsyntax.TokenOBrack}, hclsyntax.TokenCBrace: {hclsyntax.TokenOBrace},
	hclsyntax.TokenCQuote: {hclsyntax.TokenOQuote}, hclsyntax.TokenCHeredoc: {hclsyntax.TokenOHeredoc},
	hclsyntax.TokenTemplateSeqEnd: {hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl},
}
