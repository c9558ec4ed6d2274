package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/internal/screen"
	"github.com/flowrider/flowrider/internal/testenv"
)

// stage is a terminal that shows an apply at times of the test's own.
type stage struct {
	*testenv.Terminal
	*terminal
	begun time.Time
	done  int
	total int
}

// newStage is a stage of so many columns and lines, with total flows.
func newStage(t *testing.T, width, height, total int, look screen.Look) *stage {
	s := &stage{Terminal: testenv.NewTerminal(t, width, height, true), total: total, begun: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	size := func() (int, int) { return width, height }
	s.terminal = newTerminal(screen.New(s.Terminal, size, look), asItGoes)
	t.Cleanup(s.terminal.close)
	return s
}

func (s *stage) at(second float64) time.Time {
	return s.begun.Add(time.Duration(second * float64(time.Second)))
}

// flow lets a flow enter a state at a second of the apply.
func (s *stage) flow(second float64, address string, state apply.State, event apply.Event) {
	if state.Ended() {
		s.done++
	}
	event.Type, event.Address, event.State, event.Time = "flow", address, state, s.at(second)
	event.Count = &apply.Count{Done: s.done, Total: s.total}
	s.terminal.event(event)
}

func (s *stage) prints(address, text string) {
	s.terminal.event(apply.Event{Type: "log", Address: address, Text: text, Time: s.begun})
}

// several is an apply with flows in every state.
func (s *stage) several() {
	s.flow(0, "flow.load", apply.Running, apply.Event{Reason: "new"})
	s.prints("flow.load", "reading\n")
	s.flow(5.2, "flow.load", apply.Succeeded, apply.Event{Duration: 5.2, RunID: "01M80DBCZ9M0VEN7WJYXBRGAYT"})
	s.flow(5.3, `flow.train["forest"]`, apply.Running, apply.Event{Expected: 70})
	s.flow(5.3, `flow.train["日本語"]`, apply.Running, apply.Event{Expected: 20})
	s.flow(5.3, `flow.fetch`, apply.Running, apply.Event{})
	s.flow(6, `flow.late`, apply.Preparing, apply.Event{})
	s.prints(`flow.train["forest"]`, "epoch 1\nepoch 2 of 30: loss 0.37\nepo")
	s.prints(`flow.train["日本語"]`, "損失が減少しています 👩‍👩‍👧 e\u0301tape 3 \x1b[31m of a line that is longer than most terminals are wide, and goes on")
	s.flow(9, `flow.bad`, apply.Running, apply.Event{})
	s.flow(10, `flow.bad`, apply.Failed, apply.Event{Duration: 1, Reason: "exit status 1"})
	s.flow(11, `flow.fetch`, apply.Retrying, apply.Event{Attempt: 1, Expected: 40, Reason: "exit status 7"})
}

var both = screen.Look{Colour: true, Unicode: true}

func TestBoards(t *testing.T) {
	for _, test := range []struct {
		name          string
		width, height int
		look          screen.Look
		second        float64
	}{
		{"several", 100, 14, both, 38.4},
		{"several_later", 100, 14, both, 200},
		{"narrow", 40, 14, both, 38.4},
		{"very_narrow", 12, 14, both, 38.4},
		{"ascii", 100, 14, screen.Look{Colour: true}, 38.4},
		{"few_lines", 100, 5, both, 38.4},
		{"one_line", 100, 1, both, 38.4},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStage(t, test.width, test.height, 12, test.look)
			s.several()
			s.tick(s.at(test.second))
			golden(t, test.name, s.Text())
		})
	}
}

// golden compares a screen with the one that is kept.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "screen", name+".txt")
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-update writes it (-want +got):\n%s", diff)
	}
}

// With any events on any terminal there are no more lines than it has, none is
// too wide, and every flow is in one line or counted.
func TestRandomBoards(t *testing.T) {
	random := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	states := []apply.State{apply.Waiting, apply.Preparing, apply.Running, apply.Retrying, apply.Succeeded, apply.Failed, apply.Fresh}
	var b board
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	const rounds, total = 20_000, 60
	state := map[string]apply.State{}
	for i := range rounds {
		now = now.Add(time.Duration(random.IntN(5000)) * time.Millisecond)
		address := fmt.Sprintf("flow.%s[%q]", strings.Repeat("長い", random.IntN(2)), fmt.Sprint(random.IntN(total/2)))
		event := apply.Event{Type: "log", Address: address, Text: randomText(random), Time: now}
		if random.IntN(2) == 0 {
			event = apply.Event{Type: "flow", Address: address, State: states[random.IntN(len(states))], Expected: float64(random.IntN(500)), Attempt: random.IntN(3), Time: now}
			state[address] = event.State
			event.Count = &apply.Count{Total: total}
			for _, s := range state {
				if s.Ended() {
					event.Done++
				}
			}
		}
		b.event(event)
		width, height := 1+random.IntN(200), random.IntN(40)
		lines := b.lines(now, width, height)
		active := 0
		for _, s := range state {
			if !s.Ended() && s != apply.Waiting {
				active++
			}
		}
		checkBoard(t, fmt.Sprintf("round %d, %d x %d", i, width, height), lines, height, active)
		if t.Failed() {
			return
		}
	}
}

func checkBoard(t *testing.T, where string, lines []screen.Line, height, active int) {
	t.Helper()
	if len(lines) > height {
		t.Errorf("%s: %d lines", where, len(lines))
	}
	if len(lines) == 0 {
		return
	}
	shown, counted := len(lines)-1, 0
	last := lines[shown][0].Text
	for _, part := range strings.Split(strings.ReplaceAll(last, "… ", ""), ",") {
		var count int
		var more string
		if _, after, ok := strings.Cut(part, ": "); ok {
			part = after
		}
		if n, _ := fmt.Sscanf(strings.TrimSpace(part), "%d %s", &count, &more); n == 2 && more == "more" {
			counted += count
		}
	}
	if shown+counted != active {
		t.Errorf("%s: %d flows in lines and %d counted, there are %d: %s", where, shown, counted, active, last)
	}
}

func randomText(random *rand.Rand) string {
	var text strings.Builder
	for range random.IntN(20) {
		text.WriteString([]string{"a", "日", "\n", " ", "e\u0301", strings.Repeat("x", 300)}[random.IntN(6)])
	}
	return text.String()
}
