package screen

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// Style is how a piece of a line looks where there is colour.
type Style string

// The styles, as the parameters that terminals take.
const (
	Plain  Style = ""
	Dim    Style = "2"
	Red    Style = "31"
	Green  Style = "32"
	Yellow Style = "33"
)

// Piece is a part of a line that looks one way.
type Piece struct {
	Text  string
	Style Style
}

// Line is what stands in one row of a terminal.
type Line []Piece

// Look is what a terminal can show.
type Look struct{ Colour, Unicode bool }

// LookOf says what a terminal can show by the environment variables.
func LookOf(getenv func(string) string) Look {
	var locale string
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale = getenv(name); locale != "" {
			break
		}
	}
	locale = strings.ReplaceAll(strings.ToLower(locale), "-", "")
	return Look{Colour: getenv("NO_COLOR") == "", Unicode: strings.Contains(locale, "utf8")}
}

// Paint is a text in a style, where there is colour.
func (l Look) Paint(style Style, text string) string {
	if !l.Colour || style == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(style) + "m" + text + "\x1b[0m"
}

// Text is a text as one line of what the terminal can show.
func (l Look) Text(text string) string {
	text = alone(onOneLine(text))
	if !l.Unicode {
		return inASCII(text)
	}
	return text
}

// Mark stands for what is left out.
func (l Look) Mark() string {
	if l.Unicode {
		return "…"
	}
	return "..."
}

// row is a line in at most so many columns, as a terminal takes it.
func (l Look) row(line Line, width int) string {
	var row strings.Builder
	for _, piece := range line {
		text := l.Text(piece.Text)
		cut := Cut(text, width, l.Mark())
		row.WriteString(l.Paint(piece.Style, cut))
		if width -= Width(cut); width <= 0 || cut != text {
			break
		}
	}
	return row.String()
}

// prose is a text that stays: with all its lines, in which there may be colour.
func (l Look) prose(text string) string {
	if !l.Unicode {
		return inASCII(text)
	}
	return text
}

// proseWidth is the width of a line of prose.
func proseWidth(line string) int {
	return displaywidth.Options{ControlSequences: true}.String(line)
}
