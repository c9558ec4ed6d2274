package process

import (
	"os"
	"os/signal"
	"strconv"
	"syscall"
)

// nobody is never read: what is sent there is dropped.
var nobody = make(chan os.Signal, 1)

// resetIgnored gives those of the signals that are ignored a handler that
// does nothing.
func resetIgnored(signals ...os.Signal) {
	for _, s := range signals {
		if signal.Ignored(s) {
			signal.Notify(nobody, s)
		}
	}
}

// closeOnExecIn marks every descriptor from 3 on that the folder lists.
func closeOnExecIn(folder string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if fd, err := strconv.Atoi(entry.Name()); err == nil && fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
}
