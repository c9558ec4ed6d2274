package schema

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Limits on what recurses in HCL's parsers and evaluation: each level of
// brackets or templates, and each operator of one expression; and on what
// takes memory there.
const (
	maxDepth       = 200
	maxOperators   = 2000
	maxBlockTokens = 250_000   // of one block at the top of a file
	maxTokens      = 1_000_000 // of a configuration
	maxExponent    = 400       // of a number
	maxDigits      = 1000
	maxJoining     = 100_000_000 // two heredocs of 10,000 lines
)

// CheckExpression refuses an expression that would overflow the stack while
// it is parsed or evaluated. name is what messages call its place.
func CheckExpression(name, text string) hcl.Diagnostics {
	return (&scanner{meter: newMeter(), source: []byte(text)}).check(name)
}

// CheckTemplate does the same for the text of a template.
func CheckTemplate(name, text string) hcl.Diagnostics {
	return templateScanner(newMeter(), text).check(name)
}

// level is one open bracket, quote or template. Operators add up until the
// next separator, since what lies between two of them is one expression.
type level struct {
	open    hclsyntax.TokenType
	current int
	most    int
}

func (l *level) separate() { l.most, l.current = max(l.most, l.current), 0 }

// meter holds a stream of tokens to the limits. It takes the types of those
// that nest or that separate, and counts the others.
type meter struct {
	levels   []level
	previous hclsyntax.TokenType
	lineEnd  hclsyntax.TokenType // what the last line ended with
	tokens   int                 // so far
	block    int                 // since the last line at the top of the file
	pieces   int                 // of the text so far: each line of a heredoc, and each $ and %
	joining  int                 // what it costs HCL to join all pieces, which grows with their square
	problem  *excess
}

// excess is what is too much: a message in which %s is the file's name.
type excess struct{ summary, detail string }

const outOfRange = "Number out of range"

// IsNumberOutOfRange says whether all that is wrong with an expression is a
// number in it.
func IsNumberOutOfRange(problem *hcl.Diagnostic) bool { return problem.Summary == outOfRange }

func badNumber() *excess {
	return &excess{outOfRange, fmt.Sprintf("%%s has a number of more than %d digits, or with an exponent beyond %d, here. Write it as a text.", maxDigits, maxExponent)}
}

func newMeter() *meter { return &meter{levels: []level{{}}} }

func (m *meter) take(token hclsyntax.TokenType) {
	top := &m.levels[len(m.levels)-1]
	switch token {
	case hclsyntax.TokenOParen, hclsyntax.TokenOBrace, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp:
		m.levels = append(m.levels, level{open: token})
	case hclsyntax.TokenOBrack, hclsyntax.TokenTemplateControl:
		if token == hclsyntax.TokenTemplateControl || endsValue(m.previous) {
			top.current++ // an index, which nests what is before it, or a directive, which nests what comes after
		}
		m.levels = append(m.levels, level{open: token})
	case hclsyntax.TokenCParen:
		m.leave(hclsyntax.TokenOParen, 0)
	case hclsyntax.TokenCBrack:
		m.leave(hclsyntax.TokenOBrack, 0)
	case hclsyntax.TokenCBrace:
		m.leave(hclsyntax.TokenOBrace, 0)
	case hclsyntax.TokenCQuote:
		m.leave(hclsyntax.TokenOQuote, 0)
	case hclsyntax.TokenCHeredoc:
		m.leave(hclsyntax.TokenOHeredoc, 0)
	case hclsyntax.TokenTemplateSeqEnd:
		m.leave(hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl)
	case hclsyntax.TokenComma:
		top.separate()
	case hclsyntax.TokenNewline:
		m.lineEnd = m.previous
		if top.open == hclsyntax.TokenOBrace || len(m.levels) == 1 {
			top.separate()
		}
		if len(m.levels) == 1 {
			m.block = 0
		}
	case hclsyntax.TokenQuestion, hclsyntax.TokenPlus, hclsyntax.TokenMinus, hclsyntax.TokenStar, hclsyntax.TokenSlash, hclsyntax.TokenPercent,
		hclsyntax.TokenBang, hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan,
		hclsyntax.TokenLessThanEq, hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq:
		top.current++
	}
	if token == hclsyntax.TokenStringLit {
		m.pieces++
		m.joining += m.pieces
	} else {
		m.pieces = 0
	}
	m.previous = token
	m.tokens++
	m.block++
	m.hold()
}

// hold notes the first limit that is passed.
func (m *meter) hold() {
	switch {
	case m.problem != nil:
	case len(m.levels)-1 > maxDepth:
		m.problem = &excess{"Nested too deeply", fmt.Sprintf("%%s nests brackets and templates more than %d deep here.", maxDepth)}
	case m.levels[len(m.levels)-1].current > maxOperators:
		m.problem = &excess{"Expression too large", fmt.Sprintf("%%s has more than %d operators in one expression here.", maxOperators)}
	case m.block > maxBlockTokens:
		m.problem = &excess{"Block too large", fmt.Sprintf("%%s has more than %d words and signs in one block here. Split it, or let flows read large data from files.", maxBlockTokens)}
	case m.joining > maxJoining:
		m.problem = &excess{"Text too long", "%s has texts of too many lines or with too many signs $ and %. Let flows read them from files."}
	case m.tokens > maxTokens:
		m.problem = tooManyTokens()
	}
}

func tooManyTokens() *excess {
	return &excess{"Configuration too large", fmt.Sprintf("With %%s the configuration has more than %d words and signs. Write flows that are alike as one with for_each.", maxTokens)}
}

// leave closes the innermost level that has been opened by one of two, and what
// was left open in it. What it held counts where it stands, but for the parts
// of a template, which stand side by side.
func (m *meter) leave(open, or hclsyntax.TokenType) {
	for i := len(m.levels) - 1; i > 0; i-- {
		if m.levels[i].open != open && m.levels[i].open != or {
			continue
		}
		inner, outer := m.levels[i], &m.levels[i-1]
		inner.separate()
		if open == hclsyntax.TokenTemplateInterp {
			outer.most = max(outer.most, inner.most)
		} else {
			outer.current += inner.most
		}
		m.levels = m.levels[:i]
		return
	}
}

// endsValue says whether a bracket after the token is an index.
func endsValue(token hclsyntax.TokenType) bool {
	switch token {
	case hclsyntax.TokenIdent, hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenCBrace, hclsyntax.TokenCQuote, hclsyntax.TokenStar, hclsyntax.TokenNumberLit:
		return true
	}
	return false
}

// at is the place of an offset, for messages.
func at(name string, source []byte, offset int) *hcl.Range {
	pos := hcl.Pos{Line: 1, Column: 1, Byte: offset}
	for i, r := range string(source[:min(offset, len(source))]) {
		if r == '\n' {
			pos.Line, pos.Column = pos.Line+1, 1
		} else if i > 0 || r != '\ufeff' {
			pos.Column++
		}
	}
	return &hcl.Range{Filename: name, Start: pos, End: pos}
}
