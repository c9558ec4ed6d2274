package testenv

import (
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

// Busy has somebody write files in place, by their paths and about how long
// they are, until the function that it gives is called.
func Busy(t testing.TB, files map[string]int) (stop func()) {
	var stopped atomic.Bool
	done := make(chan error)
	go func() { done <- writeBusily(&stopped, files) }()
	return func() {
		t.Helper()
		stopped.Store(true)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

func writeBusily(stopped *atomic.Bool, files map[string]int) error {
	for round := 0; !stopped.Load(); round++ {
		for name, length := range files {
			length += round % 7
			data := []byte(strings.Repeat(string(rune('a'+round%26)), length))
			f, err := os.OpenFile(name, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			for at := 0; at < len(data) && !stopped.Load(); at += 1000 {
				f.WriteAt(data[at:min(at+1000, len(data))], int64(at))
			}
			if round%5 == 0 {
				f.Truncate(int64(length))
			}
			f.Close()
		}
	}
	return nil
}
