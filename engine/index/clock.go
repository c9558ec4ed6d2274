package index

import (
	"time"

	"golang.org/x/sys/unix"
)

// clock is what tells whether the time was set back since an index was
// written.
type clock struct {
	reference Time
	boot      string // of the machine, "" where it is not known
	offset    int64  // nanoseconds: the time of day minus the time since the boot
}

// setBack says whether the clock was set back since then, by more than the
// margin, or shows a time that was before.
func (now clock) setBack(then clock, margin time.Duration) bool {
	if now.reference.before(then.reference) {
		return true
	}
	return now.boot != "" && now.boot == then.boot && now.offset < then.offset-int64(margin)
}

// flushed is how old a change is that has reached the disk by all means. After
// a power cut a file may have its new times and old contents: what was newer
// than this is read again after each start of the machine.
const flushed = 10 * time.Minute

// clockOffset is the time of day minus the time since the machine was started.
func clockOffset() int64 {
	var day, since unix.Timespec
	if unix.ClockGettime(unix.CLOCK_REALTIME, &day) != nil || unix.ClockGettime(sinceBoot, &since) != nil {
		return 0
	}
	return day.Nano() - since.Nano()
}
