package process

import (
	"sync/atomic"
	"syscall"
)

// ownCore is the limit on core dumps that this program was started with; nil
// while it is as it was.
var ownCore atomic.Pointer[syscall.Rlimit]

// NoCoreDumps sees to it that no dump of this program's memory is written,
// where secrets are. What it starts has the limit that it had itself.
//
// The limit is one byte, not none: Linux hands a dump to a program, as most
// systems want it, even where the limit is none, but not where it is one.
func NoCoreDumps() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &limit) != nil {
		return
	}
	own := limit
	limit.Cur = min(1, limit.Max)
	if syscall.Setrlimit(syscall.RLIMIT_CORE, &limit) == nil {
		ownCore.Store(&own)
	}
}
