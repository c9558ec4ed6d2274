package redact

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
	for s.read < len(data) {
		c := data[s.read]
		if s.sequence != outside {
			var takes bool
			if s.sequence, takes = s.sequence.after(c); takes {
				s.read++
			}
			continue
		}
		if n := plain(data[s.read:]); n > 0 {
			s.see(data, n)
			continue
		}
		switch {
		case c == escape:
			s.sequence = escaping
			s.read++
		case c != 0xc2:
			s.read++
		case s.read+1 == len(data) && !end:
			return
		case s.read+1 == len(data):
			s.see(data, 1)
		default:
			if data[s.read+1] == 0x9b { // the same as ESC [ to some terminals
				s.sequence = controlling
			}
			s.read += 2
		}
	}
}

func (s *seen) see(data []byte, n int) {
	s.parts = append(s.parts, part{len(s.text), s.read})
	s.text = append(s.text, data[s.read:s.read+n]...)
	s.read += n
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
