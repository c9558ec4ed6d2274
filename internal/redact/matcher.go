package redact

import (
	"bytes"
	"slices"
)

// matcher finds the occurrences of many patterns in one pass: an Aho-Corasick
// automaton, and in front of it a table that steps over what cannot be the
// beginning of any pattern, as Wu and Manber do it.
//
// States are numbered in breadth-first order, so that the children of a state
// follow each other and need no table of their own. State 0 is the root.
type matcher struct {
	labels  []byte  // the byte that leads to each state
	states  []state // and one more, at which the children of the last would begin
	first   [256]int32
	longest int // pattern

	window int     // as many bytes as are looked at before the automaton begins
	shift  []uint8 // by the hash of three bytes that end a window: how far it can be moved
}

type state struct {
	children int32 // where they begin; those of the next state end them
	fail     int32 // the state of the longest proper suffix that is one
	depth    int32 // the length of what leads to it
	match    int32 // the length of the longest pattern that ends in it; 0 for none
}

// widest bounds the window: a wider one saves little.
const widest = 16

const shiftBits = 15

// hash is of the three bytes that end a window.
func hash(a, b, c byte) uint32 {
	return (uint32(a) | uint32(b)<<8 | uint32(c)<<16) * 2654435761 >> (32 - shiftBits)
}

// span is a range of the sorted patterns that begin with the same bytes.
type span struct{ from, to int }

// newMatcher is one for patterns of at least three bytes.
func newMatcher(patterns []string) *matcher {
	m := &matcher{window: widest}
	patterns = slices.Clone(patterns)
	slices.Sort(patterns)
	patterns = slices.Compact(patterns)
	for _, pattern := range patterns {
		m.longest, m.window = max(m.longest, len(pattern)), min(m.window, len(pattern))
	}
	m.build(patterns)
	m.link()
	m.fillShift(patterns)
	return m
}

// build makes the states, those of a depth after those of the one before.
func (m *matcher) build(patterns []string) {
	spans := []span{{0, len(patterns)}}
	m.labels, m.states = []byte{0}, []state{{}}
	for at := 0; at < len(spans); at++ {
		s, depth := spans[at], int(m.states[at].depth)
		m.states[at].children = int32(len(spans))
		if s.from < s.to && len(patterns[s.from]) == depth {
			m.states[at].match = int32(depth)
			s.from++
		}
		for s.from < s.to {
			label, to := patterns[s.from][depth], s.from+1
			for to < s.to && patterns[to][depth] == label {
				to++
			}
			if at == 0 {
				m.first[label] = int32(len(spans))
			}
			spans = append(spans, span{s.from, to})
			m.labels, m.states = append(m.labels, label), append(m.states, state{depth: int32(depth + 1)})
			s.from = to
		}
	}
	m.states = append(m.states, state{children: int32(len(spans))})
}

// link makes the links of failure, those of a depth after those of the one
// before.
func (m *matcher) link() {
	for parent := range m.labels {
		for child := m.states[parent].children; child < m.states[parent+1].children; child++ {
			s := &m.states[child]
			if parent != 0 {
				s.fail = m.step(m.states[parent].fail, m.labels[child])
			}
			if s.match == 0 {
				s.match = m.states[s.fail].match
			}
		}
	}
}

// step is the state after one more byte.
func (m *matcher) step(at int32, b byte) int32 {
	for at != 0 {
		from, to := m.states[at].children, m.states[at+1].children
		if from < to {
			if m.labels[from] == b { // most have no other
				return from
			}
			if i := bytes.IndexByte(m.labels[from+1:to], b); i >= 0 {
				return from + 1 + int32(i)
			}
		}
		at = m.states[at].fail
	}
	return m.first[b]
}

func (m *matcher) fillShift(patterns []string) {
	m.shift = make([]uint8, 1<<shiftBits)
	for i := range m.shift {
		m.shift[i] = uint8(max(1, m.window-2))
	}
	for _, pattern := range patterns {
		for end := 2; end < m.window; end++ {
			h := hash(pattern[end-2], pattern[end-1], pattern[end])
			m.shift[h] = min(m.shift[h], uint8(m.window-1-end))
		}
	}
}

// skip is the next place from at on at which a pattern may begin, or the first
// one where too little is left to tell.
func (m *matcher) skip(data []byte, at int) int {
	for at+m.window <= len(data) {
		end := data[at+m.window-3 : at+m.window : at+m.window]
		shift := m.shift[hash(end[0], end[1], end[2])]
		if shift == 0 {
			return at
		}
		at += int(shift)
	}
	return at
}

// found says whether a pattern is in the data.
func (m *matcher) found(data []byte) bool {
	found := false
	m.run(data, 0, 0, func(int, int) { found = true })
	return found
}

// worthSkipping is the greatest depth at which the automaton is left: little
// has to be looked at again.
const worthSkipping = 2

// run goes through data from the state that was reached before it, of which
// the last held bytes lie at its beginning, and tells each place at which a
// pattern ends with the length of the longest. It gives the state at the end.
func (m *matcher) run(data []byte, reached int32, held int, found func(end, length int)) int32 {
	if m.longest == 0 {
		return 0
	}
	at := held
	for at < len(data) {
		depth := int(m.states[reached].depth)
		if depth <= worthSkipping && depth <= at {
			at, reached, depth = m.skip(data, at-depth), 0, 0
		}
		// Once begun, the automaton goes on until the beginning of what it has
		// reached has moved on.
		for begin := at - depth; at < len(data); {
			reached = m.step(reached, data[at])
			at++
			s := &m.states[reached]
			if s.match > 0 {
				found(at, int(s.match))
			}
			if s.depth <= worthSkipping && at-int(s.depth) > begin {
				break
			}
		}
	}
	return reached
}
