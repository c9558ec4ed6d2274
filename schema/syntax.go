package schema

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// plainSyntax is what is wrong with the syntax of a file in HCL's native form:
// HCL's messages in our words, of each line the one that explains the others,
// and none after a bracket or quote that is not closed. sure says whether the
// blocks are those that the author meant.
func plainSyntax(diags hcl.Diagnostics, name string, source []byte) (plain hcl.Diagnostics, sure bool) {
	if !diags.HasErrors() {
		return diags, true
	}
	tokens, _ := hclsyntax.LexConfig(source, name, hcl.InitialPos)
	return plainTokens(diags, tokens, source)
}

// plainTokens is plainSyntax of what has been made tokens of, each with its
// place in source.
func plainTokens(diags hcl.Diagnostics, tokens hclsyntax.Tokens, source []byte) (plain hcl.Diagnostics, sure bool) {
	brackets := checkBrackets(tokens, source)
	if brackets != nil {
		brackets = cmp.Or(unquotedURL(brackets, tokens, source), brackets)
	}
	end := len(source) + 1
	if brackets != nil {
		end = brackets.Subject.Start.Byte
	}
	diags = slices.Clone(diags)
	for _, problem := range diags {
		toDirective(problem, tokens)
	}
	slices.SortStableFunc(diags, func(a, b *hcl.Diagnostic) int {
		if a.Subject.Start.Line != b.Subject.Start.Line {
			return a.Subject.Start.Line - b.Subject.Start.Line
		}
		if lexical(a) != lexical(b) && lexical(a) {
			return -1
		} else if lexical(a) != lexical(b) {
			return 1
		}
		return a.Subject.Start.Byte - b.Subject.Start.Byte
	})
	line, open := 0, false
	for _, problem := range diags {
		if problem.Subject.Start.Line == line || problem.Subject.Start.Byte >= end || brackets != nil && byBrackets(problem, brackets) {
			continue
		}
		line, open = problem.Subject.Start.Line, open || problem.Summary == noBlock
		if !unquoted(problem, source) {
			PlainSyntax(problem, source)
		}
		plain = append(plain, problem)
		if problem.Summary == notHCL || problem.Summary == notText {
			return plain, false
		}
	}
	if brackets != nil && open && brackets.Summary == closedTwice {
		return plain, false // it would close the block that has no {
	} else if brackets != nil {
		return append(plain, brackets), false
	}
	return plain, true
}

// toDirective puts the message of a template without an end of %{ if } or %{ for } where
// that begins: HCL's stands at the end of the text.
func toDirective(problem *hcl.Diagnostic, tokens hclsyntax.Tokens) {
	begin := directiveAt.FindStringSubmatch(problem.Detail)
	if problem.Summary != endOfTemplate || begin == nil {
		return
	}
	for i, token := range tokens {
		if fmt.Sprintf("%d,%d", token.Range.Start.Line, token.Range.Start.Column) != begin[1] || token.Type != hclsyntax.TokenTemplateControl {
			continue
		}
		end := slices.IndexFunc(tokens[i:], func(t hclsyntax.Token) bool { return t.Type == hclsyntax.TokenTemplateSeqEnd })
		subject := hcl.RangeBetween(token.Range, tokens[i+max(0, end)].Range)
		problem.Subject = &subject
		return
	}
}

const endOfTemplate = "Unexpected end of template"

var directiveAt = regexp.MustCompile(`directive at .*:(\d+,\d+)-\d+`)

// byBrackets says whether a bracket that is not closed explains a message.
func byBrackets(problem, brackets *hcl.Diagnostic) bool {
	return problem.Subject.Start.Line == brackets.Subject.Start.Line && !lexical(problem) || strings.HasPrefix(problem.Summary, "Unclosed")
}

// lexical says whether a message is about a character that the language does
// not have: those explain what the parser makes of it.
func lexical(problem *hcl.Diagnostic) bool {
	return slices.Contains([]string{invalidCharacter, "Unsupported operator", "Invalid character encoding", "Unsupported character"}, problem.Summary)
}

// PlainSyntax puts a message of HCL's parser into our words, with what to
// write, in place. source is the file, or nil.
func PlainSyntax(problem *hcl.Diagnostic, source []byte) *hcl.Diagnostic {
	at := syntaxAt(problem, source)
	of := problem.Summary
	if strings.HasPrefix(of, "Unexpected ") && strings.HasSuffix(of, " block") {
		of = "Unexpected block" // HCL says which
	}
	if strings.HasPrefix(of, "Extra characters in ") && strings.HasSuffix(of, " marker") {
		of = "Extra characters in marker" // likewise
	}
	if of == oneLine && !anotherItem.MatchString(at.rest) {
		of = noNewline // it is the one argument that is wrong
	}
	for _, rule := range syntaxRules() {
		if rule.of != of && rule.of != syntaxClasses[of] && rule.of != "" || rule.of == "" && !lexical(problem) {
			continue
		}
		before, match := rule.before.FindStringSubmatch(at.before), rule.rest.FindStringSubmatch(at.rest)
		if before != nil && match != nil {
			problem.Summary = rule.summary
			problem.Detail = fill(rule.detail, append(match, before[1:]...))
			problem.Context = nil
			if rule.summary == notHCL { // the whole file is meant
				problem.Subject.End = problem.Subject.Start
			}
			break
		}
	}
	return problem
}

// anotherItem is a second argument or a block behind the first one of a line, or on the
// next.
var anotherItem = regexp.MustCompile(`^(?:[,;\r\n#]|//|$|[\w-]+\s*(?:=[^=]|\{|"[^"\n]*"\s*\{))`)

// fill puts what the patterns of a rule have found into a text, for $1, $2 and so
// on: that for what stands at the place comes first.
func fill(text string, match []string) string {
	for i := len(match) - 1; i > 0; i-- {
		text = strings.ReplaceAll(text, fmt.Sprintf("$%d", i), strings.TrimSpace(match[i]))
	}
	return text
}

// place of a message: its line, up to it and from it on.
type syntaxPlace struct{ before, rest string }

func syntaxAt(problem *hcl.Diagnostic, source []byte) syntaxPlace {
	at := min(problem.Subject.Start.Byte, len(source))
	start := bytes.LastIndexByte(source[:at], '\n') + 1
	end := at + lineLength(source[at:])
	end += len(saysNothing.Find(source[end:]))
	end += lineLength(source[end:]) // the next line that says something too: for what stands on it by mistake
	return syntaxPlace{before: string(source[start:at]), rest: strings.ReplaceAll(string(source[at:end]), "\r\n", "\n")}
}

// lineLength is that of the first line, with its end.
func lineLength(text []byte) int {
	line, _, ended := bytes.Cut(text, []byte("\n"))
	if ended {
		return len(line) + 1
	}
	return len(line)
}

var saysNothing = regexp.MustCompile(`^(?s:` + nothing + `)`)

const closedTwice = "Closed twice"

// After these nothing can be made of a file.
const (
	notHCL  = "Not HCL"
	notText = "Invalid text"
)

// syntaxRule says what to tell where HCL's parser says "of", or something of that
// class, and the text of the line before and after the place matches. "" is any
// character that there is not. The first one that fits is taken.
type syntaxRule struct {
	of           string
	before, rest *regexp.Regexp
	summary      string
	detail       string
}

func rule(of, before, rest, summary, detail string) syntaxRule {
	return syntaxRule{of: of, before: regexp.MustCompile(before), rest: regexp.MustCompile("^(?s:" + rest + ")"), summary: summary, detail: detail}
}
