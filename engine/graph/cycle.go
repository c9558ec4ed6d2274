package graph

import "slices"

// Cycles are cycles as closed paths, a needs b needs … needs a again; nil if
// there are none. Of those that share a node, one is found. Each begins at the
// node of the cycle that was added first, and the walk is not recursive: depth
// is bounded by memory, not by the stack.
func (g *Graph) Cycles() (cycles [][]string) {
	const (
		unseen = iota
		open
		closed
	)
	state := make([]int, len(g.nodes))
	for root := range g.nodes {
		if state[root] != unseen {
			continue
		}
		path, next := []int{root}, []int{0}
		state[root] = open
		for len(path) > 0 {
			top := len(path) - 1
			node := path[top]
			if next[top] == len(g.needs[node]) {
				state[node] = closed
				path, next = path[:top], next[:top]
				continue
			}
			need := g.needs[node][next[top]]
			next[top]++
			switch state[need] {
			case open:
				start := slices.Index(path, need)
				cycles = append(cycles, g.closedPath(path[start:]))
				for _, node := range path[start:] {
					state[node] = closed
				}
				path, next = path[:start], next[:start]
			case unseen:
				state[need] = open
				path, next = append(path, need), append(next, 0)
			}
		}
	}
	return cycles
}

// closedPath turns a ring so that it begins at the node added first.
func (g *Graph) closedPath(ring []int) []string {
	first := 0
	for i := range ring {
		if ring[i] < ring[first] {
			first = i
		}
	}
	names := make([]string, 0, len(ring)+1)
	for i := range ring {
		names = append(names, g.nodes[ring[(first+i)%len(ring)]])
	}
	return append(names, names[0])
}
