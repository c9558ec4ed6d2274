package apply

import (
	"fmt"

	"github.com/flowrider/flowrider/internal/process"
)

// How many files a flow has open at most while it is prepared, runs and is
// recorded, and how many all else has.
const (
	filesOfFlow = 12
	filesBeside = 24
)

// fitting is how many flows run at once: as many as are wanted, or as there are
// files for. The note says which.
func fitting(wanted int) (slots int, note string) {
	fit := (process.FreeFiles() - filesBeside) / filesOfFlow
	if wanted <= max(1, fit) {
		return max(1, wanted), ""
	}
	return max(1, fit), fmt.Sprintf("the limit on open files is enough for %d flows at once; raise it with ulimit -n", max(1, fit))
}

// sayLimits says once, when the first flow is about to run, what is less than
// wanted here, and what may stay of a flow.
func (l *loop) sayLimits() {
	for _, note := range l.first {
		if note != "" {
			l.note([]string{note})
		}
	}
	l.first = nil
}
