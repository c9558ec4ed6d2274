package redact

import (
	"cmp"
	"slices"
)

// seen is what a stream looks like where it is shown: without control sequences
// and control characters, which may stand within a value (grep --color sets
// them around a part of it). What is found in it is hidden with them, since
// whoever shows the stream takes them out (internal/process).
type seen struct {
	text     []byte  // of the data, what is seen
	places   []int32 // where each byte of it lies in the data
	state    int32   // of the matcher, after the text
	sequence sequence
	read     int // how much of the data has been looked at
}

// longestSplit is how many bytes of control sequences within a value are waited
// for; of a value with more, only the end is hidden.
const longestSplit = 64 << 10

// begin makes it the same as the data, in which there is no control character.
func (s *seen) begin(data []byte, state int32) {
	s.text, s.places = append(s.text[:0], data...), s.places[:0]
	for i := range data {
		s.places = append(s.places, int32(i))
	}
	s.state, s.sequence, s.read = state, outside, len(data)
}

// next finds the patterns in the text, of which the first bytes are known to
// the matcher already, and the rest of the data.
func (s *seen) next(m *matcher, data []byte, known int, end bool) (found []stretch) {
	s.readOn(data, end)
	s.state = m.run(s.text, s.state, known, func(end, length int) {
		from := 0 // what is in front of it belongs to the value as well
		if length <= end {
			from = s.at(end - length)
		}
		found = append(found, stretch{from, s.at(end-1) + 1})
	})
	return found
}

// at is where a byte of the text lies in the data.
func (s *seen) at(i int) int { return int(s.places[i]) }

// upTo is the length of the data that can be passed on: without what may begin a
// pattern in the text.
func (s *seen) upTo(m *matcher) int {
	depth := int(m.states[s.state].depth)
	switch {
	case depth == 0:
		return s.read
	case depth > len(s.text):
		return 0
	}
	return min(s.read, s.at(len(s.text)-depth))
}

// pass drops what belongs to the first bytes of the data, and what is in no
// pattern that has begun.
func (s *seen) pass(m *matcher, shown int) {
	first := max(0, len(s.text)-int(m.states[s.state].depth))
	for first < len(s.text) && s.at(first) < shown {
		first++
	}
	s.text, s.places, s.read = append(s.text[:0], s.text[first:]...), append(s.places[:0], s.places[first:]...), s.read-shown
	for i := range s.places {
		s.places[i] -= int32(shown)
	}
}

// merge is two lists of stretches as one: in order, and apart from each other.
func merge(a, b []stretch) (all []stretch) {
	if len(b) == 0 {
		return a
	}
	for _, s := range slices.SortedFunc(slices.Values(slices.Concat(a, b)), func(a, b stretch) int { return cmp.Compare(a.from, b.from) }) {
		if last := len(all) - 1; last >= 0 && all[last].to >= s.from {
			all[last].to = max(all[last].to, s.to)
		} else {
			all = append(all, s)
		}
	}
	return all
}

// seenOf is a text without what is not seen of it.
func seenOf(text string) string {
	if plain([]byte(text)) == len(text) {
		return text
	}
	s := &seen{}
	s.readOn([]byte(text), true)
	return string(s.text)
}
