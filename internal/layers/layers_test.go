package layers_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/internal/layers"
)

var gaps = layers.Gaps{Column: 60, Row: 16, Line: 8}

func box(needs ...int) layers.Box { return layers.Box{Width: 100, Height: 40, Needs: needs} }

// A diamond stands in three columns, with its middle in the middle, and the line
// that passes the second column by crosses neither box.
func TestADiamondIsSymmetric(t *testing.T) {
	p := layers.Place([]layers.Box{box(), box(0), box(0), box(1, 2)}, gaps)
	var at []layers.Point
	for _, b := range p.Boxes {
		at = append(at, b.At)
	}
	want := []layers.Point{{0, 28}, {160, 0}, {160, 56}, {320, 28}}
	if diff := cmp.Diff(want, at); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p.Width != 420 || p.Height != 96 {
		t.Errorf("%d x %d", p.Width, p.Height)
	}
}

// Two pairs that are declared crosswise are put in an order without a crossing.
func TestCrossingsAreTakenOut(t *testing.T) {
	p := layers.Place([]layers.Box{box(), box(), box(1), box(0)}, gaps)
	if p.Boxes[0].At.Y < p.Boxes[1].At.Y != (p.Boxes[3].At.Y < p.Boxes[2].At.Y) {
		t.Errorf("the lines cross: %+v", p.Boxes)
	}
	for _, b := range p.Boxes[2:] {
		if line := b.Lines[0]; line[0].Y != line[len(line)-1].Y {
			t.Errorf("a line that could be level is not: %v", line)
		}
	}
}

// Random pictures: all to the right of what they need, no box over another, no
// line through a box, and the same again.
func TestRandomPictures(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		boxes := make([]layers.Box, 1+random.IntN(40))
		for i := range boxes {
			boxes[i] = layers.Box{Width: 50 + random.IntN(100), Height: 20 + random.IntN(30)}
			for range random.IntN(4) {
				if need := random.IntN(i + 1); need < i && !slices.Contains(boxes[i].Needs, need) {
					boxes[i].Needs = append(boxes[i].Needs, need)
				}
			}
		}
		p := layers.Place(boxes, gaps)
		if diff := cmp.Diff(p, layers.Place(boxes, gaps)); diff != "" {
			t.Fatalf("seed %d: twice is not the same:\n%s", seed, diff)
		}
		check(t, seed, boxes, p)
	}
}

func check(t *testing.T, seed uint64, boxes []layers.Box, p layers.Picture) {
	t.Helper()
	for i, a := range p.Boxes {
		if a.At.X < 0 || a.At.Y < 0 || a.At.X+a.Width > p.Width || a.At.Y+a.Height > p.Height {
			t.Errorf("seed %d: box %d is outside: %+v", seed, i, a)
		}
		for k, b := range p.Boxes[:i] {
			if a.At.X == b.At.X && a.At.Y < b.At.Y+b.Height && b.At.Y < a.At.Y+a.Height {
				t.Errorf("seed %d: boxes %d and %d overlap: %+v %+v", seed, k, i, b, a)
			}
		}
		for k, need := range boxes[i].Needs {
			from, line := p.Boxes[need], a.Lines[k]
			if from.At.X+from.Width+gaps.Column > a.At.X || line[0].X != from.At.X+from.Width || line[len(line)-1].X != a.At.X || len(line)%2 != 0 {
				t.Errorf("seed %d: line from %+v to %+v: %v", seed, from, a, line)
			}
			for l := 1; l+1 < len(line); l += 2 {
				for o, other := range p.Boxes {
					if other.At.X == line[l].X && line[l].Y >= other.At.Y && line[l].Y <= other.At.Y+other.Height {
						t.Errorf("seed %d: the line from %d to %d passes through box %d", seed, need, i, o)
					}
				}
			}
		}
	}
}

func TestPassesCountsWhereLinesPass(t *testing.T) {
	// 0 -> 3 passes two columns, and 0 -> 2 the first of them with it.
	if got := layers.Passes([]layers.Box{box(), box(0), box(1, 0), box(2, 0)}); got != 2 {
		t.Errorf("%d", got)
	}
}
