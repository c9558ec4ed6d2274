package process

import (
	"encoding/binary"
	"path/filepath"
	"testing"
	"time"
)

// Whoever follows a log that is written as fast as it can be, and moved again
// and again, reads every byte once and in order, or is told how many are gone.
func TestFollowWhileTheLogIsWritten(t *testing.T) {
	t.Parallel()
	const keep, words = 4 << 10, 100_000
	path := filepath.Join(t.TempDir(), "log")
	log, err := createLog(path, keep)
	if err != nil {
		t.Fatal(err)
	}
	f, err := followLog(path, keep)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	half, written := make(chan struct{}), make(chan struct{})
	go func() { // what is printed is the count of words
		defer close(written)
		defer log.Close()
		part := make([]byte, 0, 1<<10)
		for i := range uint64(words) {
			part = binary.BigEndian.AppendUint64(part, i)
			if i == words/2 {
				close(half)
			}
			if len(part) == cap(part) || i == words-1 {
				if _, err := log.Write(part); err != nil {
					t.Error(err)
				}
				part = part[:0]
				if i%512 == 511 {
					time.Sleep(50 * time.Microsecond)
				}
			}
		}
	}()
	var read, gone int64
	var word []byte // of which the beginning is known
	buffer := make([]byte, 1000)
	ended, gaps := false, 0
	for {
		n, dropped, err := f.Next(buffer)
		if err != nil {
			t.Fatal(err)
		}
		if read == 0 && n > 0 {
			<-half // so that something is gone in any case
		}
		if dropped > 0 {
			read, gone, gaps, word = read+dropped, gone+dropped, gaps+1, nil
		}
		for _, b := range buffer[:n] {
			if read%8 == 0 || len(word) > 0 {
				word = append(word, b)
			}
			if read++; len(word) == 8 {
				if got := binary.BigEndian.Uint64(word); got != uint64(read/8-1) {
					t.Fatalf("word %d is %d", read/8-1, got)
				}
				word = nil
			}
		}
		if n == 0 {
			if ended {
				break
			}
			select {
			case <-written:
				ended = true
			default:
				time.Sleep(time.Microsecond)
			}
		}
	}
	if read != words*8 || gaps == 0 {
		t.Errorf("%d bytes were read or gone, in %d gaps, want %d", read, gaps, words*8)
	}
	t.Logf("%d of %d bytes were gone, in %d gaps", gone, read, gaps)
}
