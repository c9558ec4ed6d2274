package process

import (
	"sync"
	"syscall"
	"time"

	"github.com/flowrider/flowrider/internal/fault"
)

// inExec is how long the environment of a process cannot be read, since it is
// in the middle of an exec, with much to spare.
const inExec = 20 * time.Millisecond

// suspended is how long this program has been suspended so far. It is locked
// while it is.
var suspended struct {
	sync.RWMutex
	total time.Duration
}

// awake is the time by which waits are counted: it stands still while this
// program is suspended.
func awake() time.Time {
	suspended.RLock()
	defer suspended.RUnlock()
	return time.Now().Add(-suspended.total)
}

// AfterFunc calls f in a goroutine of its own when d has passed, without the
// time in which this program was suspended. stop forgets f if its time has not
// come.
func AfterFunc(d time.Duration, f func()) (stop func()) {
	stopped, due := make(chan struct{}), awake().Add(d)
	fault.Go(func() {
		timer := time.NewTimer(d)
		defer timer.Stop()
		for {
			select {
			case <-stopped:
				return
			case <-timer.C:
			}
			left := due.Sub(awake())
			if left <= 0 {
				f()
				return
			}
			timer.Reset(left)
		}
	})
	return sync.OnceFunc(func() { close(stopped) })
}

// Suspend suspends everything that this program has started, and then the
// program itself, as Ctrl-Z does. It returns when the program has been
// continued, and everything with it. Nothing is started meanwhile.
func Suspend() {
	onThread(func() {
		suspended.Lock()
		defer suspended.Unlock()
		all := liveTrees()
		strayed := map[*tree][]straggler{}
		for _, t := range all {
			strayed[t] = t.left(nil)
			t.signalEvery(syscall.SIGSTOP, strayed[t])
		}
		time.Sleep(inExec)
		for _, t := range all {
			strayed[t] = t.left(nil) // with what could not be seen before
			t.signalEvery(syscall.SIGSTOP, strayed[t])
		}
		begun := time.Now()
		suspendThread()
		suspended.total += time.Since(begun)
		for _, t := range all {
			t.signalEvery(syscall.SIGCONT, strayed[t])
		}
	})
}
