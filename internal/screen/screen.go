// Package screen keeps lines at the bottom of a terminal that change in place,
// below text that stays and scrolls away. Frame is the entry point.
//
// Between frames the cursor is at the beginning of the first of these lines, and
// it is never hidden. So whatever happens to the program there is nothing to be
// restored, and however a terminal that becomes narrower wraps the lines again,
// the cursor stays where they begin.
//
// What the lines say is not its business, and it reads nothing from the
// terminal. It is used by one goroutine.
package screen

import (
	"fmt"
	"io"
	"strings"
)

// Screen is a terminal with lines that change.
type Screen struct {
	Look Look

	out   io.Writer
	size  func() (width, height int)
	shown []string // the rows that are on the terminal
	lost  bool     // the terminal has done something to them

	width, height int // that there were when they were drawn
}

// New is a screen on a terminal. size gives its columns and lines, or zeros
// while nothing may be drawn.
func New(out io.Writer, size func() (width, height int), look Look) *Screen {
	return &Screen{Look: look, out: out, size: size}
}

// Size is how many lines there may be, and how many columns they may have. The
// last column stays empty: some terminals wrap a line that reaches it.
func (s *Screen) Size() (width, height int) {
	width, height = s.size()
	return width - 1, max(height-1, min(height, 1))
}

const (
	beginSync, endSync = "\x1b[?2026h", "\x1b[?2026l" // what lies between is shown at once; unknown to older terminals, which ignore it
	noWrap, wrap       = "\x1b[?7l", "\x1b[?7h"
	eraseRest          = "\x1b[K" // of the line
	eraseBelow         = "\x1b[J" // and the rest of the line
)

// Frame writes text, which ends with a line feed or is empty, above the lines,
// and then the lines: in one write, and of the lines just those that have
// changed. That the terminal cannot be written to is no error, since whatever
// is shown there is more important.
func (s *Screen) Frame(text string, lines []Line) {
	width, height := s.Size()
	if width <= 0 || height <= 0 { // and what was drawn is somebody else's now
		s.shown, s.lost = nil, true
		if text != "" {
			io.WriteString(s.out, s.Look.prose(text))
		}
		return
	}
	rows := s.rows(lines, width, height)
	var frame strings.Builder
	if s.lost || width != s.width || height != s.height {
		frame.WriteString("\r" + eraseBelow)
		s.shown = nil
	}
	s.lost, s.width, s.height = false, width, height
	s.above(&frame, s.Look.prose(text))
	s.draw(&frame, rows)
	s.shown = rows
	if frame.Len() > 0 {
		io.WriteString(s.out, beginSync+frame.String()+endSync)
	}
}

func (s *Screen) rows(lines []Line, width, height int) []string {
	var rows []string
	for _, line := range lines[:min(len(lines), height)] {
		rows = append(rows, s.Look.row(line, width))
	}
	return rows
}

// above writes text over the rows. Those that are left of them are below it.
func (s *Screen) above(frame *strings.Builder, text string) {
	if text == "" {
		return
	}
	frame.WriteString("\r")
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case len(s.shown) == 0:
			frame.WriteString(line + "\r\n")
			continue
		case proseWidth(line) >= s.width || strings.Contains(line, "\t"): // who knows how many rows it takes
			frame.WriteString(eraseBelow + line + "\r\n")
			s.shown = nil
			continue
		}
		frame.WriteString(line + eraseRest + "\r\n")
		s.shown = s.shown[1:]
	}
}

// draw writes the rows that differ from those that are shown, and goes back to
// the first.
func (s *Screen) draw(frame *strings.Builder, rows []string) {
	var body strings.Builder
	at := 0
	down := func(to int) {
		body.WriteString("\r" + strings.Repeat("\n", to-at))
		at = to
	}
	for i, row := range rows {
		if i < len(s.shown) && s.shown[i] == row {
			continue
		}
		down(i)
		body.WriteString(row + eraseRest)
	}
	if len(rows) < len(s.shown) {
		down(len(rows))
		body.WriteString(eraseBelow)
	}
	if body.Len() == 0 {
		return
	}
	body.WriteString("\r")
	if at > 0 {
		fmt.Fprintf(&body, "\x1b[%dA", at)
	}
	frame.WriteString(noWrap + body.String() + wrap)
}

// Clear takes the lines away.
func (s *Screen) Clear() { s.Frame("", nil) }

// Write writes text where there are no lines.
func (s *Screen) Write(text []byte) (int, error) {
	io.WriteString(s.out, s.Look.prose(string(text)))
	return len(text), nil
}

// Lost says that the terminal may have changed what it shows, as it does when
// its size changes: the next frame draws everything.
func (s *Screen) Lost() { s.lost = true }
