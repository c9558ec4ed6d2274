package process

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// leader is the started process itself, first of its group.
type leader struct {
	handle *os.Process
	killed bool // ended by a signal; valid after await
}

// cldExited is the code with which waitid reports an ordinary exit.
const cldExited = 1

// await blocks until the process has ended, and leaves it a zombie: as long
// as it is one, its ID and that of its group stay taken.
func (l *leader) await() {
	var info unix.Siginfo
	for {
		err := unix.Waitid(unix.P_PID, l.handle.Pid, &info, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			l.killed = err != nil || info.Code != cldExited
			return
		}
	}
}

// reap takes the exit status and frees the process ID.
func (l *leader) reap() (*os.ProcessState, error) { return l.handle.Wait() }
