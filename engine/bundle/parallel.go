package bundle

import (
	"sync"

	"github.com/flowrider/flowrider/internal/fault"
)

// maxWorkers bounds how many files are open at once.
const maxWorkers = 8

// inParallel calls work for 0 to n-1 on all cores, each with a scratch that
// no other call uses at the same time, and returns when all calls have.
func inParallel(n int, work func(i int, s *scratch)) {
	fault.InParallel(n, maxWorkers, func(i int) {
		s := scratches.Get().(*scratch)
		defer scratches.Put(s)
		work(i, s)
	})
}

var scratches = sync.Pool{New: func() any { return newScratch() }}
