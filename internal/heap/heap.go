// Package heap gives the collector room while a configuration is loaded and
// evaluated. Most of what is made then stays until the end, so that each
// collection of a heap that still grows looks at the same things once more, and
// frees little: together they take longer than the parser.
//
// Roomy and Usual are all of it. The package ends nothing that takes too much
// (internal/limit); who sets GOGC or GOMEMLIMIT decides alone.
package heap

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"

	"github.com/flowrider/flowrider/internal/machine"
)

// room is how many bytes of memory there are before the heap is collected. What is
// larger is collected as usual, when it has doubled.
const room = 176 << 20

// usual is Go's own percentage.
const usual = 100

var state struct {
	sync.Mutex
	roomy bool
}

// Roomy lets the heap grow to some size before anything is collected, on a
// machine, or in a container, that has many times as much.
func Roomy() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" || machine.Here().Memory < 4*room {
		return
	}
	state.Lock()
	defer state.Unlock()
	if !state.roomy {
		state.roomy = true
		debug.SetMemoryLimit(room)
		debug.SetGCPercent(-1)
		watch()
	}
}

// Usual lets Go decide again, for what takes long and needs little.
func Usual() {
	state.Lock()
	defer state.Unlock()
	if state.roomy {
		asUsual()
	}
}

func asUsual() {
	state.roomy = false
	debug.SetGCPercent(usual)
	debug.SetMemoryLimit(math.MaxInt64)
}

// watch sees to it that Go decides again as soon as what is live takes half of the
// room: from then on it is collected when it has doubled.
func watch() {
	runtime.SetFinalizer(&collected{new(byte)}, func(*collected) {
		state.Lock()
		defer state.Unlock()
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(sample)
		switch {
		case !state.roomy:
		case sample[0].Value.Uint64() > room/2:
			asUsual()
		default:
			watch()
		}
	})
}

// collected is garbage from the start: its finalizer tells of a collection.
type collected struct{ _ *byte }
