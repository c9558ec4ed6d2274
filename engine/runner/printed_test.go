package runner_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine/runner"
)

// However much a process prints, and in whatever pieces, one byte too many is
// the most that is kept, and the process is never held up.
func TestPrintedIsBounded(t *testing.T) {
	for _, test := range []struct{ pieces, size, kept int }{
		{0, 0, 0}, {1, 3, 3}, {1, runner.MaxPrinted, runner.MaxPrinted}, {1, runner.MaxPrinted + 5, runner.MaxPrinted + 1},
		{1000, 7000, runner.MaxPrinted + 1},
	} {
		var to bytes.Buffer
		w := runner.Printed(&to)
		for range test.pieces {
			if n, err := w.Write([]byte(strings.Repeat("x", test.size))); n != test.size || err != nil {
				t.Fatalf("Write gave %d, %v for %d bytes", n, err, test.size)
			}
		}
		if to.Len() != test.kept {
			t.Errorf("%d pieces of %d bytes: kept %d bytes, want %d", test.pieces, test.size, to.Len(), test.kept)
		}
	}
}
