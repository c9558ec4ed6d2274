package graph

import "slices"

// Remaining is, for each wanted node (all for nil), how long the longest path
// from its start to the end of the walk takes: its own duration and that of
// the longest chain of nodes that wait for it, one after the other. What has
// most of it left is what the end of all depends on.
func (g *Graph) Remaining(wanted map[string]bool, duration func(node string) float64) map[string]float64 {
	f := NewFrontier(g, wanted, nil)
	remaining := make([]float64, len(g.nodes))
	byNode := map[string]float64{}
	for _, node := range slices.Backward(g.Order()) {
		i := g.index[node]
		if !f.wanted[i] {
			continue
		}
		for _, user := range g.users[i] {
			if f.waits(user, i) {
				remaining[i] = max(remaining[i], remaining[user])
			}
		}
		remaining[i] += duration(node)
		byNode[node] = remaining[i]
	}
	return byNode
}
