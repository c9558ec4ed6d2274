package process

import (
	"bytes"
	"io"
)

// Shown passes on what is written to it as Clean makes it, in whatever pieces
// it comes. For the log of a CI job, which obeys lines, it passes on whole lines
// and makes them inert. Close passes on the rest.
type Shown struct {
	To io.Writer
	CI bool

	cleaner cleaner
	rest    []byte
}

// Write takes the next bytes. Its error is that of the writer they go to.
func (s *Shown) Write(data []byte) (int, error) {
	s.rest = append(s.rest, data...)
	if s.CI && len(s.rest) < 2*longestLine {
		line := bytes.LastIndexByte(data, '\n')
		if line < 0 {
			return len(data), nil
		}
		return len(data), s.pass(len(s.rest) - len(data) + line + 1)
	}
	return len(data), s.pass(finished(s.rest))
}

// Close passes on what waits for its end.
func (s *Shown) Close() error { return s.pass(len(s.rest)) }

func (s *Shown) pass(upTo int) error {
	text := s.cleaner.clean(string(s.rest[:upTo]))
	s.rest = append(s.rest[:0], s.rest[upTo:]...)
	if s.CI {
		text = Inert(text)
	}
	if text == "" {
		return nil
	}
	_, err := io.WriteString(s.To, text)
	return err
}
