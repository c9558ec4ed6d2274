package redact

import "slices"

// sequence is where in a control sequence a stream is.
type sequence uint8

const (
	outside      sequence = iota
	escaping              // behind ESC
	intermediate          // of a short one
	controlling           // in ESC [ …
	inString              // in a string such as a window title
)

const escape = 0x1b

// control are the bytes that are not seen, and 0xc2, which begins some that are
// not.
var control = func() (is [256]bool) {
	for c := range 0x20 {
		is[c] = c != '\t' && c != '\n' && c != '\r'
	}
	is[0x7f], is[0xc2] = true, true
	return is
}()

// visible counts each byte that is seen as one, the others as none.
var visible = func() (count [256]int) {
	for c, not := range control {
		if !not {
			count[c] = 1
		}
	}
	return count
}()

// plain is the length of what the data begins with and is seen as it is.
func plain(data []byte) int {
	for i := 0; i < len(data); i++ {
		if c := data[i]; control[c] && (c != 0xc2 || i+1 == len(data) || data[i+1]&0xe0 == 0x80) {
			return i
		}
	}
	return len(data)
}

// readOn takes the rest of the data, but for half a character at its end. What
// is no part of a control sequence is the same to it as to those who show it.
func (s *seen) readOn(data []byte, end bool) {
	s.text = slices.Grow(s.text, len(data)-s.read)
	s.places = slices.Grow(s.places, len(data)-s.read)
	for s.read < len(data) {
		if s.sequence != outside {
			var takes bool
			if s.sequence, takes = s.sequence.after(data[s.read]); takes {
				s.read++
			}
			continue
		}
		s.see(data)
		switch left := len(data) - s.read; {
		case left == 0:
		case data[s.read] == escape:
			s.sequence = escaping
			s.read++
		case left == 1 && !end:
			return
		case left == 1 || data[s.read+1]&0xe0 != 0x80: // 0xc2 as a part of something else
			s.text, s.places = append(s.text, 0xc2), append(s.places, int32(s.read))
			s.read++
		default:
			if data[s.read+1] == 0x9b { // the same as ESC [ to some terminals
				s.sequence = controlling
			}
			s.read += 2
		}
	}
}

// see takes what comes before the next ESC or 0xc2. Every byte is written, and
// the next one over it where it is not seen: of anything but text, nobody can
// guess which are.
func (s *seen) see(data []byte) {
	n, most := len(s.text), len(s.text)+len(data)-s.read
	text, places := s.text[:most], s.places[:most]
	for ; s.read < len(data); s.read++ {
		c := data[s.read]
		if c == escape || c == 0xc2 {
			break
		}
		text[n], places[n] = c, int32(s.read)
		n += visible[c]
	}
	s.text, s.places = text[:n], places[:n]
}

// after is where the stream is after one more byte, and whether that belongs to
// the sequence.
func (s sequence) after(c byte) (next sequence, takes bool) {
	switch s {
	case escaping:
		switch c {
		case '[':
			return controlling, true
		case ']', 'P', 'X', '^', '_':
			return inString, true
		}
		return intermediate.after(c)
	case intermediate:
		if c >= 0x20 && c <= 0x2f {
			return intermediate, true
		}
		return outside, c >= 0x30 && c <= 0x7e
	case controlling:
		if c >= 0x20 && c <= 0x3f {
			return controlling, true
		}
		return outside, c >= 0x40 && c <= 0x7e
	case inString:
		if c == escape || c == '\n' || c == '\r' { // ESC \ is a sequence by itself
			return outside, false
		}
		if c == 0x07 {
			return outside, true
		}
		return inString, true
	}
	return outside, false
}
