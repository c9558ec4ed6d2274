package graph

// Frontier walks a graph as its nodes get done: what is ready is what needs
// nothing that is still to be done.
type Frontier struct {
	graph   *Graph
	missing []int
	wanted  []bool
	left    int
	ready   *heap[int]
	remains []float64
}

// NewFrontier walks the given nodes of g, or all of them for nil. What a
// wanted node needs must be wanted too; what it only comes after need not. Of
// the nodes that are ready those are given first that have most remaining, which
// may be nil.
func NewFrontier(g *Graph, wanted map[string]bool, remaining map[string]float64) *Frontier {
	f := &Frontier{graph: g, missing: make([]int, len(g.nodes)), wanted: make([]bool, len(g.nodes)), remains: make([]float64, len(g.nodes))}
	for i, node := range g.nodes {
		f.remains[i] = remaining[node]
	}
	f.ready = &heap[int]{before: func(a, b int) bool {
		return f.remains[a] > f.remains[b] || f.remains[a] == f.remains[b] && a < b
	}}
	for i, node := range g.nodes {
		f.wanted[i] = wanted == nil || wanted[node]
	}
	for i := range g.nodes {
		if !f.wanted[i] {
			continue
		}
		f.left++
		for _, need := range g.needs[i] {
			if f.waits(i, need) {
				f.missing[i]++
			} else if g.edges[[2]int{i, need}] == needEdge {
				panic("graph: " + g.nodes[i] + " is wanted without " + g.nodes[need])
			}
		}
		if f.missing[i] == 0 {
			f.ready.push(i)
		}
	}
	return f
}

// waits says whether a node is ready only when another one is done.
func (f *Frontier) waits(node, other int) bool {
	return f.wanted[node] && f.wanted[other] && f.graph.edges[[2]int{node, other}] > orderEdge
}

// Next takes the ready node that has most remaining, of equals the one that was
// added first; ok is false if none is ready now.
func (f *Frontier) Next() (node string, ok bool) {
	if f.ready.len() == 0 {
		return "", false
	}
	return f.graph.nodes[f.ready.pop()], true
}

// Most is the most remaining of what is ready; 0 if nothing is.
func (f *Frontier) Most() float64 {
	if f.ready.len() == 0 {
		return 0
	}
	return f.remains[f.ready.items[0]]
}

// Done says that a node that Next gave is done, which may make others ready.
func (f *Frontier) Done(node string) {
	i := f.graph.index[node]
	f.left--
	for _, user := range f.graph.users[i] {
		if !f.waits(user, i) {
			continue
		}
		if f.missing[user]--; f.missing[user] == 0 {
			f.ready.push(user)
		}
	}
}

// Finished says whether every wanted node is done.
func (f *Frontier) Finished() bool { return f.left == 0 }
