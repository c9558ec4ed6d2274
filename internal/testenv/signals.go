package testenv

import (
	"os"
	"os/signal"
	"syscall"
)

// HearSignals lets what tests start hear SIGINT and SIGHUP also where the tests
// themselves do not: as a script's background job or under nohup. Programs that
// heed what is ignored could not be interrupted.
func HearSignals() {
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGHUP} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
}
