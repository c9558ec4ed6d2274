package manifest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Path names a leaf: a label such as parameters, then keys and indexes, as in
// parameters.grid[0]["learning rate"].
type Path []Step

// Step is one part of a path: a key, or the index of a list.
type Step struct {
	Key     string
	Index   int
	IsIndex bool
}

// Key is the step to an object's attribute or a map's element.
func Key(key string) Step { return Step{Key: key} }

// Index is the step to an element of a list, counted from 0.
func Index(index int) Step { return Step{Index: index, IsIndex: true} }

// At is a path made of keys alone.
func At(keys ...string) Path {
	path := make(Path, len(keys))
	for i, key := range keys {
		path[i] = Key(key)
	}
	return path
}

// With is the path one step further. The receiver is not changed.
func (p Path) With(step Step) Path {
	longer := make(Path, len(p)+1)
	copy(longer, p)
	longer[len(p)] = step
	return longer
}

// Label is the first key.
func (p Path) Label() string { return p[0].Key }

// Below is the path without its label, for showing: n_gram rather than
// parameters.n_gram.
func (p Path) Below() string { return strings.TrimPrefix(p[1:].String(), ".") }

// HasPrefix says whether the path is at or below another.
func (p Path) HasPrefix(prefix Path) bool {
	if len(p) < len(prefix) {
		return false
	}
	for i, step := range prefix {
		if p[i] != step {
			return false
		}
	}
	return true
}

// Compare orders paths step by step: indexes by number and before keys, keys
// by bytes.
func (p Path) Compare(other Path) int {
	for i := range min(len(p), len(other)) {
		if order := p[i].compare(other[i]); order != 0 {
			return order
		}
	}
	return len(p) - len(other)
}

func (s Step) compare(other Step) int {
	switch {
	case s.IsIndex && other.IsIndex:
		return s.Index - other.Index
	case s.IsIndex:
		return -1
	case other.IsIndex:
		return 1
	}
	return strings.Compare(s.Key, other.Key)
}

// String writes the path so that ParsePath reads the same one back: a plain
// key after a dot, any other in brackets as a JSON text, an index in brackets.
func (p Path) String() string {
	var text strings.Builder
	for i, step := range p {
		switch {
		case step.IsIndex:
			fmt.Fprintf(&text, "[%d]", step.Index)
		case !plain(step.Key):
			text.WriteString("[" + Quote(step.Key) + "]")
		default:
			if i > 0 {
				text.WriteByte('.')
			}
			text.WriteString(step.Key)
		}
	}
	return text.String()
}

// plain says whether a key needs no quotes.
func plain(key string) bool {
	for i := 0; i < len(key); i++ {
		c := key[i]
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return key != ""
}

// Quote writes a text as canonical JSON. No two texts are written alike: a byte
// that is not UTF-8, for which JSON has no form, becomes the escape of the
// character with its number, and characters themselves are never escaped so.
func Quote(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for len(text) > 0 {
		valid := validPart(text)
		out.WriteString(quoteValid(text[:valid]))
		if text = text[valid:]; len(text) > 0 {
			fmt.Fprintf(&out, `\u%04x`, text[0])
			text = text[1:]
		}
	}
	out.WriteByte('"')
	return out.String()
}

// validPart is how many bytes of a text are UTF-8.
func validPart(text string) int {
	if utf8.ValidString(text) {
		return len(text)
	}
	for i := 0; ; {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size < 2 {
			return i
		}
		i += size
	}
}

// quoteValid is a text that is UTF-8 as JSON, without the quotes.
func quoteValid(text string) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err) // a string always encodes
	}
	return out.String()[1 : out.Len()-2]
}

// parsePath reads a path from the beginning of text and gives what is left.
func parsePath(text string) (Path, string, error) {
	var path Path
	for {
		switch {
		case strings.HasPrefix(text, "["):
			step, rest, err := parseBracket(text)
			if err != nil {
				return nil, "", err
			}
			path, text = append(path, step), rest
		case len(path) > 0 && strings.HasPrefix(text, "."), len(path) == 0:
			text = strings.TrimPrefix(text, ".")
			end := 0
			for end < len(text) && plain(text[:end+1]) {
				end++
			}
			if end == 0 {
				return nil, "", fmt.Errorf("no key at %.20q", text)
			}
			path, text = append(path, Key(text[:end])), text[end:]
		default:
			return path, text, nil
		}
	}
}

func parseBracket(text string) (Step, string, error) {
	if strings.HasPrefix(text, `["`) {
		decoder := json.NewDecoder(strings.NewReader(text[1:]))
		var key string
		if err := decoder.Decode(&key); err != nil {
			return Step{}, "", fmt.Errorf("bad key at %.20q: %w", text, err)
		}
		rest := text[1+decoder.InputOffset():]
		if !strings.HasPrefix(rest, "]") {
			return Step{}, "", fmt.Errorf("no closing bracket at %.20q", text)
		}
		return Key(key), rest[1:], nil
	}
	number, rest, found := strings.Cut(text[1:], "]")
	index, err := strconv.Atoi(number)
	if err != nil || !found || index < 0 {
		return Step{}, "", fmt.Errorf("bad index at %.20q", text)
	}
	return Index(index), rest, nil
}
