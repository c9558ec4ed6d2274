package engine_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/flowrider/flowrider/internal/testenv"
)

// Whatever is half written beside other mistakes is told, or none: it crashes nothing.
func TestHalfWrittenFilesCrashNothing(t *testing.T) {
	const each = 4
	random := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	all := mistakes(t)
	for _, name := range slices.Sorted(maps.Keys(all)) { // the seed repeats it
		archive := all[name]
		for range each {
			i := random.IntN(len(archive.Files))
			half := &txtar.Archive{Files: append([]txtar.File{}, archive.Files...)}
			half.Files[i].Data = []byte(halfWritten(random, string(archive.Files[i].Data)))
			t.Run(name, func(t *testing.T) {
				defer func() {
					if fault := recover(); fault != nil {
						t.Errorf("%v in\n%s", fault, txtar.Format(half))
					}
				}()
				newMistaken(t, half).problems()
			})
		}
	}
}

// halfWritten spoils one line of a text: it is gone, or the next one stands on it,
// or nothing comes after it, or it has lost an equals sign or a quote.
func halfWritten(random *rand.Rand, text string) string {
	lines := strings.SplitAfter(text, "\n")
	at := random.IntN(len(lines))
	line, _, _ := strings.Cut(strings.TrimRight(lines[at], "\n"), " # ERROR")
	switch random.IntN(5) {
	case 0:
		line = ""
	case 1:
		line += " "
	case 2:
		lines = lines[:at+1]
	case 3:
		line = strings.Replace(line, "=", "", 1) + "\n"
	case 4:
		line = strings.Replace(line, `"`, "", 1) + "\n"
	}
	lines[at] = line
	return strings.Join(lines, "")
}
