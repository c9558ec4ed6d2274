package bundle

import (
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"
)

// textHeader is the first line of every list of files. It keeps the digest of
// a list apart from all other digests, and numbers the format.
const textHeader = "flowrider bundle 1"

// Text writes the listing as lines that a person can read and ParseText
// takes back: after a line that names the format, one line a file,
//
//	file sha256:HEX SIZE PATH
//	exec sha256:HEX SIZE PATH
//	symlink sha256:HEX SIZE PATH TARGET
//
// in byte order of the paths. Names that hold anything but letters, digits
// and common signs stand in quotes. A file that is linked is written as if it
// were copied: the flow reads the same bytes, so moving large data from one
// to the other reruns nothing.
func (l *Listing) Text() string {
	var b strings.Builder
	b.WriteString(textHeader + "\n")
	for i := range l.Entries {
		b.WriteString(l.Entries[i].line())
	}
	return b.String()
}

func (e *Entry) line() string {
	kind := "file"
	switch {
	case e.Type == Symlink:
		kind = "symlink"
	case e.Executable:
		kind = "exec"
	}
	line := kind + " " + e.Digest + " " + strconv.FormatInt(e.Size, 10) + " " + quote(e.Path)
	if e.Type == Symlink {
		line += " " + quote(e.Target)
	}
	return line + "\n"
}

// ParseText reads what Text writes, and nothing else: text that Text would
// write differently is an error that names the line. Linked files come back
// as files.
func ParseText(text string) (*Listing, error) {
	rest, ok := strings.CutPrefix(text, textHeader+"\n")
	if !ok {
		return nil, fmt.Errorf("list of files does not begin with the line %q", textHeader)
	}
	l := &Listing{}
	for number := 2; rest != ""; number++ {
		line, after, ok := strings.Cut(rest, "\n")
		if !ok {
			return nil, fmt.Errorf("list of files, line %d: is not complete", number)
		}
		e, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("list of files, line %d: %w", number, err)
		}
		if n := len(l.Entries); n > 0 && l.Entries[n-1].Path >= e.Path {
			return nil, fmt.Errorf("list of files, line %d: stands out of order", number)
		}
		l.Entries = append(l.Entries, e)
		rest = after
	}
	l.seal()
	return l, nil
}

func parseLine(line string) (Entry, error) {
	words, err := splitWords(line)
	if err != nil {
		return Entry{}, err
	}
	if len(words) < 4 {
		return Entry{}, errors.New("has too few words")
	}
	e := Entry{Digest: words[1], Path: words[3]}
	switch words[0] {
	case "file":
	case "exec":
		e.Executable = true
	case "symlink":
		e.Type = Symlink
		if len(words) > 4 {
			e.Target = words[4]
		}
	default:
		return Entry{}, fmt.Errorf("begins with the unknown word %q", words[0])
	}
	if e.Size, err = strconv.ParseInt(words[2], 10, 64); err != nil || e.Size < 0 {
		return Entry{}, fmt.Errorf("has the size %q", words[2])
	}
	// Whatever else a line may have wrong, it is not what line writes.
	if !isDigest(e.Digest) || !isLocal(e.Path) || e.line() != line+"\n" {
		return Entry{}, errors.New("is not written as a list of files is")
	}
	return e, nil
}

func isDigest(s string) bool {
	digits, ok := strings.CutPrefix(s, digestWhole)
	if !ok {
		digits, ok = strings.CutPrefix(s, digestChunks)
	}
	_, err := hex.DecodeString(digits)
	return ok && err == nil && len(digits) == 64 && strings.ToLower(digits) == digits
}

// isLocal says whether a slash path is clean and stays below where it starts.
func isLocal(name string) bool {
	return name != "." && name != ".." && path.Clean(name) == name &&
		!strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "../") && strings.IndexByte(name, 0) < 0
}

// quote writes a name so that it is one word of one line and can change
// nothing on a terminal. It does not use strconv.Quote, whose idea of what is
// printable grows with Unicode, since a digest hangs on these bytes.
func quote(name string) string {
	var b strings.Builder
	plain := name != ""
	b.WriteByte('"')
	for rest := name; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		if needsEscape(r, size) {
			writeEscaped(&b, rest[:size])
			plain = false
		} else {
			b.WriteString(rest[:size])
			plain = plain && r != ' '
		}
		rest = rest[size:]
	}
	b.WriteByte('"')
	if plain {
		return name
	}
	return b.String()
}

func writeEscaped(b *strings.Builder, char string) {
	for _, c := range []byte(char) {
		switch c {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		default:
			fmt.Fprintf(b, `\x%02x`, c)
		}
	}
}

func needsEscape(r rune, size int) bool {
	return r == utf8.RuneError && size == 1 || r < ' ' || r == '"' || r == '\\' || hidden(r)
}

// hidden says whether a character is invisible or reorders its neighbours.
// The ranges are fixed, whatever version of Unicode this program knows.
func hidden(r rune) bool {
	switch {
	case r >= 0x7f && r <= 0xa0, r == 0xad, r == 0x61c, r == 0x180e, r == 0x3000, r == 0xfeff,
		r >= 0x2000 && r <= 0x200f, r >= 0x2028 && r <= 0x202f, r >= 0x205f && r <= 0x206f,
		r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return false
}

// splitWords takes a line apart at its spaces, and quoted words out of their
// quotes.
func splitWords(line string) ([]string, error) {
	var words []string
	for {
		word, rest, err := cutWord(line)
		if err != nil {
			return nil, err
		}
		words = append(words, word)
		if rest == "" {
			return words, nil
		}
		if rest[0] != ' ' {
			return nil, errors.New("has no space after a quoted word")
		}
		line = rest[1:]
	}
}

// cutWord takes the first word off a line; what follows it begins with its
// space.
func cutWord(line string) (word, rest string, err error) {
	if !strings.HasPrefix(line, `"`) {
		end := strings.IndexByte(line, ' ')
		if end < 0 {
			end = len(line)
		}
		return line[:end], line[end:], nil
	}
	var b strings.Builder
	for rest = line[1:]; rest != ""; {
		switch rest[0] {
		case '"':
			return b.String(), rest[1:], nil
		case '\\':
			c, n, err := readEscape(rest)
			if err != nil {
				return "", "", err
			}
			b.WriteByte(c)
			rest = rest[n:]
		default:
			b.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	return "", "", errors.New("has a quote that is not closed")
}

func readEscape(s string) (c byte, length int, err error) {
	switch {
	case strings.HasPrefix(s, `\n`):
		return '\n', 2, nil
	case strings.HasPrefix(s, `\"`), strings.HasPrefix(s, `\\`):
		return s[1], 2, nil
	case strings.HasPrefix(s, `\x`) && len(s) >= 4:
		n, err := strconv.ParseUint(s[2:4], 16, 8)
		return byte(n), 4, err
	}
	return 0, 0, errors.New("has an unknown escape")
}
