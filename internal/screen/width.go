package screen

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// Width is how many columns a text takes at most. Terminals disagree about
// characters that are made of several, such as families of emoji: some show one
// character of two columns, and some each part. The greater number counts, so
// that no line is longer than was thought.
func Width(text string) int {
	width := 0
	for clusters := displaywidth.StringGraphemes(text); clusters.Next(); {
		width += widest(clusters.Value(), clusters.Width())
	}
	return width
}

// widest is the width of one cluster on a terminal that shows it whole or in
// parts.
func widest(cluster string, whole int) int {
	parts := 0
	for _, r := range cluster {
		parts += displaywidth.Rune(r)
	}
	return max(whole, parts)
}

// Cut is a text in at most so many columns: what does not fit is cut off, and
// mark stands for it.
func Cut(text string, width int, mark string) string {
	if Width(text) <= width {
		return text
	}
	return first(text, width-Width(mark)) + first(mark, width)
}

// CutMiddle is Cut for names whose beginning and end both matter.
func CutMiddle(text string, width int, mark string) string {
	room := width - Width(mark)
	if Width(text) <= width || room < 2 {
		return Cut(text, width, mark)
	}
	return first(text, room-room/2) + mark + last(text, room/2)
}

// first is the beginning of a text that takes at most so many columns.
func first(text string, width int) string {
	end := 0
	for clusters := displaywidth.StringGraphemes(text); clusters.Next(); {
		if width -= widest(clusters.Value(), clusters.Width()); width < 0 {
			break
		}
		end += len(clusters.Value())
	}
	return text[:end]
}

// last is the end of a text that takes at most so many columns.
func last(text string, width int) string {
	from, over := 0, Width(text)-width
	for clusters := displaywidth.StringGraphemes(text); over > 0 && clusters.Next(); {
		over -= widest(clusters.Value(), clusters.Width())
		from += len(clusters.Value())
	}
	return text[from:]
}

// onOneLine is a text without what a terminal would obey, or would show
// elsewhere than at the next place. Invalid bytes become U+FFFD.
func onOneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\u2028' || r == '\u2029':
			return ' '
		case r == joiner:
			return r
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r): // also what turns the direction of writing
			return -1
		}
		return r
	}, text)
}

// joiner makes one emoji of several.
const joiner = '\u200d'

// alone is a text that joins nothing before it.
func alone(text string) string {
	return strings.TrimLeftFunc(text, func(r rune) bool { return displaywidth.Rune(r) == 0 })
}

// inASCII is a text for terminals that have nothing else.
func inASCII(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case r == '…':
			b.WriteString("...")
		case r == '·':
			b.WriteByte('-')
		case displaywidth.Rune(r) > 0:
			b.WriteByte('?')
		}
	}
	return b.String()
}
