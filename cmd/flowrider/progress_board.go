package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/internal/screen"
)

// board is what a terminal shows of the flows that are being worked on: one
// line each, in the order in which they began, and one that counts. It is made
// from events, the time and the size alone.
type board struct {
	look  screen.Look
	rows  []*boardRow // of those that have begun and not ended
	count apply.Count
	begun time.Time
}

// boardRow is one flow.
type boardRow struct {
	address string
	event   apply.Event // of its state
	last    string      // line that it has printed
	partial string      // what it has printed after that
}

func (b *board) event(event apply.Event) {
	if b.begun.IsZero() {
		b.begun = event.Time
	}
	switch {
	case event.Type == "log":
		if row := b.row(event.Address); row != nil {
			row.print(event.Text)
		}
	case event.Type == "flow":
		if event.Count != nil {
			b.count = *event.Count
		}
		b.set(event)
	}
}

func (b *board) row(address string) *boardRow {
	for _, row := range b.rows {
		if row.address == address {
			return row
		}
	}
	return nil
}

func (b *board) set(event apply.Event) {
	row := b.row(event.Address)
	switch {
	case event.State.Ended() || event.State == apply.Waiting:
		for i := range b.rows {
			if b.rows[i] == row {
				b.rows = append(b.rows[:i], b.rows[i+1:]...)
				return
			}
		}
	case row == nil:
		b.rows = append(b.rows, &boardRow{address: event.Address, event: event})
	default:
		row.event = event
	}
}

// longestShown is how much of what a flow prints is kept to be shown: more than
// any terminal is wide.
const longestShown = 1 << 10

func (r *boardRow) print(text string) {
	for line := range strings.Lines(r.partial + text) {
		r.partial = line[:min(len(line), longestShown)]
		if strings.TrimSpace(line) != "" {
			r.last = r.partial
		}
	}
	if strings.HasSuffix(text, "\n") {
		r.partial = ""
	}
}

// lines are what there is to show in so many columns and lines. What does not
// fit is counted.
func (b *board) lines(now time.Time, width, height int) []screen.Line {
	if b.count.Total == 0 || height < 1 {
		return nil
	}
	fit := min(len(b.rows), height-1)
	addresses, states := 0, 0
	for _, row := range b.rows[:fit] {
		addresses = max(addresses, screen.Width(b.look.Text(row.address)))
		states = max(states, len(row.state(now, width)))
	}
	addresses = min(addresses, max(width*2/5, 10))
	var lines []screen.Line
	for _, row := range b.rows[:fit] {
		address := screen.CutMiddle(b.look.Text(row.address), addresses, b.look.Mark())
		lines = append(lines, row.line(now, width, address+strings.Repeat(" ", addresses-screen.Width(address)), states))
	}
	return append(lines, b.counts(now, fit))
}

// narrow is how many columns are too few for whole sentences.
const narrow = 60

// leastOutput is how many columns of what a flow prints are worth being shown.
const leastOutput = 12

// line is a flow with its state, which takes at most so many columns, and what
// it has printed last.
func (r *boardRow) line(now time.Time, width int, address string, states int) screen.Line {
	state, style := r.state(now, width), screen.Plain
	if r.event.State == apply.Retrying {
		style = screen.Yellow
	}
	line := screen.Line{{Text: "  " + address + "  "}, {Text: state, Style: style}}
	if last := strings.TrimSpace(r.last); last != "" && width-screen.Width(address)-states-6 >= leastOutput {
		gap := strings.Repeat(" ", states-len(state)+2)
		line = append(line, screen.Piece{Text: gap}, screen.Piece{Text: last, Style: screen.Dim})
	}
	return line
}

// state is what a flow is doing, for how long, and how long it may take.
func (r *boardRow) state(now time.Time, width int) string {
	since := max(now.Sub(r.event.Time), 0).Truncate(time.Second)
	expected := seconds(r.event.Expected).Round(time.Second)
	text := string(r.event.State) + " " + inSeconds(since)
	switch {
	case r.event.State == apply.Retrying:
		return fmt.Sprintf("retrying in %s (attempt %d)", inSeconds(max(expected-since, 0)), r.event.Attempt+1)
	case r.event.State == apply.Running && expected > 0 && width < narrow:
		text = inSeconds(since) + " of " + inSeconds(expected)
	case r.event.State == apply.Running && expected > since:
		text += ", about " + inSeconds(expected-since) + " left"
	case r.event.State == apply.Running && expected > 0:
		text += ", usually " + inSeconds(expected)
	}
	if r.event.Attempt > 1 {
		text += fmt.Sprintf(" (attempt %d)", r.event.Attempt)
	}
	return text
}

// counts is the last line: [3/12] 1m 2s: … 4 more running, 40 waiting.
func (b *board) counts(now time.Time, fit int) screen.Line {
	var parts []string
	counted, more, before := b.rows, "", ""
	if fit < len(b.rows) {
		counted, more, before = b.rows[fit:], " more", "… "
	}
	for _, state := range []apply.State{apply.Running, apply.Preparing, apply.Retrying} {
		count := 0
		for _, row := range counted {
			if row.event.State == state {
				count++
			}
		}
		if count > 0 {
			parts = append(parts, fmt.Sprintf("%s%d%s %s", before, count, more, state))
			before = ""
		}
	}
	if waiting := b.count.Total - b.count.Done - len(b.rows); waiting > 0 {
		parts = append(parts, fmt.Sprintf("%d waiting", waiting))
	}
	text := fmt.Sprintf("[%d/%d] %s", b.count.Done, b.count.Total, inSeconds(max(now.Sub(b.begun), 0).Truncate(time.Second)))
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return screen.Line{{Text: text}}
}
