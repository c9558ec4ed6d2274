//go:build !linux

package machine

import (
	"math"

	"golang.org/x/sys/unix"
)

// memory is that of the machine; no limit where it cannot be told.
func memory() int64 {
	bytes, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return math.MaxInt64
	}
	return int64(bytes)
}
