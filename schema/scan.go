package schema

import (
	"bytes"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// scanner finds the tokens of HCL's native syntax that a meter has to know. It
// is HCL's own scanner without the tokens: those of a hostile file would take
// more memory than the machine has, and those of an honest one half of the
// time that it takes to parse it. Where the two differ, this one must count
// more (TestScannerCountsAsHCLDoes).
type scanner struct {
	*meter
	source []byte
	at     int
	frames []frame

	partBytes int // of a part at least; 0 for none
	seams     seams
	part      int  // where the part begins
	piece     int  // where the last items that were parted begin, or the part
	inItems   bool // of which some were parted
}

// frame is what the scanner is in: code, a text in quotes, or a heredoc.
type frame struct {
	kind   hclsyntax.TokenType // OQuote, OHeredoc; TemplateInterp or TemplateControl for code in them; 0 at the top
	braces int                 // open in this code
	marker []byte              // ends the heredoc
	start  bool                // of a line of the heredoc
}

// templateScanner scans a text that is a template as a whole.
func templateScanner(m *meter, text string) *scanner {
	return &scanner{meter: m, source: []byte(text), frames: []frame{{kind: hclsyntax.TokenOHeredoc}}}
}

// check scans everything, and says what is too much.
func (s *scanner) check(name string) hcl.Diagnostics {
	if len(s.frames) == 0 {
		s.frames = []frame{{}}
	}
	s.source = bytes.TrimPrefix(s.source, []byte("\ufeff"))
	for s.at < len(s.source) && s.problem == nil {
		switch s.frames[len(s.frames)-1].kind {
		case hclsyntax.TokenOQuote:
			s.quoted()
		case hclsyntax.TokenOHeredoc:
			s.heredoc()
		default:
			s.code()
			s.seam()
		}
	}
	if s.problem == nil {
		return nil
	}
	problem := syntaxProblem(*at(name, s.source, s.at), s.problem.summary, strings.ReplaceAll(s.problem.detail, "%s", name))
	unquoted(problem, s.source) // as data/*.csv, in which no comment is meant
	return hcl.Diagnostics{problem}
}

func (s *scanner) peek(ahead int) byte {
	if s.at+ahead < len(s.source) {
		return s.source[s.at+ahead]
	}
	return 0
}

// emit takes a token of so many bytes.
func (s *scanner) emit(token hclsyntax.TokenType, length int) {
	s.take(token)
	s.at += length
}

func (s *scanner) enter(kind hclsyntax.TokenType, length int) {
	s.frames = append(s.frames, frame{kind: kind, start: true})
	s.emit(kind, length)
}

func (s *scanner) pop(token hclsyntax.TokenType, length int) {
	s.frames = s.frames[:len(s.frames)-1]
	s.emit(token, length)
}

// code scans one token of code.
func (s *scanner) code() {
	b, next := s.source[s.at], s.peek(1)
	switch {
	case b == ' ' || b == '\t':
		s.at++
	case isWord(b):
		s.word()
	case b >= '0' && b <= '9':
		s.number()
	case b == '#' || b == '/' && next == '/':
		s.comment()
	case b == '/' && next == '*':
		s.longComment()
	case b == '"':
		s.enter(hclsyntax.TokenOQuote, 1)
	case b == '<' && next == '<' && s.marker() != nil:
		marker := s.marker()
		s.enter(hclsyntax.TokenOHeredoc, bytes.IndexByte(s.source[s.at:], '\n')+1)
		s.frames[len(s.frames)-1].marker = marker
	case b == '{':
		s.frames[len(s.frames)-1].braces++
		s.emit(hclsyntax.TokenOBrace, 1)
	case b == '}':
		s.closeBrace(hclsyntax.TokenCBrace, 1)
	case b == '~' && next == '}':
		s.closeBrace(hclsyntax.TokenTemplateSeqEnd, 2)
	default:
		s.sign(b, next)
	}
}

// closeBrace ends the template that the code is in, if no brace is open in it.
func (s *scanner) closeBrace(token hclsyntax.TokenType, length int) {
	top := &s.frames[len(s.frames)-1]
	if top.kind != 0 && top.braces == 0 {
		s.pop(hclsyntax.TokenTemplateSeqEnd, length)
		return
	}
	top.braces--
	s.emit(token, length)
}

// signs are the tokens of two bytes.
var signs = map[string]hclsyntax.TokenType{
	"==": hclsyntax.TokenEqualOp, "!=": hclsyntax.TokenNotEqual, ">=": hclsyntax.TokenGreaterThanEq, "<=": hclsyntax.TokenLessThanEq,
	"&&": hclsyntax.TokenAnd, "||": hclsyntax.TokenOr, "=>": hclsyntax.TokenFatArrow, "::": hclsyntax.TokenDoubleColon,
}

func (s *scanner) sign(b, next byte) {
	switch b {
	case '=', '!', '>', '<', '&', '|', ':':
		if token, ok := signs[string([]byte{b, next})]; ok {
			s.emit(token, 2)
			return
		}
	}
	s.emit(hclsyntax.TokenType(b), 1) // HCL's types of single signs are their bytes
}

// word scans a name. Dashes and digits belong to it, but not after what may be
// no letter: HCL alone knows which of those are.
func (s *scanner) word() {
	length := 1
	for s.at+length < len(s.source) {
		b := s.source[s.at+length]
		if !isWord(b) && (b != '-' && (b < '0' || b > '9') || s.source[s.at+length-1] >= 0x80) {
			break
		}
		length++
	}
	s.emit(hclsyntax.TokenIdent, length)
}

func isWord(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' || b >= 0x80
}

// number scans a number, whose exponent may be signed. Those that are far out
// of range would take seconds to read.
func (s *scanner) number() {
	length := numberLength(s.source[s.at:])
	if !sensible(s.source[s.at : s.at+length]) {
		s.problem = badNumber()
		return
	}
	s.emit(hclsyntax.TokenNumberLit, length)
}

func numberLength(text []byte) int {
	length := 1
	for length < len(text) {
		b := text[length]
		isDigit := b >= '0' && b <= '9'
		signed := (b == '-' || b == '+') && (text[length-1] == 'e' || text[length-1] == 'E') && length+1 < len(text) && text[length+1] >= '0' && text[length+1] <= '9'
		if !isDigit && b != '.' && b != 'e' && b != 'E' && !signed {
			break
		}
		length++
	}
	return length
}

// sensible says whether a number can be read in no time.
func sensible(number []byte) bool {
	exponent, in := 0, false
	for _, b := range number {
		switch {
		case b == 'e' || b == 'E':
			exponent, in = 0, true
		case in && b >= '0' && b <= '9':
			if exponent = exponent*10 + int(b-'0'); exponent > maxExponent {
				return false
			}
		}
	}
	return len(number) <= maxDigits
}

// longComment scans a comment between /* and */. HCL looks for the end to the end
// of the file at each /* that has none.
func (s *scanner) longComment() {
	end := bytes.Index(s.source[s.at+2:], []byte("*/"))
	if end < 0 {
		s.problem = &excess{"Comment not closed", "This comment begins with /* and needs */ where it ends; one of a single line begins with #."}
		return
	}
	s.emit(hclsyntax.TokenComment, 2+end+2)
}

// comment scans a comment to the end of its line, which ends an expression too.
func (s *scanner) comment() {
	end := bytes.IndexByte(s.source[s.at:], '\n')
	if end < 0 {
		end = len(s.source) - s.at - 1
	}
	s.emit(hclsyntax.TokenNewline, end+1)
}

// marker is the word that ends the heredoc that begins here; nil if none does.
func (s *scanner) marker() []byte {
	rest := bytes.TrimPrefix(s.source[s.at+2:], []byte("-"))
	length := 0
	for length < len(rest) && (isWord(rest[length]) || rest[length] == '-' || rest[length] >= '0' && rest[length] <= '9') {
		length++
	}
	word := rest[:length]
	rest = bytes.TrimPrefix(rest[length:], []byte("\r"))
	if len(rest) == 0 || rest[0] != '\n' || !validIdentifier(string(word)) {
		return nil
	}
	return word
}

// quoted scans a part of a text in quotes.
func (s *scanner) quoted() {
	switch b, next := s.source[s.at], s.peek(1); {
	case b == '"':
		s.pop(hclsyntax.TokenCQuote, 1)
	case b == '\\' && next != '\n' && next != '\r':
		s.at += 2
	case s.interpolation(b, next):
	case b == '\n':
		s.emit(hclsyntax.TokenQuotedNewline, 1)
	default:
		s.at++
	}
}

// interpolation scans what begins with $ or % in a text, and says whether
// there was anything.
func (s *scanner) interpolation(b, next byte) bool {
	switch {
	case b != '$' && b != '%':
		return false
	case next == b && s.peek(2) == '{': // written twice it is no template
		s.emit(hclsyntax.TokenStringLit, 3)
	case next == '{' && b == '$':
		s.enter(hclsyntax.TokenTemplateInterp, 2)
	case next == '{':
		s.enter(hclsyntax.TokenTemplateControl, 2)
	default:
		s.emit(hclsyntax.TokenStringLit, 1)
	}
	return true
}

// heredoc scans a part of a line of a heredoc.
func (s *scanner) heredoc() {
	top := &s.frames[len(s.frames)-1]
	length := bytes.IndexAny(s.source[s.at:], "\n$%")
	switch {
	case length < 0:
		s.at = len(s.source)
	case s.source[s.at+length] != '\n':
		top.start = false
		s.at += length
		s.interpolation(s.source[s.at], s.peek(1))
	case top.start && top.marker != nil && bytes.Equal(bytes.TrimSpace(s.source[s.at:s.at+length]), top.marker):
		s.pop(hclsyntax.TokenCHeredoc, length)
	default:
		top.start = true
		s.emit(hclsyntax.TokenStringLit, length+1)
	}
}
