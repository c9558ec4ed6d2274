package main

import (
	"bytes"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/internal/screen"
)

// terminal is progress on a terminal: what flows are doing is seen in lines
// that change, and the lines of those that have ended scroll away above them.
type terminal struct {
	*progress
	screen  *screen.Screen
	board   board
	text    bytes.Buffer // what the next frame prints above
	paused  bool
	changed chan os.Signal // the terminal has another size, or shows something else
}

func newTerminal(s *screen.Screen, volume volume) *terminal {
	t := &terminal{progress: newProgress(volume), screen: s, board: board{look: s.Look}, changed: make(chan os.Signal, 1)}
	t.err, t.live, t.paint = &t.text, true, s.Look.Paint
	signal.Notify(t.changed, syscall.SIGWINCH, syscall.SIGCONT)
	return t
}

func (t *terminal) event(event apply.Event) {
	t.board.event(event)
	t.progress.event(event)
}

// say prints what is no event.
func (t *terminal) say(text string) { t.text.WriteString(text) }

// tick draws a frame.
func (t *terminal) tick(now time.Time) {
	select {
	case <-t.changed:
		t.screen.Lost()
	default:
	}
	if t.paused {
		return
	}
	width, height := t.screen.Size()
	whole := t.text.Next(bytes.LastIndexByte(t.text.Bytes(), '\n') + 1)
	t.screen.Frame(string(whole), t.board.lines(now, width, height))
}

// pause takes the lines away before flowrider is suspended; resume shows them
// again.
func (t *terminal) pause() {
	t.paused = true
	t.screen.Clear()
}

func (t *terminal) resume() {
	t.paused = false
	t.screen.Lost()
}

// close leaves the terminal to whoever writes next.
func (t *terminal) close() {
	signal.Stop(t.changed)
	t.screen.Frame(t.text.String(), nil)
	t.text.Reset()
	t.err = t.screen
}
