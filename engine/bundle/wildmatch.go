package bundle

import (
	"strings"
)

// A line of an ignore file is matched byte by byte, as git does it. What
// stands before the first wildcard is compared as it is; what follows is
// compiled to tokens. Where git's own rules are odd (a "**" right after a
// literal counts as standing at the beginning), so are these: the test
// compares them with git.

type tokenKind uint8

const (
	tokenByte    tokenKind = iota // this byte
	tokenAny                      // any byte but "/"
	tokenSet                      // a byte of a set, never "/"
	tokenStar                     // any bytes but "/", or none
	tokenStars                    // any bytes at all, or none
	tokenFolders                  // nothing, or any bytes and a "/"
	tokenNever                    // nothing matches: the line is malformed
)

type token struct {
	kind tokenKind
	char byte
	set  *[256]bool
}

// glob is a compiled wildcard pattern.
type glob struct {
	prefix string // compared as it is
	rest   []token
}

const globSpecial = `*?[\`

func compileGlob(text string) glob {
	n := strings.IndexAny(text, globSpecial)
	if n < 0 {
		return glob{prefix: text}
	}
	return glob{prefix: text[:n], rest: compileTokens(text[n:])}
}

func compileTokens(text string) []token {
	var tokens []token
	for i := 0; i < len(text); {
		switch text[i] {
		case '?':
			tokens = append(tokens, token{kind: tokenAny})
			i++
		case '*':
			kind, length := compileStars(text, i)
			tokens = append(tokens, token{kind: kind})
			i += length
		case '[':
			set, length := compileSet(text[i:])
			if set == nil {
				return append(tokens, token{kind: tokenNever})
			}
			tokens = append(tokens, token{kind: tokenSet, set: set})
			i += length
		case '\\':
			if i+1 == len(text) {
				return append(tokens, token{kind: tokenNever})
			}
			tokens = append(tokens, token{char: text[i+1]})
			i += 2
		default:
			tokens = append(tokens, token{char: text[i]})
			i++
		}
	}
	return tokens
}

// compileStars reads the run of stars at text[at:]. Two or more cross folders
// if they stand alone between slashes; "**/" is then one token.
func compileStars(text string, at int) (kind tokenKind, length int) {
	end := at
	for end < len(text) && text[end] == '*' {
		end++
	}
	alone := at == 0 || text[at-1] == '/'
	switch rest := text[end:]; {
	case end-at < 2 || !alone:
		return tokenStar, end - at
	case strings.HasPrefix(rest, "/"):
		return tokenFolders, end - at + 1
	case rest == "" || strings.HasPrefix(rest, `\/`):
		return tokenStars, end - at
	}
	return tokenStar, end - at
}

// compileSet reads a bracket expression at the beginning of text and says how
// long it is. The set is nil if the expression is malformed.
func compileSet(text string) (set *[256]bool, length int) {
	set = new([256]bool)
	i := 1
	negated := i < len(text) && (text[i] == '!' || text[i] == '^')
	if negated {
		i++
	}
	previous := -1 // what a "-" would begin its range at; -1 for nothing
	for first := true; ; first = false {
		if i >= len(text) {
			return nil, 0
		}
		if text[i] == ']' && !first {
			break
		}
		switch {
		case text[i] == '-' && previous >= 0 && i+1 < len(text) && text[i+1] != ']':
			last, next := setMember(text, i+1)
			if last < 0 {
				return nil, 0
			}
			for c := previous; c <= last; c++ {
				set[c] = true
			}
			previous, i = -1, next
		case strings.HasPrefix(text[i:], "[:"):
			name, next, ok := className(text, i)
			if !ok {
				return nil, 0
			}
			if next == 0 { // a "[" like any other
				set['['] = true
				previous, i = '[', i+1
				break
			}
			if !addClass(set, name) {
				return nil, 0
			}
			previous, i = -1, next
		default:
			c, next := setMember(text, i)
			if c < 0 {
				return nil, 0
			}
			set[c] = true
			previous, i = c, next
		}
	}
	if negated {
		for c := range set {
			set[c] = !set[c]
		}
	}
	set['/'] = false
	return set, i + 1
}

// setMember reads one character of a bracket expression, which a backslash
// may stand before. It returns -1 at the end of the text.
func setMember(text string, i int) (c, next int) {
	if text[i] == '\\' {
		i++
	}
	if i >= len(text) {
		return -1, i
	}
	return int(text[i]), i + 1
}

// className reads "[:name:]" at text[i:]. next is 0 if it is not one after
// all; ok is false if no bracket closes it.
func className(text string, i int) (name string, next int, ok bool) {
	inner := text[i+2:]
	end := strings.IndexByte(inner, ']')
	if end < 0 {
		return "", 0, false
	}
	name, isClass := strings.CutSuffix(inner[:end], ":")
	if !isClass {
		return "", 0, true
	}
	return name, i + 2 + end + 1, true
}

// addClass adds the ASCII characters of a class that git knows.
func addClass(set *[256]bool, name string) bool {
	const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
	between := func(c, low, high byte) bool { return low <= c && c <= high }
	lower := func(c byte) bool { return between(c, 'a', 'z') }
	upper := func(c byte) bool { return between(c, 'A', 'Z') }
	digit := func(c byte) bool { return between(c, '0', '9') }
	var member func(byte) bool
	switch name {
	case "alnum":
		member = func(c byte) bool { return lower(c) || upper(c) || digit(c) }
	case "alpha":
		member = func(c byte) bool { return lower(c) || upper(c) }
	case "blank":
		member = func(c byte) bool { return c == ' ' || c == '\t' }
	case "cntrl":
		member = func(c byte) bool { return c < ' ' || c == 0x7f }
	case "digit":
		member = digit
	case "graph":
		member = func(c byte) bool { return between(c, '!', '~') }
	case "lower":
		member = lower
	case "print":
		member = func(c byte) bool { return between(c, ' ', '~') }
	case "punct":
		member = func(c byte) bool { return strings.IndexByte(punctuation, c) >= 0 }
	case "space":
		member = func(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
	case "upper":
		member = upper
	case "xdigit":
		member = func(c byte) bool { return digit(c) || between(c, 'a', 'f') || between(c, 'A', 'F') }
	default:
		return false
	}
	for c := range 0x80 {
		set[c] = set[c] || member(byte(c))
	}
	return true
}

// match says whether the glob matches all of name. It tries the shortest
// match of each star first and, when stuck, goes back to the last star of
// either kind: an earlier one could only leave less of the name. That makes
// it quadratic at worst.
func (g *glob) match(name string) bool {
	if len(name) < len(g.prefix) || name[:len(g.prefix)] != g.prefix {
		return false
	}
	name = name[len(g.prefix):]
	type retry struct{ token, at int }
	star, stars := retry{token: -1}, retry{token: -1}
	t, at := 0, 0
	for {
		if t < len(g.rest) {
			switch tok := &g.rest[t]; tok.kind {
			case tokenStar:
				t++
				star = retry{t, at}
				continue
			case tokenStars, tokenFolders:
				t++
				stars, star = retry{t, at}, retry{token: -1}
				continue
			default:
				if at < len(name) && tok.matches(name[at]) {
					t++
					at++
					continue
				}
			}
		} else if at == len(name) {
			return true
		}
		switch {
		case star.token >= 0 && star.at < len(name) && name[star.at] != '/':
			star.at++
			t, at = star.token, star.at
		case stars.token >= 0 && stars.at < len(name):
			step := 1
			if g.rest[stars.token-1].kind == tokenFolders {
				step = strings.IndexByte(name[stars.at:], '/') + 1
				if step == 0 {
					return false
				}
			}
			stars.at += step
			t, at, star = stars.token, stars.at, retry{token: -1}
		default:
			return false
		}
	}
}

func (t *token) matches(c byte) bool {
	switch t.kind {
	case tokenByte:
		return c == t.char
	case tokenAny:
		return c != '/'
	case tokenSet:
		return t.set[c]
	}
	return false
}
