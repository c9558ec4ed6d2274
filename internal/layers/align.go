package layers

// unit is one unit of a picture's height in the integers of align.
const unit = 64

// rounds is how often the columns are aligned with those beside them.
const rounds = 16

// align gives each vertex its height: as near to the mean of those that it is
// joined with as the order of its column and the gaps allow. From the left and
// from the right in turn, and at last by both.
func (n *net) align() {
	for _, list := range n.layers {
		offsets := n.offsets(list)
		for i, v := range list {
			n.vertices[v].y = offsets[i] - offsets[len(list)-1]/2
		}
	}
	for round := range rounds {
		for layer := range n.layers {
			n.alignLayer(layer, true, round >= rounds-4)
		}
		for layer := len(n.layers) - 1; layer >= 0; layer-- {
			n.alignLayer(layer, round >= rounds-4, true)
		}
	}
}

// offsets are the least distances of a column's vertices from its first.
func (n *net) offsets(list []int) []int {
	offsets := make([]int, len(list))
	for i := 1; i < len(list); i++ {
		above, below := &n.vertices[list[i-1]], &n.vertices[list[i]]
		gap := n.gaps.Row
		if above.box < 0 || below.box < 0 {
			gap = n.gaps.Line
		}
		offsets[i] = offsets[i-1] + (above.height+below.height+2*gap)*unit/2
	}
	return offsets
}

// weight is how much it matters that a line is level: most where it passes
// through columns, for a bend there is seen at once.
func (n *net) weight(a, b int) int {
	switch {
	case n.vertices[a].box < 0 && n.vertices[b].box < 0:
		return 8
	case n.vertices[a].box < 0 || n.vertices[b].box < 0:
		return 2
	}
	return 1
}

// alignLayer moves the vertices of one column to where the squares of the
// distances from what each would like are least: regression in a given order,
// by joining neighbours that would overlap.
func (n *net) alignLayer(layer int, byLeft, byRight bool) {
	list := n.layers[layer]
	offsets := n.offsets(list)
	type run struct{ sum, weight, count int }
	mean := func(r run) int { return floor(2*r.sum+r.weight, 2*r.weight) }
	var runs []run
	for i, v := range list {
		sum, weight := n.pull(v, byLeft, byRight)
		runs = append(runs, run{sum - offsets[i]*weight, weight, 1})
		for k := len(runs) - 1; k > 0 && mean(runs[k-1]) > mean(runs[k]); k-- {
			last := runs[k]
			runs[k-1].sum += last.sum
			runs[k-1].weight += last.weight
			runs[k-1].count += last.count
			runs = runs[:k]
		}
	}
	i := 0
	for _, r := range runs {
		for range r.count {
			n.vertices[list[i]].y = mean(r) + offsets[i]
			i++
		}
	}
}

// pull is where a vertex would like to be, times a weight, and the weight.
func (n *net) pull(v int, byLeft, byRight bool) (sum, weight int) {
	if byLeft {
		for _, other := range n.vertices[v].left {
			sum += n.vertices[other].y * n.weight(v, other)
			weight += n.weight(v, other)
		}
	}
	if byRight {
		for _, other := range n.vertices[v].right {
			sum += n.vertices[other].y * n.weight(v, other)
			weight += n.weight(v, other)
		}
	}
	if weight == 0 {
		return n.vertices[v].y, 1
	}
	return sum, weight
}

// floor is a/b rounded down, where b is above 0.
func floor(a, b int) int {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

// top is the upper edge of the highest vertex, in units.
func (n *net) top() int {
	top, first := 0, true
	for _, list := range n.layers {
		v := n.vertices[list[0]]
		if edge := v.y - v.height*unit/2; first || edge < top {
			top, first = edge, false
		}
	}
	return top
}
