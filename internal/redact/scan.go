package redact

// scan is how far the search of a stream has come.
type scan struct {
	state  int32
	held   []byte    // what may be the beginning of a pattern, and is not passed on yet
	hidden []stretch // of what is held: it is hidden, whatever comes
	hiding bool      // what was last passed on is hidden: what is hidden next belongs to it
	buffer []byte
}

// stretch is a part of the data that is hidden.
type stretch struct{ from, to int }

// next takes the next bytes of the stream. What can be told of them is passed
// on: with show what is seen, and with hide once for each stretch that is not.
func (s *scan) next(m *matcher, data []byte, end bool, show func([]byte), hide func()) {
	held := len(s.held)
	if held > 0 {
		s.buffer = append(append(s.buffer[:0], s.held...), data...)
		data = s.buffer
	}
	hidden := s.hidden // in order, apart from each other
	s.state = m.run(data, s.state, held, func(end, length int) {
		found := stretch{max(0, end-length), end}
		for len(hidden) > 0 && hidden[len(hidden)-1].to >= found.from {
			found.from = min(found.from, hidden[len(hidden)-1].from)
			hidden = hidden[:len(hidden)-1]
		}
		hidden = append(hidden, found)
	})
	upTo := len(data)
	if !end {
		upTo = max(0, len(data)-int(m.states[s.state].depth))
	}
	shown := 0
	for len(hidden) > 0 && hidden[0].from <= upTo {
		s.show(data[shown:hidden[0].from], show)
		if !s.hiding {
			hide()
		}
		s.hiding, shown = true, hidden[0].to
		hidden = hidden[1:]
	}
	if shown < upTo {
		s.show(data[shown:upTo], show)
		shown = upTo
	}
	s.held, s.hidden = append(s.held[:0], data[shown:]...), nil
	for _, h := range hidden {
		s.hidden = append(s.hidden, stretch{h.from - shown, h.to - shown})
	}
}

func (s *scan) show(data []byte, show func([]byte)) {
	if len(data) > 0 {
		s.hiding = false
		show(data)
	}
}

// whole says whether all that the state stands for is held: nothing of it was
// hidden and is gone.
func (s *scan) whole(m *matcher) bool { return m == nil || int(m.states[s.state].depth) == len(s.held) }

// restart has what is held looked at once more, by another matcher.
func (s *scan) restart() (held []byte) {
	held = s.held
	s.state, s.held, s.hidden = 0, nil, nil
	return held
}
