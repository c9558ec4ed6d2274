package process

import (
	"strings"
	"unicode/utf8"

	"github.com/flowrider/flowrider/internal/redact"
)

// longestLine is where a line is cut for display.
const longestLine = 64 << 10

const escape = 0x1b

// Clean makes what a process printed fit to be shown: without control
// sequences and control characters except line feed and tab, invalid UTF-8
// replaced, lines cut at 64 KiB. A carriage return, as of a progress bar,
// becomes a line feed.
func Clean(text string) string { return new(cleaner).clean(text) }

// longestShown is how many characters of a line the end of a log shows.
const longestShown = 500

// Excerpt is the end of a log as it is shown with a failure: clean, and without
// sensitive values also where cleaning has brought them together. What is long
// in a line is left to the log.
func Excerpt(text string, secrets *redact.Secrets) string {
	var excerpt strings.Builder
	for line := range strings.Lines(secrets.Text(Clean(text))) {
		line, end := strings.TrimSuffix(line, "\n"), strings.HasSuffix(line, "\n")
		if utf8.RuneCountInString(line) > longestShown {
			line = string([]rune(line)[:longestShown]) + " …"
		}
		excerpt.WriteString(line)
		if end {
			excerpt.WriteByte('\n')
		}
	}
	return excerpt.String()
}

// cleaner is Clean for a text that comes in pieces.
type cleaner struct{ line int } // bytes of the present line

func (c *cleaner) clean(text string) string {
	var clean strings.Builder
	clean.Grow(len(text))
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\r':
			if i+1 < len(text) && text[i+1] == '\n' {
				i++
				continue
			}
			r = '\n'
		case r == escape:
			i += sequence(text[i:])
			continue
		case r == 0x9b: // the same as ESC [ to some terminals
			i += size + controlSequence(text[i+size:])
			continue
		case r == '\n' || r == '\t':
		case r < 0x20 || r >= 0x7f && r < 0xa0:
			i += size
			continue
		}
		i += size
		switch {
		case r == '\n':
			c.line = 0
		case c.line > longestLine: // cut already
			continue
		case c.line+utf8.RuneLen(r) > longestLine:
			c.line = longestLine + 1
			clean.WriteString(" …")
			continue
		default:
			c.line += utf8.RuneLen(r)
		}
		clean.WriteRune(r)
	}
	return clean.String()
}

// sequence is the length of the control sequence that the text begins with.
func sequence(text string) int {
	if len(text) < 2 {
		return len(text)
	}
	switch text[1] {
	case '[':
		return 2 + controlSequence(text[2:])
	case ']', 'P', 'X', '^', '_':
		return 2 + controlString(text[2:])
	}
	// Any other: intermediate bytes, then a final one.
	at := 1
	for at < len(text) && text[at] >= 0x20 && text[at] <= 0x2f {
		at++
	}
	if at < len(text) && text[at] >= 0x30 && text[at] <= 0x7e {
		at++
	}
	return at
}

// controlSequence is the length of parameters, intermediate bytes and final
// byte. What cannot belong to them ends it.
func controlSequence(text string) int {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= 0x40 && c <= 0x7e:
			return i + 1
		case c < 0x20 || c > 0x3f:
			return i
		}
	}
	return len(text)
}

// controlString is the length of a string such as a window title up to and
// with its end: BEL or ESC \. The end of the line ends it too, so that a
// broken one swallows no more than that.
func controlString(text string) int {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == 0x07:
			return i + 1
		case text[i] == escape && i+1 < len(text) && text[i+1] == '\\':
			return i + 2
		case text[i] == escape || text[i] == '\n' || text[i] == '\r':
			return i
		}
	}
	return len(text)
}
