package pysource

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// isPrefix says whether a word in front of a quote belongs to the text.
func isPrefix(word string) bool {
	switch strings.ToLower(word) {
	case "r", "u", "b", "br", "rb", "f", "fr", "rf", "t", "tr", "rt":
		return true
	}
	return false
}

// text reads a text whose prefix has been read.
func (s *scanner) text(prefix string) error {
	start, line := s.at-len(prefix), s.line
	quote := s.source[s.at : s.at+1]
	if strings.HasPrefix(s.source[s.at:], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	s.at += len(quote)
	began := s.at
	prefix = strings.ToLower(prefix)
	raw := strings.Contains(prefix, "r")
	plain := true
	var err error
	if strings.ContainsAny(prefix, "ft") {
		plain, err = s.formatted(quote, raw)
	} else {
		err = s.literal(quote)
	}
	if err != nil {
		return err
	}
	t := token{kind: text, start: start, line: line}
	if t.known = plain && !strings.ContainsAny(prefix, "bt"); t.known {
		t.value = s.source[began:s.at]
		if strings.Contains(prefix, "f") {
			t.value = strings.NewReplacer("{{", "{", "}}", "}").Replace(t.value)
		}
		if !raw {
			t.value, t.known = unescape(t.value)
		}
	}
	s.at += len(quote)
	t.end, t.text = s.at, s.source[start:s.at]
	s.tokens = append(s.tokens, t)
	return nil
}

// literal goes to the closing quote of a text without expressions.
func (s *scanner) literal(quote string) error {
	for s.at < len(s.source) {
		switch {
		case strings.HasPrefix(s.source[s.at:], quote):
			return nil
		case s.source[s.at] == '\\':
			if s.peek(1) == '\n' {
				s.line++
			}
			s.at = min(s.at+2, len(s.source))
		case s.source[s.at] == '\n':
			if len(quote) == 1 {
				return s.wrong("a text is not closed with %s", quote)
			}
			s.line++
			s.at++
		default:
			s.at++
		}
	}
	return s.wrong("a text is not closed with %s", quote)
}

// formatted goes to the closing quote of a text that may have expressions in
// braces; plain says that it has none.
func (s *scanner) formatted(quote string, raw bool) (plain bool, err error) {
	if s.nested++; s.nested > maxNested {
		return false, s.wrong("texts are nested too deep")
	}
	defer func() { s.nested-- }()
	plain = true
	for s.at < len(s.source) {
		c := s.source[s.at]
		switch {
		case strings.HasPrefix(s.source[s.at:], quote):
			return plain, nil
		case c == '\\' && !raw && s.peek(1) == 'N' && s.peek(2) == '{': // the name of a character
			s.at += 3
		case c == '\\' && s.peek(1) != '{' && s.peek(1) != '}':
			if s.peek(1) == '\n' {
				s.line++
			}
			s.at = min(s.at+2, len(s.source))
		case c == '\n':
			if len(quote) == 1 {
				return false, s.wrong("a text is not closed with %s", quote)
			}
			s.line++
			s.at++
		case c == '{' && s.peek(1) == '{', c == '}' && s.peek(1) == '}':
			s.at += 2
		case c == '{':
			plain = false
			if err := s.field(quote); err != nil {
				return false, err
			}
		default:
			s.at++
		}
	}
	return false, s.wrong("a text is not closed with %s", quote)
}

// field goes over an expression in braces, with its conversion and format.
func (s *scanner) field(quote string) error {
	if s.nested++; s.nested > maxNested {
		return s.wrong("texts are nested too deep")
	}
	defer func() { s.nested-- }()
	s.at++
	before := len(s.tokens)
	defer func() { s.tokens = s.tokens[:before] }() // of texts inside
	for depth := 0; s.at < len(s.source); {
		c := s.source[s.at]
		switch {
		case c == '}' && depth == 0:
			s.at++
			return nil
		case c == ':' && depth == 0:
			return s.format(quote)
		case c == '(' || c == '[' || c == '{':
			depth++
			s.at++
		case c == ')' || c == ']' || c == '}':
			depth--
			s.at++
		case c == '\n':
			s.line++
			s.at++
		case c == '#':
			s.skipComment()
		case c == '"' || c == '\'':
			if err := s.text(""); err != nil {
				return err
			}
		case isWord(c) || c >= utf8.RuneSelf:
			start := s.at
			for s.at < len(s.source) && (isWord(s.source[s.at]) || s.source[s.at] >= utf8.RuneSelf) {
				s.at++
			}
			if q := s.peek(0); (q == '"' || q == '\'') && isPrefix(s.source[start:s.at]) {
				if err := s.text(s.source[start:s.at]); err != nil {
					return err
				}
			}
		default:
			s.at++
		}
	}
	return s.wrong("a text is not closed with %s", quote)
}

// format goes over a format, which may have expressions in braces again.
func (s *scanner) format(quote string) error {
	for s.at < len(s.source) {
		switch c := s.source[s.at]; {
		case c == '}':
			s.at++
			return nil
		case c == '{':
			if err := s.field(quote); err != nil {
				return err
			}
		case strings.HasPrefix(s.source[s.at:], quote), c == '\n' && len(quote) == 1:
			return s.wrong("an expression in a text is not closed with }")
		case c == '\n':
			s.line++
			s.at++
		default:
			s.at++
		}
	}
	return s.wrong("a text is not closed with %s", quote)
}

// unescape is what a text with backslashes is worth; ok is false where that
// takes more than is known here.
func unescape(body string) (value string, ok bool) {
	if !strings.Contains(body, `\`) {
		return body, true
	}
	var out strings.Builder
	for len(body) > 0 {
		at := strings.IndexByte(body, '\\')
		if at < 0 || at+1 == len(body) {
			out.WriteString(body)
			break
		}
		out.WriteString(body[:at])
		c := body[at+1]
		body = body[at+2:]
		if short, known := shortEscapes[c]; known {
			out.WriteString(short)
			continue
		}
		digits, base := 0, 16
		switch {
		case c == 'x':
			digits = 2
		case c == 'u':
			digits = 4
		case c == 'U':
			digits = 8
		case c >= '0' && c <= '7':
			body = string(c) + body
			for base = 8; digits < 3 && digits < len(body) && body[digits] >= '0' && body[digits] <= '7'; digits++ {
			}
		case c == 'N':
			return "", false
		default:
			out.WriteByte('\\')
			out.WriteByte(c)
			continue
		}
		if digits > len(body) {
			return "", false
		}
		code, err := strconv.ParseUint(body[:digits], base, 32)
		if err != nil || !utf8.ValidRune(rune(code)) {
			return "", false
		}
		out.WriteRune(rune(code))
		body = body[digits:]
	}
	return out.String(), true
}

var shortEscapes = map[byte]string{
	'\n': "", '\\': `\`, '\'': "'", '"': `"`, 'a': "\a", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v",
}
