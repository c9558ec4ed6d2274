package schema

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Limits on what recurses in HCL's parsers and evaluation: each level of
// brackets or templates, and each operator of one expression.
const (
	maxDepth     = 200
	maxOperators = 2000
)

// CheckExpression refuses an expression that would overflow the stack while
// it is parsed or evaluated. name is what messages call its place.
func CheckExpression(name, text string) hcl.Diagnostics {
	tokens, _ := hclsyntax.LexExpression([]byte(text), name, hcl.InitialPos) // the parser tells what is wrong
	return checkTokens(name, tokens)
}

// CheckTemplate does the same for the text of a template.
func CheckTemplate(name, text string) hcl.Diagnostics {
	tokens, _ := hclsyntax.LexTemplate([]byte(text), name, hcl.InitialPos)
	return checkTokens(name, tokens)
}

// checkNesting holds a whole file to the limits. It reads tokens and never
// recurses itself.
func checkNesting(name string, source []byte, isJSON bool) hcl.Diagnostics {
	if isJSON {
		return checkJSON(name, source)
	}
	tokens, _ := hclsyntax.LexConfig(source, name, hcl.InitialPos)
	return checkTokens(name, tokens)
}

// level is one open bracket, quote or template. Operators add up until the
// next separator, since what lies between two of them is one expression.
type level struct {
	open    hclsyntax.TokenType
	current int
	most    int
}

func (l *level) separate() { l.most, l.current = max(l.most, l.current), 0 }

func checkTokens(name string, tokens hclsyntax.Tokens) hcl.Diagnostics {
	levels := []level{{}}
	previous := hclsyntax.TokenNil
	for _, token := range tokens {
		top := &levels[len(levels)-1]
		switch {
		case closing[token.Type] != nil:
			levels = leave(levels, closing[token.Type])
		case opening[token.Type]:
			if token.Type == hclsyntax.TokenOBrack && ends[previous] || token.Type == hclsyntax.TokenTemplateControl {
				top.current++ // an index, which nests what is before it, or a directive, which nests what comes after
			}
			levels = append(levels, level{open: token.Type})
		case operators[token.Type]:
			top.current++
		case token.Type == hclsyntax.TokenComma:
			top.separate()
		case token.Type == hclsyntax.TokenNewline || token.Type == hclsyntax.TokenComment && bytes.HasSuffix(token.Bytes, []byte("\n")):
			if top.open == hclsyntax.TokenOBrace || len(levels) == 1 {
				top.separate()
			}
		}
		previous = token.Type
		if len(levels)-1 > maxDepth {
			return tooMuch(token.Range, "Nested too deeply", fmt.Sprintf("%s nests brackets and templates more than %d deep here.", name, maxDepth))
		}
		if levels[len(levels)-1].current > maxOperators {
			return tooMuch(token.Range, "Expression too large", fmt.Sprintf("%s has more than %d operators in one expression here.", name, maxOperators))
		}
	}
	return nil
}

// leave closes the innermost level that one of the types has opened, and what
// was left open in it. What it held counts where it stands, but for the parts
// of a template, which stand side by side.
func leave(levels []level, opened []hclsyntax.TokenType) []level {
	for i := len(levels) - 1; i > 0; i-- {
		for _, open := range opened {
			if levels[i].open != open {
				continue
			}
			inner, outer := levels[i], &levels[i-1]
			inner.separate()
			if open == hclsyntax.TokenTemplateInterp || open == hclsyntax.TokenTemplateControl {
				outer.most = max(outer.most, inner.most)
			} else {
				outer.current += inner.most
			}
			return levels[:i]
		}
	}
	return levels
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

// ends are the tokens after which a bracket is an index.
var ends = map[hclsyntax.TokenType]bool{
	hclsyntax.TokenIdent: true, hclsyntax.TokenCParen: true, hclsyntax.TokenCBrack: true, hclsyntax.TokenCBrace: true,
	hclsyntax.TokenCQuote: true, hclsyntax.TokenStar: true, hclsyntax.TokenNumberLit: true,
}

var operators = map[hclsyntax.TokenType]bool{
	hclsyntax.TokenQuestion: true, hclsyntax.TokenPlus: true, hclsyntax.TokenMinus: true, hclsyntax.TokenStar: true,
	hclsyntax.TokenSlash: true, hclsyntax.TokenPercent: true, hclsyntax.TokenBang: true, hclsyntax.TokenAnd: true, hclsyntax.TokenOr: true,
	hclsyntax.TokenEqualOp: true, hclsyntax.TokenNotEqual: true, hclsyntax.TokenLessThan: true, hclsyntax.TokenLessThanEq: true,
	hclsyntax.TokenGreaterThan: true, hclsyntax.TokenGreaterThanEq: true,
}

// checkJSON scans the bytes for depth, then holds the templates in the texts
// to the limits too.
func checkJSON(name string, source []byte) hcl.Diagnostics {
	depth, line, inText, escaped := 0, 1, false, false
	for i, b := range source {
		switch {
		case b == '\n':
			line, inText, escaped = line+1, false, false // a text ends with its line in any case
		case escaped:
			escaped = false
		case inText:
			escaped, inText = b == '\\', b != '"'
		case b == '"':
			inText = true
		case b == '[' || b == '{':
			depth++
		case b == ']' || b == '}':
			depth = max(0, depth-1)
		}
		if depth > maxDepth {
			at := hcl.Pos{Line: line, Column: 1, Byte: i}
			return tooMuch(hcl.Range{Filename: name, Start: at, End: at}, "Nested too deeply", fmt.Sprintf("%s nests brackets more than %d deep here.", name, maxDepth))
		}
	}
	if !bytes.ContainsAny(source, "$%") && !bytes.Contains(source, []byte(`\u`)) {
		return nil
	}
	return checkJSONTexts(name, source)
}

func checkJSONTexts(name string, source []byte) hcl.Diagnostics {
	decoder := json.NewDecoder(bytes.NewReader(source))
	decoder.UseNumber()
	line, counted := 1, 0
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil // the end, or what the parser will tell
		}
		offset := int(decoder.InputOffset())
		line, counted = line+bytes.Count(source[counted:offset], []byte("\n")), offset
		text, ok := token.(string)
		if !ok {
			continue
		}
		tokens, _ := hclsyntax.LexTemplate([]byte(text), name, hcl.Pos{Line: line, Column: 1})
		if diags := checkTokens(name, tokens); diags.HasErrors() {
			at := hcl.Pos{Line: line, Column: 1}
			diags[0].Subject = &hcl.Range{Filename: name, Start: at, End: at}
			return diags
		}
	}
}

func tooMuch(subject hcl.Range, summary, detail string) hcl.Diagnostics {
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &subject}}
}
