// Package layers lays out a picture of what needs what: boxes in columns, each
// to the right of all that it needs, with few crossings and lines that run
// through no box (the method of Sugiyama).
//
// Place is the entry point. All of it is integers, so that a picture is the same
// on every machine. The package does not know what a flow is, and draws nothing:
// cmd/flowrider makes the SVG.
package layers

// Box is one thing of a picture.
type Box struct {
	Width, Height int
	Needs         []int // indexes of boxes that stand before this one in the list
}

// Point is a place in a picture, from its left upper corner.
type Point struct{ X, Y int }

// Placed is where a box has come to lie. All boxes of a column are as wide as
// the widest.
type Placed struct {
	At            Point // left upper corner
	Width, Height int
	Lines         [][]Point // for each of Needs, from that box to this one; see Picture
}

// Picture is all boxes in their places. A line goes in a curve from its first
// point to the second, from the third to the fourth and so on, and straight and
// level between.
type Picture struct {
	Width, Height int
	Boxes         []Placed
}

// Gaps are the distances that are kept.
type Gaps struct {
	Column int // between columns
	Row    int // between boxes of a column
	Line   int // between a line that passes through a column and what is beside it
}

// vertex is a box, or the place where lines from one box pass through a column.
type vertex struct {
	box         int // -1 where lines pass
	layer       int
	height      int
	left, right []int // vertices in the columns beside this one
	y           int   // of its middle, in units
}

// net is a picture that is being laid out.
type net struct {
	boxes    []Box
	gaps     Gaps
	vertices []vertex // those of the boxes come first
	layers   [][]int  // vertices, from above
	passes   map[[2]int]int
}

// Place lays a picture out.
func Place(boxes []Box, gaps Gaps) Picture {
	n := &net{boxes: boxes, gaps: gaps, passes: map[[2]int]int{}}
	n.rank()
	n.connect()
	n.order()
	n.align()
	return n.picture()
}

// Passes is how many places Place needs for lines that pass through columns: its
// work grows with them, and they with the square of the boxes.
func Passes(boxes []Box) int {
	n := &net{boxes: boxes}
	n.rank()
	farthest := make([]int, len(boxes))
	for i, box := range boxes {
		for _, need := range box.Needs {
			farthest[need] = max(farthest[need], n.vertices[i].layer-n.vertices[need].layer-1)
		}
	}
	total := 0
	for _, passed := range farthest {
		total += passed
	}
	return total
}

// rank gives each box its column: the first one to the right of all it needs. What
// needs nothing stands beside the first that needs it.
func (n *net) rank() {
	const nobody = int(^uint(0) >> 1)
	n.vertices = make([]vertex, len(n.boxes))
	nearest := make([]int, len(n.boxes))
	for i, box := range n.boxes {
		n.vertices[i] = vertex{box: i, height: box.Height}
		nearest[i] = nobody
		for _, need := range box.Needs {
			n.vertices[i].layer = max(n.vertices[i].layer, n.vertices[need].layer+1)
		}
	}
	for i, box := range n.boxes {
		for _, need := range box.Needs {
			nearest[need] = min(nearest[need], n.vertices[i].layer)
		}
	}
	for i, box := range n.boxes {
		if len(box.Needs) == 0 && nearest[i] != nobody {
			n.vertices[i].layer = nearest[i] - 1
		}
	}
}

// connect puts a vertex where lines pass through a column. Lines from one box
// pass together, and part where they leave for what needs it.
func (n *net) connect() {
	for i, box := range n.boxes {
		for _, need := range box.Needs {
			from := need
			for layer := n.vertices[need].layer + 1; layer < n.vertices[i].layer; layer++ {
				pass, ok := n.passes[[2]int{need, layer}]
				if !ok {
					pass = len(n.vertices)
					n.passes[[2]int{need, layer}] = pass
					n.vertices = append(n.vertices, vertex{box: -1, layer: layer})
					n.join(from, pass)
				}
				from = pass
			}
			n.join(from, i)
		}
	}
	for i, v := range n.vertices {
		for len(n.layers) <= v.layer {
			n.layers = append(n.layers, nil)
		}
		n.layers[v.layer] = append(n.layers[v.layer], i)
	}
}

func (n *net) join(left, right int) {
	n.vertices[left].right = append(n.vertices[left].right, right)
	n.vertices[right].left = append(n.vertices[right].left, left)
}

// picture turns columns and heights into places.
func (n *net) picture() Picture {
	p := Picture{Boxes: make([]Placed, len(n.boxes))}
	starts, ends := make([]int, len(n.layers)), make([]int, len(n.layers))
	top := n.top()
	x := 0
	for layer, list := range n.layers {
		width := 0
		for _, v := range list {
			if box := n.vertices[v].box; box >= 0 {
				width = max(width, n.boxes[box].Width)
			}
		}
		starts[layer], ends[layer] = x, x+width
		x += width + n.gaps.Column
		p.Width = ends[layer]
	}
	middle := func(v int) int { return (n.vertices[v].y - top + unit/2) / unit }
	for i, box := range n.boxes {
		layer := n.vertices[i].layer
		placed := Placed{At: Point{starts[layer], middle(i) - box.Height/2}, Width: ends[layer] - starts[layer], Height: box.Height}
		for _, need := range box.Needs {
			line := []Point{{ends[n.vertices[need].layer], middle(need)}}
			for between := n.vertices[need].layer + 1; between < layer; between++ {
				y := middle(n.passes[[2]int{need, between}])
				line = append(line, Point{starts[between], y}, Point{ends[between], y})
			}
			placed.Lines = append(placed.Lines, append(line, Point{starts[layer], middle(i)}))
		}
		p.Boxes[i] = placed
		p.Height = max(p.Height, placed.At.Y+placed.Height)
	}
	return p
}
