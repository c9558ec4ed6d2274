package redact

// scan is how far the search of a stream has come.
type scan struct {
	state  int32
	held   []byte    // what may be the beginning of a pattern, and is not passed on yet
	hidden []stretch // of what is held: it is hidden, whatever comes
	hiding bool      // what was last passed on is hidden: what is hidden next belongs to it
	again  bool      // what is held has not been looked at yet by this matcher
	buffer []byte

	split bool // what is held is not what is seen of it
	seen  seen // then
}

// stretch is a part of the data that is hidden.
type stretch struct{ from, to int }

// next takes the next bytes of the stream. What can be told of them is passed
// on: with show what is seen, and with hide once for each stretch that is not.
func (s *scan) next(m *matcher, data []byte, end bool, show func([]byte), hide func()) {
	if held := len(s.held); held > 0 {
		s.buffer = append(append(s.buffer[:0], s.held...), data...)
		data = s.buffer
	}
	hidden, upTo := s.search(m, data, end)
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
	if s.split {
		s.seen.pass(m, shown)
		s.split = s.state != s.seen.state || s.seen.sequence != outside || len(s.seen.text) != len(s.held)
	}
}

// search finds what is hidden in the data, which begins with what is held, and
// how much of it can be passed on.
func (s *scan) search(m *matcher, data []byte, end bool) (hidden []stretch, upTo int) {
	if m.longest == 0 {
		return nil, len(data)
	}
	known := len(s.held)
	if !s.split && known+plain(data[known:]) < len(data) {
		s.split = true
		s.seen.begin(data[:known], s.state)
	}
	knownSeen := len(s.seen.text)
	if s.again {
		s.again, known, knownSeen = false, 0, 0
	}
	hidden = s.hidden // in order, apart from each other
	s.state = m.run(data, s.state, known, func(end, length int) { hidden = add(hidden, stretch{max(0, end-length), end}) })
	upTo = len(data) - int(m.states[s.state].depth)
	if s.split {
		hidden = merge(hidden, s.seen.next(m, data, knownSeen, end))
		upTo = max(min(upTo, s.seen.upTo(m)), len(data)-m.longest-longestSplit)
	}
	if end {
		upTo = len(data)
	}
	return hidden, max(0, upTo)
}

// add takes one more stretch, which ends behind all others.
func add(list []stretch, s stretch) []stretch {
	for len(list) > 0 && list[len(list)-1].to >= s.from {
		s.from = min(s.from, list[len(list)-1].from)
		list = list[:len(list)-1]
	}
	return append(list, s)
}

func (s *scan) show(data []byte, show func([]byte)) {
	if len(data) > 0 {
		s.hiding = false
		show(data)
	}
}

// whole says whether all that the states stand for is held: nothing of it was
// hidden and is gone.
func (s *scan) whole(m *matcher) bool {
	return m == nil || int(m.states[s.state].depth) <= len(s.held) && (!s.split || int(m.states[s.seen.state].depth) <= len(s.seen.text))
}

// restart has what is held looked at once more, by another matcher.
func (s *scan) restart() { s.state, s.seen.state, s.hidden, s.again = 0, 0, nil, true }
