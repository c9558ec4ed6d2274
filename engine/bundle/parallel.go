package bundle

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/flowrider/flowrider/internal/fault"
)

// maxWorkers bounds how many files are open at once.
const maxWorkers = 8

// inParallel calls work for 0 to n-1 on all cores, each with a scratch that
// no other call uses at the same time, and returns when all calls have.
func inParallel(n int, work func(i int, s *scratch)) {
	var next atomic.Int64
	fault.InParallel(min(n, runtime.GOMAXPROCS(0), maxWorkers), func() {
		s := scratches.Get().(*scratch)
		defer scratches.Put(s)
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			work(i, s)
		}
	})
}

var scratches = sync.Pool{New: func() any { return newScratch() }}
