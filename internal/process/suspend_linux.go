package process

import (
	"os/signal"

	"golang.org/x/sys/unix"
)

// suspendThread suspends this program as Ctrl-Z does one that knows nothing of
// it, and returns when it has been continued. The signal goes to this very
// thread, so that it has no time to go on. Where nobody could continue the
// program, as that of a container, it returns at once.
func suspendThread() {
	signal.Reset(unix.SIGTSTP)
	_ = unix.Tgkill(unix.Getpid(), unix.Gettid(), unix.SIGTSTP)
}
