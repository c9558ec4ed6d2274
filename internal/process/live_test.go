package process

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/internal/redact"
)

// A flow that prints as fast as it can for a second is told of ten times, the
// newest each time, and nothing is lost uncounted.
func TestLiveTellsTheNewestTenTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var times []time.Duration
		var seen, dropped int64
		last := ""
		begun := time.Now()
		live := NewLive(nil, func(text string, left int64) {
			times = append(times, time.Since(begun))
			seen, dropped, last = seen+int64(len(text)), dropped+left, text
			if len(text) > liveMost || !strings.HasPrefix(text, "line ") {
				t.Errorf("told %d bytes that begin with %q", len(text), text[:min(len(text), 20)])
			}
		})
		written := int64(0)
		for i := range 100_000 {
			n, _ := fmt.Fprintf(live, "line %d\n", i)
			written += int64(n)
			if i%1000 == 999 {
				time.Sleep(10 * time.Millisecond)
			}
		}
		live.Close()
		if len(times) < 9 || len(times) > 12 || times[0] > time.Millisecond {
			t.Errorf("told at %v", times)
		}
		if seen+dropped != written || !strings.HasSuffix(last, "line 99999\n") {
			t.Errorf("%d bytes were told and %d left out, of %d; the last are %q", seen, dropped, written, last[max(0, len(last)-20):])
		}
	})
}

// A watcher that never comes back holds no writer up.
func TestASlowWatcherHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		live := NewLive(nil, func(string, int64) { <-release })
		for range 1000 {
			if n, err := live.Write(make([]byte, 100_000)); n != 100_000 || err != nil {
				t.Fatal(n, err)
			}
			time.Sleep(time.Millisecond)
		}
		close(release)
		live.Close()
	})
}

// However a text is cut into pieces, what is told of it is the same.
func TestPiecesOfSequencesAndCharactersWait(t *testing.T) {
	const text = "größe \x1b[31mred\x1b[0m \x1b]0;title\x07 50%\r\n密碼 \x1b(B x\ry\n🔑 end \xff bad\n"
	for size := 1; size < 20; size++ {
		synctest.Test(t, func(t *testing.T) {
			told := ""
			live := NewLive(nil, func(text string, _ int64) { told += text })
			for rest := text; rest != ""; rest = rest[min(size, len(rest)):] {
				live.Write([]byte(rest[:min(size, len(rest))]))
				time.Sleep(time.Second)
			}
			live.Close()
			if diff := cmp.Diff(Clean(text), told); diff != "" {
				t.Errorf("pieces of %d bytes (-want +got):\n%s", size, diff)
			}
		})
	}
}

// What was left out may have brought a value together, and it is hidden.
func TestLiveHidesWhatItBringsTogether(t *testing.T) {
	secrets := &redact.Secrets{}
	secrets.Add("swordfish")
	synctest.Test(t, func(t *testing.T) {
		told := ""
		live := NewLive(secrets, func(text string, _ int64) { told += text })
		for _, piece := range []string{"a sword", "\x1b[1mfi", "sh z; sword", "\x00fish."} {
			live.Write([]byte(piece))
			time.Sleep(time.Second)
		}
		live.Close()
		if want := "a " + redact.Mark + " z; " + redact.Mark + "."; told != want {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}
