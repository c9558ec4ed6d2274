package heap

import (
	"runtime"
	"testing"
)

var sink []byte

// collections are those that so many bytes of garbage bring about.
func collections(bytes int) uint32 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range bytes >> 20 {
		sink = make([]byte, 1<<20)
	}
	runtime.ReadMemStats(&after)
	return after.NumGC - before.NumGC
}

func TestThereIsRoomBeforeTheFirstCollection(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	Roomy()
	for range 3 { // the collections between them change nothing
		if got := collections(room / 2); got > 0 {
			t.Errorf("half of the room was collected %d times", got)
		}
	}
	if got := collections(4 * room); got < 3 || got > 8 {
		t.Errorf("four times the room was collected %d times", got)
	}
	Usual()
	if got := collections(room / 2); got < 3 {
		t.Errorf("without room it was collected %d times", got)
	}
}

func TestWhoeverSetsGOGCDecides(t *testing.T) {
	t.Setenv("GOGC", "100")
	Roomy()
	defer Usual()
	if got := collections(room / 2); got < 3 {
		t.Errorf("it was collected %d times", got)
	}
}
