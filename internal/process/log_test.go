package process

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whatever the sizes of the writes, a closed log is the first and the last
// bytes with the count of the others between them; or everything, where the
// line would not save anything.
func TestLogKeepsBothEnds(t *testing.T) {
	t.Parallel()
	const keep = 100
	random := rand.New(rand.NewPCG(1, 2))
	path := filepath.Join(t.TempDir(), "logs", "log")
	for size := 0; size < 1500; size += 1 + random.IntN(7) {
		log, err := createLog(path, keep)
		if err != nil {
			t.Fatal(err)
		}
		text := make([]byte, size)
		for i := range text {
			text[i] = byte('a' + i%26)
		}
		for rest := text; len(rest) > 0; {
			n := 1 + random.IntN(min(len(rest), 1+random.IntN(400)))
			if wrote, err := log.Write(rest[:n]); wrote != n || err != nil {
				t.Fatalf("wrote %d of %d: %v", wrote, n, err)
			}
			rest = rest[n:]
			if disk, _ := os.ReadFile(path); len(disk) > 3*keep+int(gapLength) {
				t.Fatalf("%d bytes are on disk", len(disk))
			}
		}
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		want := string(text)
		if dropped := size - 2*keep; dropped > int(gapLength) {
			want = want[:keep] + fmt.Sprintf("\n--- flowrider left out %20d bytes here ---\n", dropped) + want[size-keep:]
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Fatalf("log of %d bytes (-want +got):\n%s", size, diff)
		}
	}
}

func TestLogTail(t *testing.T) {
	t.Parallel()
	log, err := CreateLog(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	if tail := log.Tail(3); tail != "" {
		t.Errorf("an empty log ends in %q", tail)
	}
	long := strings.Repeat("x", 150<<10)
	fmt.Fprintf(log, "one\ntwo\n%s\nfour\nfive", long)
	for n, want := range []string{"", "five", "four\nfive", long + "\nfour\nfive", "two\n" + long + "\nfour\nfive"} {
		if diff := cmp.Diff(want, log.Tail(n)); diff != "" {
			t.Errorf("last %d lines (-want +got):\n%s", n, diff)
		}
	}
	fmt.Fprintln(log)
	if diff := cmp.Diff("five\n", log.Tail(1)); diff != "" {
		t.Errorf("last line (-want +got):\n%s", diff)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("one\ntwo\n"+long+"\nfour\nfive\n", log.Tail(100)); diff != "" {
		t.Errorf("all lines, after Close (-want +got):\n%s", diff)
	}
	if _, err := log.Write([]byte("late")); err == nil {
		t.Error("a closed log takes more")
	}
}

func TestLogTailIsBounded(t *testing.T) {
	t.Parallel()
	log, err := CreateLog(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	log.Write(bytes.Repeat([]byte("x"), 3<<20))
	if n := len(log.Tail(1)); n != longestTail {
		t.Errorf("the last line has %d bytes", n)
	}
}
