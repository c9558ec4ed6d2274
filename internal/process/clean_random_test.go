package process_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/internal/redact"
	"github.com/flowrider/flowrider/internal/testenv"
)

// What is hidden where a process prints it is not brought back by cleaning it:
// both take the same for control sequences.
func TestCleaningBringsNothingBack(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(testenv.Seed(t), 3))
	pieces := []string{"\x1b[1m", "\x1b[", "\x1b]0;ab", "\x07", "\x1b\\", "\x1b", "\x00", "\x7f", "\u009b1m", "\u0085", "\xc2", "\x1b(B", "\r", "\r\n", "\x1bPab\x1b\\", "m", ";", "é"}
	secrets := &redact.Secrets{}
	secrets.Add("swordfish-0815")
	hidden, split := 0, 0
	for range 20_000 {
		text := ""
		for range 3 {
			for _, letter := range "swordfish-0815" {
				for random.IntN(12) == 0 {
					text += pieces[random.IntN(len(pieces))]
				}
				text += string(letter)
			}
			text += " "
		}
		if shown := process.Clean(secrets.Text(text)); strings.Contains(shown, "swordfish-0815") {
			t.Fatalf("%q is shown as %q", text, shown)
		}
		if strings.Contains(process.Clean(text), "swordfish-0815") {
			if hidden++; !strings.Contains(text, "swordfish-0815") {
				split++
			}
		}
	}
	if hidden < 1000 || split < 500 {
		t.Fatalf("only %d texts showed the value, %d of them but when they are clean", hidden, split)
	}
}
