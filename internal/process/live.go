package process

import (
	"bytes"
	"io"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/flowrider/flowrider/internal/fault"
	"github.com/flowrider/flowrider/internal/redact"
)

const (
	// livePause is how long a watcher is left alone after it was told something.
	livePause = 100 * time.Millisecond
	// liveMost is how much it is told at once, in bytes: a screen or two.
	liveMost = 4 << 10
)

// Live tells a watcher what is written to it, fit to be shown: at most about
// ten times a second, and the newest where more comes than can be shown. What
// is left out is counted. Sensitive values are hidden also where they are whole
// only in what is shown. Writing never waits for the watcher.
type Live struct {
	tell  func(text string, dropped int64)
	hide  *redact.Writer // into shown
	shown bytes.Buffer
	news  chan struct{}
	end   chan struct{} // closed by Close
	told  chan struct{} // closed when all has been told

	mu      sync.Mutex
	pending []byte
	dropped int64 // bytes left out before the pending ones
}

// NewLive begins to tell what is written. Whoever calls it calls Close.
func NewLive(secrets *redact.Secrets, tell func(text string, dropped int64)) *Live {
	l := &Live{tell: tell, news: make(chan struct{}, 1), end: make(chan struct{}), told: make(chan struct{})}
	l.hide = secrets.Writer(&l.shown)
	fault.Go(l.run)
	return l
}

// Write takes the next bytes. It never fails.
func (l *Live) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending = append(l.pending, data[max(0, len(data)-liveMost):]...)
	l.dropped += int64(max(0, len(data)-liveMost))
	if surplus := len(l.pending) - liveMost; surplus > 0 {
		// What is left begins with a line, if there is one.
		if line := bytes.IndexByte(l.pending[surplus:], '\n'); line >= 0 && surplus+line+1 < len(l.pending) {
			surplus += line + 1
		}
		l.pending = append(l.pending[:0], l.pending[surplus:]...)
		l.dropped += int64(surplus)
	}
	select {
	case l.news <- struct{}{}:
	default:
	}
	return len(data), nil
}

// Close tells the rest. When it returns, the watcher is told nothing more.
func (l *Live) Close() error {
	close(l.end)
	<-l.told
	return nil
}

func (l *Live) run() {
	defer close(l.told)
	for ended := false; !ended; {
		select {
		case <-l.news:
		case <-l.end:
			ended = true
		}
		if text, dropped := l.take(ended); text != "" || dropped > 0 {
			l.tell(text, dropped)
		}
		if !ended {
			select {
			case <-time.After(livePause):
			case <-l.end:
			}
		}
	}
}

// take is what can be told now. A sequence or a character of which the end is
// still to come waits for it.
func (l *Live) take(ended bool) (text string, dropped int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	upTo := len(l.pending)
	if !ended {
		upTo = finished(l.pending)
	}
	_, _ = io.WriteString(l.hide, Clean(string(l.pending[:upTo]))) // a buffer takes everything
	if ended {
		l.hide.Close()
	}
	text = l.shown.String()
	l.shown.Reset()
	l.pending = append(l.pending[:0], l.pending[upTo:]...)
	dropped, l.dropped = l.dropped, 0
	return text, dropped
}

// longestSequence is how long the end of a control sequence is waited for.
const longestSequence = 256

// finished is the length of a text without what its last bytes begin: a
// control sequence, a character, the end of a line.
func finished(text []byte) int {
	from := max(0, len(text)-longestSequence)
	if at := bytes.LastIndexByte(text[from:], escape); at >= 0 && from+at+sequence(string(text[from+at:])) == len(text) {
		return from + at // also where it is complete: nothing of it is shown
	}
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if at := len(text) - back; utf8.RuneStart(text[at]) {
			if !utf8.FullRune(text[at:]) {
				return at
			}
			break
		}
	}
	if n := len(text); n > 0 && text[n-1] == '\r' {
		return n - 1
	}
	return len(text)
}
