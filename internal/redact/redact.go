// Package redact hides sensitive values in all that a program prints or
// writes: the values themselves and the forms in which they are usually seen
// (base64, hex, as part of a URL, of JSON, of a shell's line).
//
// Secrets is the entry point: it is told every sensitive value as soon as it is
// known, and hides them in texts and in streams. It does not know where values
// come from or which are sensitive (engine/eval), nor what is read or written
// (internal/process).
package redact

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// Mark stands for each stretch of a text that was hidden.
const Mark = "(sensitive value)"

// MinLength is how many characters a sensitive value has at least.
const MinLength = 6

// Secrets are the sensitive values known so far. The zero Secrets knows none,
// and so does a nil one. Its methods may be called from several goroutines.
type Secrets struct {
	mu      sync.Mutex
	known   map[string]bool
	matcher atomic.Pointer[matcher] // of all that are known; nil while it has to be made
}

// TooShort is the error of a sensitive value that cannot be hidden.
type TooShort struct{}

func (TooShort) Error() string {
	return fmt.Sprintf("it has fewer than %d characters, and so short a value cannot be hidden where it is printed", MinLength)
}

// Check is the error of a value that is too short to be hidden: hiding it would
// hide much that is none. An empty one hides nothing.
func Check(value string) error {
	if value != "" && utf8.RuneCountInString(value) < MinLength {
		return TooShort{}
	}
	return nil
}

// Add tells a sensitive value. One that is too short is not hidden, and that
// is the error; an empty one hides nothing.
func (s *Secrets) Add(value string) error {
	if err := Check(value); err != nil || value == "" || s == nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known[value] {
		return nil
	}
	if s.known == nil {
		s.known = map[string]bool{}
	}
	s.known[value] = true
	s.matcher.Store(nil)
	return nil
}

// nothing hides nothing.
var nothing = newMatcher(nil)

// now is the matcher of all that is known.
func (s *Secrets) now() *matcher {
	if s == nil {
		return nothing
	}
	if m := s.matcher.Load(); m != nil {
		return m
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.matcher.Load(); m != nil {
		return m
	}
	var all []string
	for value := range s.known {
		all = append(all, forms(value)...)
	}
	m := newMatcher(all)
	s.matcher.Store(m)
	return m
}

// Text is a text with all sensitive values hidden.
func (s *Secrets) Text(text string) string {
	var hidden buffer
	if s.Writer(&hidden).all(text) {
		return string(hidden)
	}
	return text
}

// In says whether a text has a sensitive value in it.
func (s *Secrets) In(text string) bool { return s.Writer(io.Discard).all(text) }

type buffer []byte

func (b *buffer) Write(data []byte) (int, error) {
	*b = append(*b, data...)
	return len(data), nil
}

// Writer hides the sensitive values in all that is written to it, in whatever
// pieces and with whatever control sequences within them, before it passes it
// on. It holds back no more than what may be the beginning of one. Close passes
// on what it has held back; it does not close what it writes to. Values that
// become known meanwhile are hidden too.
type Writer struct {
	secrets *Secrets
	to      io.Writer
	matcher *matcher
	scan    scan
	found   bool
	err     error
}

// Writer hides sensitive values in one stream. Streams must not share one.
func (s *Secrets) Writer(to io.Writer) *Writer { return &Writer{secrets: s, to: to} }

// Write takes the next bytes. Its error is that of the writer it passes them
// on to, at once or later.
func (w *Writer) Write(data []byte) (int, error) {
	if m := w.secrets.now(); m != w.matcher && w.scan.whole(w.matcher) {
		w.matcher = m
		w.scan.restart()
	}
	for part := range slices.Chunk(data, mostAtOnce) {
		w.pass(part, false)
	}
	if w.err != nil {
		return 0, w.err
	}
	return len(data), nil
}

// mostAtOnce is how many bytes are looked at before they are passed on: they
// are read from memory several times.
const mostAtOnce = 64 << 10

// Close passes on what was held back: the stream has ended.
func (w *Writer) Close() error {
	if w.matcher != nil {
		w.pass(nil, true)
	}
	return w.err
}

// all takes a text as the whole stream, if there is something to hide in it.
func (w *Writer) all(text string) (found bool) {
	data := []byte(text)
	if m := w.secrets.now(); m.longest == 0 || plain(data) == len(data) && !m.found(data) {
		return false
	}
	w.Write(data) // it is written to what takes everything
	w.Close()
	return w.found
}

// Found says whether anything was hidden.
func (w *Writer) Found() bool { return w.found }

func (w *Writer) pass(data []byte, end bool) {
	write := func(part []byte) {
		if w.err == nil {
			_, w.err = w.to.Write(part)
		}
	}
	w.scan.next(w.matcher, data, end, write, func() {
		w.found = true
		write([]byte(Mark))
	})
}
