package bundle

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// maxWorkers bounds how many files are open at once.
const maxWorkers = 8

// inParallel calls work for 0 to n-1 on all cores, each with a scratch that
// no other call uses at the same time, and returns when all calls have.
func inParallel(n int, work func(i int, s *scratch)) {
	workers := min(n, runtime.GOMAXPROCS(0), maxWorkers)
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			s := scratches.Get().(*scratch)
			defer scratches.Put(s)
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i, s)
			}
		})
	}
	wait.Wait()
}

var scratches = sync.Pool{New: func() any { return newScratch() }}
