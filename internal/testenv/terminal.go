package testenv

import (
	"strings"
	"testing"

	"github.com/gdamore/tcell/v3/vt"
)

// Terminal is the emulator of one: what is written to it is seen on its screen.
// It has no lines above the first that are kept, and does not wrap lines again
// when it becomes narrower.
type Terminal struct {
	mock          vt.MockTerm
	width, height int
}

// NewTerminal makes an empty terminal of so many columns and lines. Where
// clusters is set it shows what belongs together, such as a letter and its
// accents, as one character; without it as what it is made of.
func NewTerminal(t testing.TB, width, height int, clusters bool) *Terminal {
	t.Helper()
	terminal := &Terminal{mock: vt.NewMockTerm(vt.MockOptSize{X: vt.Col(width), Y: vt.Row(height)}), width: width, height: height}
	if err := terminal.mock.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.mock.Stop() })
	if clusters {
		terminal.Write([]byte("\x1b[?2027h"))
	}
	return terminal
}

// Write is what a program does. It returns when all is on the screen.
func (t *Terminal) Write(p []byte) (int, error) { return t.mock.Write(p) }

// Resize gives the terminal another size.
func (t *Terminal) Resize(width, height int) {
	t.width, t.height = width, height
	t.mock.SetSize(vt.Coord{X: vt.Col(width), Y: vt.Row(height)})
	t.mock.Drain()
}

// Rows are the lines of the screen without the blanks at their ends.
func (t *Terminal) Rows() []string {
	rows := make([]string, t.height)
	for y := range rows {
		var row strings.Builder
		for x := 0; x < t.width; x++ {
			cell := t.mock.GetCell(vt.Coord{X: vt.Col(x), Y: vt.Row(y)})
			switch {
			case cell.C != "":
				row.WriteString(cell.C)
				x += max(cell.W-1, 0)
			default:
				row.WriteByte(' ')
			}
		}
		rows[y] = strings.TrimRight(row.String(), " ")
	}
	return rows
}

// Text is the screen without the empty lines at its end.
func (t *Terminal) Text() string {
	return strings.TrimRight(strings.Join(t.Rows(), "\n"), "\n") + "\n"
}

// Cursor says where the cursor is, and whether it is seen.
func (t *Terminal) Cursor() (x, y int, visible bool) {
	at := t.mock.Pos()
	return int(at.X), int(at.Y), t.mock.Backend().GetCursor().IsVisible()
}
