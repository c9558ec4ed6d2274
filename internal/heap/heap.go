// Package heap gives the collector room while a configuration is loaded and
// evaluated. Most of what is made then stays until the end, so that each
// collection of a heap that still grows looks at the same things once more, and
// frees little: together they take longer than the parser.
//
// Roomy and Usual are all of it. The package sets no limit on memory and holds
// nothing to one (internal/limit); who sets GOGC or GOMEMLIMIT decides alone.
package heap

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"

	"github.com/flowrider/flowrider/internal/machine"
)

// room is how many bytes the heap grows to before it is collected. What is
// larger is collected as usual, when it has doubled.
const room = 160 << 20

// usual is Go's own percentage, and least what Go takes to be live at least.
const (
	usual = 100
	least = 4 << 20
)

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
		adjust()
	}
}

// Usual lets Go decide again, for what takes long and needs little.
func Usual() {
	state.Lock()
	defer state.Unlock()
	if state.roomy {
		state.roomy = false
		debug.SetGCPercent(usual)
	}
}

// adjust sets the percentage so that the next collection is at room, and sees to
// it that this is done after each.
func adjust() {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	live := max(sample[0].Value.Uint64(), least)
	debug.SetGCPercent(max(usual, int(100*room/live)-100))
	runtime.SetFinalizer(&collected{new(byte)}, func(*collected) {
		state.Lock()
		defer state.Unlock()
		if state.roomy {
			adjust()
		}
	})
}

// collected is garbage from the start: its finalizer tells of a collection.
type collected struct{ _ *byte }
