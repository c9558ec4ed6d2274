package redact

import (
	"bytes"
	"slices"
)

// matcher finds the occurrences of many patterns in one pass: an Aho-Corasick
// automaton, and in front of it a table that steps over what cannot be the
// beginning of any pattern, as Wu and Manber do it.
//
// The children of a state follow each other, and those of the last of them come
// next: what leads to the end of a pattern lies together in memory. State 0 is
// the root.
type matcher struct {
	labels  []byte // the byte that leads to each state
	states  []state
	first   [256]int32
	longest int // pattern

	window int     // as many bytes as are looked at before the automaton begins
	shift  []uint8 // by the hash of three bytes that end a window: how far it can be moved
}

type state struct {
	child    int32  // the first
	fail     int32  // the state of the longest proper suffix that is one
	depth    int32  // the length of what leads to it
	match    int32  // the length of the longest pattern that ends in it; 0 for none
	children uint16 // how many
	label    byte   // of the first child
}

// widest bounds the window: a wider one saves little.
const widest = 16

const shiftBits = 15

// hash is of the three bytes that end a window.
func hash(a, b, c byte) uint32 {
	return (uint32(a) | uint32(b)<<8 | uint32(c)<<16) * 2654435761 >> (32 - shiftBits)
}

// span are the sorted patterns that begin with what leads to a state.
type span struct {
	state    int32
	from, to int
}

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

// build makes the states.
func (m *matcher) build(patterns []string) {
	m.labels, m.states = []byte{0}, []state{{}}
	for open := []span{{0, 0, len(patterns)}}; len(open) > 0; {
		s := open[len(open)-1]
		open = open[:len(open)-1]
		depth, child := m.states[s.state].depth, int32(len(m.states))
		if s.from < s.to && len(patterns[s.from]) == int(depth) {
			m.states[s.state].match = depth
			s.from++
		}
		for s.from < s.to {
			label, to := patterns[s.from][depth], s.from+1
			for to < s.to && patterns[to][depth] == label {
				to++
			}
			if s.state == 0 {
				m.first[label] = int32(len(m.states))
			}
			open = append(open, span{int32(len(m.states)), s.from, to})
			m.labels, m.states = append(m.labels, label), append(m.states, state{depth: depth + 1})
			s.from = to
		}
		if count := len(m.states) - int(child); count > 0 {
			is := &m.states[s.state]
			is.child, is.children, is.label = child, uint16(count), m.labels[child]
		}
	}
}

// link makes the links of failure, those of a depth after those of the one
// before.
func (m *matcher) link() {
	order := make([]int32, 1, len(m.states))
	for at := 0; at < len(order); at++ {
		parent := &m.states[order[at]]
		for child := parent.child; child < parent.child+int32(parent.children); child++ {
			s := &m.states[child]
			if order[at] != 0 {
				s.fail = m.step(parent.fail, m.labels[child])
			}
			if s.match == 0 {
				s.match = m.states[s.fail].match
			}
			order = append(order, child)
		}
	}
}

// step is the state after one more byte.
func (m *matcher) step(at int32, b byte) int32 {
	for at != 0 {
		s := &m.states[at]
		if s.children > 0 && s.label == b { // most have no other
			return s.child
		}
		if s.children > 1 {
			if i := bytes.IndexByte(m.labels[s.child+1:s.child+int32(s.children)], b); i >= 0 {
				return s.child + 1 + int32(i)
			}
		}
		at = s.fail
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
			s := &m.states[reached]
			if s.label == data[at] && s.children > 0 { // as step does, for nearly all
				reached = s.child
			} else {
				reached = m.step(reached, data[at])
			}
			at++
			s = &m.states[reached]
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
