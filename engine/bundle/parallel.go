package bundle

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// maxWorkers bounds how many files are open at once.
const maxWorkers = 8

// inParallel calls work for 0 to n-1 on all cores, each with a scratch that
// no other call uses at the same time, and returns when all calls have. A fault of
// ours in one of them becomes one of the caller's, which main makes exit code 1 of.
func inParallel(n int, work func(i int, s *scratch)) {
	workers := min(n, runtime.GOMAXPROCS(0), maxWorkers)
	var next atomic.Int64
	var wait sync.WaitGroup
	var fault atomic.Value
	for range workers {
		wait.Go(func() {
			defer func() {
				if f := recover(); f != nil {
					fault.Store(fmt.Sprintf("%v, while files were read:\n%s", f, debug.Stack()))
				}
			}()
			s := scratches.Get().(*scratch)
			defer scratches.Put(s)
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(i, s)
			}
		})
	}
	wait.Wait()
	if f := fault.Load(); f != nil {
		panic(f)
	}
}

var scratches = sync.Pool{New: func() any { return newScratch() }}
