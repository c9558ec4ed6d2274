package pysource

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind byte

const (
	name kind = iota
	number
	text
	operator
	newline // the end of a logical line
	indent
	dedent
)

// token is a word of the source.
type token struct {
	kind       kind
	text       string // as it is written
	start, end int    // in the source
	line       int
	value      string // of a text that is known
	known      bool   // of a text: it is no bytes and has no expressions in it
}

func (t token) is(texts ...string) bool {
	return (t.kind == operator || t.kind == name) && slices.Contains(texts, t.text)
}

// Python's own bounds.
const (
	maxIndents  = 100
	maxBrackets = 200
	maxNested   = 100 // texts inside of texts
)

// scanner cuts a source into tokens.
type scanner struct {
	source   string
	at, line int
	indents  []int
	brackets []byte
	tokens   []token
	nested   int
}

func scan(source string) ([]token, error) {
	s := &scanner{source: source, line: 1, indents: []int{0}}
	for s.at < len(s.source) {
		if err := s.beginLine(); err != nil {
			return nil, err
		}
		if err := s.restOfLine(); err != nil {
			return nil, err
		}
	}
	if len(s.brackets) > 0 {
		return nil, s.wrong("the file ends before a %q is closed", string(s.brackets[len(s.brackets)-1]))
	}
	for range s.indents[1:] {
		s.add(dedent, s.at)
	}
	return s.tokens, nil
}

func (s *scanner) wrong(format string, arguments ...any) error {
	return &SyntaxError{s.line, fmt.Sprintf(format, arguments...)}
}

// add adds the token that ends where the scanner is.
func (s *scanner) add(k kind, start int) {
	s.tokens = append(s.tokens, token{kind: k, text: s.source[start:s.at], start: start, end: s.at, line: s.line})
}

// peek is the byte some places further, 0 after the end.
func (s *scanner) peek(further int) byte {
	if s.at+further < len(s.source) {
		return s.source[s.at+further]
	}
	return 0
}

// beginLine goes over lines without a word and tells the indentation of the
// next one.
func (s *scanner) beginLine() error {
	column := 0
	for {
		switch s.peek(0) {
		case ' ':
			column++
		case '\t':
			column = (column/8 + 1) * 8
		case '\f':
			column = 0
		case '#':
			s.skipComment()
			continue
		case '\n':
			column = 0
			s.line++
		default:
			if s.at >= len(s.source) {
				return nil
			}
			return s.indentTo(column)
		}
		s.at++
	}
}

func (s *scanner) skipComment() {
	if end := strings.IndexByte(s.source[s.at:], '\n'); end >= 0 {
		s.at += end
	} else {
		s.at = len(s.source)
	}
}

func (s *scanner) indentTo(column int) error {
	last := len(s.indents) - 1
	if column > s.indents[last] {
		if last == maxIndents {
			return s.wrong("blocks are nested too deep")
		}
		s.indents = append(s.indents, column)
		s.add(indent, s.at)
		return nil
	}
	for ; column < s.indents[last]; last-- {
		s.indents = s.indents[:last]
		s.add(dedent, s.at)
	}
	if column != s.indents[last] {
		return s.wrong("the line is indented as none of the blocks around it")
	}
	return nil
}

// restOfLine reads the words of one logical line.
func (s *scanner) restOfLine() error {
	began := len(s.tokens)
	for s.at < len(s.source) {
		start := s.at
		c, further := utf8.DecodeRuneInString(s.source[s.at:])
		switch {
		case c == ' ' || c == '\t' || c == '\f':
			s.at++
		case c == '#':
			s.skipComment()
		case c == '\n':
			s.at++
			if len(s.brackets) == 0 {
				s.endLine(began, start)
				s.line++
				return nil
			}
			s.line++
		case c == '\\':
			if s.peek(1) != '\n' {
				return s.wrong(`a \ does not stand at the end of a line`)
			}
			s.at += 2
			s.line++
		case c == '"' || c == '\'':
			if err := s.text(""); err != nil {
				return err
			}
		case c >= '0' && c <= '9' || c == '.' && s.peek(1) >= '0' && s.peek(1) <= '9':
			s.number()
		case c == '_' || unicode.IsLetter(c) || c >= utf8.RuneSelf && further > 1:
			if err := s.name(); err != nil {
				return err
			}
		default:
			if err := s.operator(); err != nil {
				return err
			}
		}
	}
	s.endLine(began, s.at)
	return nil
}

func (s *scanner) endLine(began, start int) {
	if len(s.tokens) > began {
		s.tokens = append(s.tokens, token{kind: newline, start: start, end: start, line: s.line})
	}
}

func (s *scanner) number() {
	start := s.at
	for s.at < len(s.source) {
		c := s.source[s.at]
		last := s.source[max(start, s.at-1)]
		hex := s.at-start > 1 && s.source[start] == '0' && (s.source[start+1]|0x20) == 'x'
		sign := (c == '+' || c == '-') && s.at > start && last|0x20 == 'e' && !hex
		if !sign && !isWord(c) && c != '.' {
			break
		}
		s.at++
	}
	s.add(number, start)
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func (s *scanner) name() error {
	start := s.at
	for s.at < len(s.source) {
		c, size := utf8.DecodeRuneInString(s.source[s.at:])
		if c < utf8.RuneSelf && !isWord(byte(c)) {
			break
		}
		s.at += size
	}
	word := s.source[start:s.at]
	if c := s.peek(0); (c == '"' || c == '\'') && isPrefix(word) {
		s.at = start + len(word)
		return s.text(word)
	}
	s.add(name, start)
	return nil
}

var operators = []string{
	"**=", "//=", ">>=", "<<=", "...",
	"**", "//", ">>", "<<", "<=", ">=", "==", "!=", "->", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", ":=",
}

func (s *scanner) operator() error {
	start, c := s.at, s.source[s.at]
	for _, long := range operators {
		if strings.HasPrefix(s.source[s.at:], long) {
			s.at += len(long)
			s.add(operator, start)
			return nil
		}
	}
	if !strings.ContainsRune("+-*/%@&|^~<>()[]{},:.;=", rune(c)) {
		return s.wrong("%q is no word of Python", string(c))
	}
	if err := s.bracket(c); err != nil {
		return err
	}
	s.at++
	s.add(operator, start)
	return nil
}

// bracket keeps track of which brackets are open.
func (s *scanner) bracket(c byte) error {
	switch c {
	case '(', '[', '{':
		if len(s.brackets) == maxBrackets {
			return s.wrong("brackets are nested too deep")
		}
		s.brackets = append(s.brackets, c)
	case ')', ']', '}':
		last := len(s.brackets) - 1
		if last < 0 || s.brackets[last] != opening[c] {
			return s.wrong("%q closes nothing", string(c))
		}
		s.brackets = s.brackets[:last]
	}
	return nil
}

var opening = map[byte]byte{')': '(', ']': '[', '}': '{'}
