package layers

import (
	"cmp"
	"slices"
)

// sweeps is how often the columns are put in order from each side. More changes
// little.
const sweeps = 12

// order puts each column in an order with few crossings: from the left and from
// the right in turn, each vertex goes to the middle of those that it is joined
// with, and the best of all orders that were seen is kept.
func (n *net) order() {
	at := make([]int, len(n.vertices))
	for _, list := range n.layers {
		place(list, at)
	}
	best, fewest := n.copyLayers(), n.crossings(at)
	for sweep := 0; sweep < 2*sweeps && fewest > 0; sweep++ {
		for i := range n.layers {
			layer, beside := i, func(v *vertex) []int { return v.left }
			if sweep%2 == 1 {
				layer, beside = len(n.layers)-1-i, func(v *vertex) []int { return v.right }
			}
			n.sortLayer(n.layers[layer], at, beside)
		}
		if crossings := n.crossings(at); crossings < fewest {
			best, fewest = n.copyLayers(), crossings
		}
	}
	n.layers = best
}

// place writes down where the vertices of a column stand.
func place(list []int, at []int) {
	for i, v := range list {
		at[v] = i
	}
}

func (n *net) copyLayers() [][]int {
	var out [][]int
	for _, list := range n.layers {
		out = append(out, slices.Clone(list))
	}
	return out
}

// sortLayer sorts one column by the mean places of the vertices beside it. What
// has none there stays where it is among the others.
func (n *net) sortLayer(list []int, at []int, beside func(*vertex) []int) {
	type key struct{ sum, count int }
	keys := map[int]key{}
	for _, v := range list {
		k := key{at[v], 1}
		if near := beside(&n.vertices[v]); len(near) > 0 {
			k = key{0, len(near)}
			for _, other := range near {
				k.sum += at[other]
			}
		}
		keys[v] = k
	}
	slices.SortStableFunc(list, func(a, b int) int {
		return cmp.Compare(keys[a].sum*keys[b].count, keys[b].sum*keys[a].count)
	})
	place(list, at)
}

// crossings counts the crossings between neighbouring columns.
func (n *net) crossings(at []int) int {
	total := 0
	for _, list := range n.layers {
		widest := 0
		var ends []int // of all lines to the right, from above
		for _, v := range list {
			right := slices.Clone(n.vertices[v].right)
			for i, other := range right {
				right[i] = at[other]
				widest = max(widest, at[other]+1)
			}
			slices.Sort(right)
			ends = append(ends, right...)
		}
		total += inversions(ends, widest)
	}
	return total
}

// inversions counts the pairs that stand in the wrong order, with a Fenwick
// tree of the numbers below most that were seen.
func inversions(list []int, most int) int {
	tree := make([]int, most+1)
	total := 0
	for seen, number := range list {
		notAbove := 0
		for i := number + 1; i > 0; i -= i & -i {
			notAbove += tree[i]
		}
		total += seen - notAbove
		for i := number + 1; i <= most; i += i & -i {
			tree[i]++
		}
	}
	return total
}
