package process

import (
	"errors"
	"os"
	"syscall"
)

// Crowded says whether something has failed only because too many files or
// processes are open at this moment.
func Crowded(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.EAGAIN)
}

// Running counts the processes that were started and have not ended.
func Running() int { return len(liveTrees()) }

// FreeFiles is how many files this program may still open at once.
func FreeFiles() int {
	var limit syscall.Rlimit
	open, err := os.ReadDir("/dev/fd") // on Linux a link into /proc
	if err != nil || syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur > 1<<30 {
		return 1 << 30
	}
	return max(0, int(limit.Cur)-len(open))
}
