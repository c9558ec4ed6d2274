package screen_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/internal/screen"
	"github.com/flowrider/flowrider/internal/testenv"
)

// window is a terminal with a screen on it.
type window struct {
	*testenv.Terminal
	*screen.Screen
	width, height int
	writes        int
}

func open(t *testing.T, width, height int, clusters bool) *window {
	w := &window{Terminal: testenv.NewTerminal(t, width, height, clusters), width: width, height: height}
	w.Screen = screen.New(w, func() (int, int) { return w.width, w.height }, screen.Look{Colour: true, Unicode: true})
	return w
}

func (w *window) Write(p []byte) (int, error) {
	w.writes++
	return w.Terminal.Write(bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n"))) // as the kernel does
}

func (w *window) resize(width, height int) {
	w.width, w.height = width, height
	w.Terminal.Resize(width, height)
}

func line(text string) screen.Line { return screen.Line{{Text: text}} }

// shows compares the screen, in which | marks where the cursor is, and holds
// that the cursor is seen.
func (w *window) shows(t *testing.T, want string) {
	t.Helper()
	x, y, visible := w.Cursor()
	if !visible {
		t.Error("the cursor is not seen")
	}
	rows := w.Rows()
	rows[y] = rows[y][:x] + "|" + rows[y][x:]
	if diff := cmp.Diff(strings.Trim(want, "\n"), strings.TrimRight(strings.Join(rows, "\n"), "\n")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFrames(t *testing.T) {
	w := open(t, 20, 6, true)
	fmt.Fprint(w.Terminal, "$ apply\r\n")
	w.Frame("one\ntwo\n", []screen.Line{line("a 1s"), line("b 2s"), line("[0/3]")})
	w.shows(t, `
$ apply
one
two
|a 1s
b 2s
[0/3]`)

	// What scrolls away is what is above; of the lines just what changes is written.
	w.Frame("three\n", []screen.Line{line("a 1s"), line("b 3s"), line("[0/3]")})
	w.shows(t, `
one
two
three
|a 1s
b 3s
[0/3]`)
	before := w.writes
	w.Frame("", []screen.Line{line("a 1s"), line("b 3s"), line("[0/3]")})
	if w.writes != before {
		t.Error("a frame in which nothing has changed was written")
	}

	// A line less; then one that is too long, and text that is.
	w.Frame("", []screen.Line{line("a 1s"), line("[1/3]")})
	w.shows(t, "one\ntwo\nthree\n|a 1s\n[1/3]")
	w.Frame("a line of more than twenty columns\n", []screen.Line{line("b of more than twenty columns"), line("[1/3]")})
	w.shows(t, `
two
three
a line of more than
twenty columns
|b of more than twe…
[1/3]`)
	w.Clear()
	w.shows(t, "two\nthree\na line of more than\ntwenty columns\n|")
	fmt.Fprint(w.Screen, "the end\n")
}

func TestNothingIsDrawnInTheBackground(t *testing.T) {
	w := open(t, 20, 6, true)
	w.Frame("one\n", []screen.Line{line("a 1s")})
	w.Clear()
	w.width = 0
	w.Frame("two\n", []screen.Line{line("a 2s"), line("b 2s")})
	w.shows(t, "one\ntwo\n|")
	w.width = 20
	w.Frame("three\n", []screen.Line{line("a 3s")})
	w.shows(t, "one\ntwo\nthree\n|a 3s")
}

// Whatever is shown on whatever terminal: as many rows as there are lines and
// room for, each as it was given or cut, nothing left over below, what is
// printed above it complete, the cursor seen and at the first row, no more than
// one write a frame, and the last column empty.
func TestRandomFrames(t *testing.T) {
	random := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	const frames = 4000
	cut := 0
	for _, clusters := range []bool{true, false} {
		w := open(t, 80, 24, clusters)
		var printed []string // since the size changed last
		for i := range frames / 2 {
			if random.IntN(20) == 0 {
				w.resize(1+random.IntN(120), 1+random.IntN(40))
				printed = nil
			}
			if random.IntN(30) == 0 {
				w.Lost()
			}
			text := randomProse(random, &printed, w.width, clusters)
			lines := randomLines(random)
			before := w.writes
			w.Frame(text, lines)
			if w.writes > before+1 {
				t.Fatalf("frame %d: %d writes", i, w.writes-before)
			}
			cut += w.check(t, i, lines, printed, clusters)
			if t.Failed() {
				t.FailNow()
			}
		}
	}
	t.Logf("%d frames on terminals of 1 to 120 columns and 1 to 40 lines, %d lines cut: none too long, no line too many, nothing left over", frames, cut)
	if cut < frames/10 {
		t.Errorf("only %d lines were cut", cut)
	}
}

func (w *window) check(t *testing.T, frame int, lines []screen.Line, printed []string, clusters bool) (cut int) {
	t.Helper()
	x, y, visible := w.Cursor()
	rows := w.Rows()
	width, height := w.Size()
	if w.width == 1 {
		return 0 // nothing can be shown
	}
	if x != 0 || !visible {
		t.Errorf("frame %d: the cursor is at column %d, seen: %v", frame, x, visible)
	}
	lines = lines[:min(len(lines), height)]
	for i, row := range rows[y:] {
		want := ""
		if i < len(lines) {
			want = screen.Shown(lines[i], width)
			if want != screen.Shown(lines[i], 10_000) {
				cut++
			}
		}
		if clusters && row != strings.TrimRight(want, " ") {
			t.Errorf("frame %d, %d columns, row %d: %q, want %q", frame, w.width, i, row, want)
		}
		if screen.Width(row) > width {
			t.Errorf("frame %d: %q is wider than %d", frame, row, width)
		}
	}
	if y+len(lines) > w.height {
		t.Errorf("frame %d: %d lines from line %d on, the terminal has %d", frame, len(lines), y, w.height)
	}
	above := rows[:y]
	for len(above) > 0 && len(printed) > 0 {
		if got, want := above[len(above)-1], printed[len(printed)-1]; got != want {
			t.Errorf("frame %d: %q is above, want %q", frame, got, want)
		}
		above, printed = above[:len(above)-1], printed[:len(printed)-1]
	}
	return cut
}

// randomProse is text to be printed, and appends the rows that it takes.
func randomProse(random *rand.Rand, printed *[]string, width int, clusters bool) string {
	var text strings.Builder
	for range max(random.IntN(12)-8, 0) {
		letters := strings.Repeat(string(rune('a'+random.IntN(26))), random.IntN(2*width))
		text.WriteString(letters + "\n")
		for {
			row := letters[:min(len(letters), width)]
			*printed = append(*printed, row)
			if letters = letters[len(row):]; letters == "" {
				break
			}
		}
	}
	return text.String()
}

// scraps are what lines are made of: narrow, wide, made of several characters,
// without width, and what a terminal would obey.
var scraps = []string{
	"a", "step ", "0.37", "日", "本語", "한국", "é", "e\u0301", "\u0301", "👩", "👨‍👩‍👧", "🇬🇧", "❤️", "✓", "…", "ａ", "नि", "\u200b", "\u202e", "\u00ad",
	"\t", "\n", "\r", "\x1b[31m", "\x1b[2J", "\x9b1A", "\x00", "\xff", "ﷺ", " ", "  ",
}

func randomLines(random *rand.Rand) []screen.Line {
	lines := make([]screen.Line, random.IntN(50)*random.IntN(2))
	for i := range lines {
		for range 1 + random.IntN(3) {
			var text strings.Builder
			for range random.IntN(40) {
				text.WriteString(scraps[random.IntN(len(scraps))])
			}
			lines[i] = append(lines[i], screen.Piece{Text: text.String(), Style: []screen.Style{screen.Plain, screen.Dim, screen.Red}[random.IntN(3)]})
		}
	}
	return lines
}
