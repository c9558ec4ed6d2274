package graph

// Cycle is one cycle as a closed path, a needs b needs … needs a again, or
// nil if there is none. It begins at the node of the cycle that was added
// first, and the walk is not recursive: depth is bounded by memory, not by
// the stack.
func (g *Graph) Cycle() []string {
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
				return g.closedPath(path, need)
			case unseen:
				state[need] = open
				path, next = append(path, need), append(next, 0)
			}
		}
	}
	return nil
}

// closedPath cuts the way into the cycle off and turns the rest so that it
// begins at the node added first.
func (g *Graph) closedPath(path []int, entry int) []string {
	start := 0
	for path[start] != entry {
		start++
	}
	ring := path[start:]
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
