package process

import (
	"fmt"
	"io"
	"os"
	"time"
)

// Follower reads a log from its beginning, also while it is written and its
// second part is moved.
type Follower struct {
	file *os.File
	keep int64
	at   int64 // bytes of what was printed that have been read or are gone
}

// Follow opens a log to read it.
func Follow(path string) (*Follower, error) { return followLog(path, keep) }

func followLog(path string, keep int64) (*Follower, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return &Follower{file: file, keep: keep}, nil
}

// Next reads on. n is 0 at the end of what is there now, where more may come.
// dropped is how many bytes before these nobody can read any more.
func (f *Follower) Next(buffer []byte) (n int, dropped int64, err error) {
	for {
		before, err := f.gone()
		if err != nil {
			return 0, 0, err
		}
		at, skipped := f.at, int64(0)
		if before > 0 && at >= f.keep {
			skipped = max(0, f.keep+before-at)
			at += skipped
		}
		offset, most := at, int64(len(buffer))
		if at < f.keep {
			most = min(most, f.keep-at) // what follows may be the line
		} else if before > 0 {
			offset += gapLength - before
		}
		n, err := f.file.ReadAt(buffer[:most], offset)
		if err != nil && err != io.EOF {
			return 0, 0, err
		}
		if after, err := f.gone(); err != nil {
			return 0, 0, err
		} else if after != before {
			continue // it was moved meanwhile
		}
		f.at = at + int64(n)
		return n, skipped, nil
	}
}

// gone is how many bytes between the two parts were left out so far. While the
// second part is moved it waits. A log whose writer was killed then is taken as
// it is.
func (f *Follower) gone() (int64, error) {
	line := make([]byte, gapLength)
	for try := 0; ; try++ {
		n, err := f.file.ReadAt(line, f.keep)
		if err != nil && err != io.EOF {
			return 0, err
		}
		var left int64
		var word string
		if _, err := fmt.Sscanf(string(line[:n]), "\n--- flowrider left out %d bytes %s ---\n", &left, &word); err != nil {
			return 0, nil
		}
		if string(line) != gap(left, true) || try == movingTries {
			return left, nil
		}
		time.Sleep(time.Millisecond)
	}
}

// movingTries is how many milliseconds a move may take.
const movingTries = 2000

// Close closes the log.
func (f *Follower) Close() error { return f.file.Close() }
