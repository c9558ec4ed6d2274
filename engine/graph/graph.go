// Package graph keeps what needs what: exact cycles, an order in which
// everything comes after what it needs, closures for targets, a Frontier that
// says what is ready, and a Queue that says what of it may start next.
//
// Nodes are texts; the package does not know what a flow is. It starts
// nothing, has no clock, and holds no states but these (engine/apply has the
// others). It imports the standard library alone.
package graph

import "slices"

// Graph is a set of nodes and, for each, the nodes it needs. All answers are
// in the order in which nodes were added, so they never depend on map order.
type Graph struct {
	nodes []string
	index map[string]int
	needs [][]int
	users [][]int
	edges map[[2]int]edge
}

// edge is how a node needs another; of two, the stronger one counts.
type edge int

const (
	none edge = iota
	orderEdge
	afterEdge
	needEdge
)

// New makes an empty graph.
func New() *Graph { return &Graph{index: map[string]int{}, edges: map[[2]int]edge{}} }

// Add adds a node. Adding it again changes nothing.
func (g *Graph) Add(node string) { g.add(node) }

func (g *Graph) add(node string) int {
	if i, ok := g.index[node]; ok {
		return i
	}
	i := len(g.nodes)
	g.index[node] = i
	g.nodes = append(g.nodes, node)
	g.needs = append(g.needs, nil)
	g.users = append(g.users, nil)
	return i
}

// Connect says that node needs dependency, adding what is not there yet.
func (g *Graph) Connect(node, dependency string) { g.connect(node, dependency, needEdge) }

// ConnectAfter says that node comes after another where both are walked, and
// does not need it.
func (g *Graph) ConnectAfter(node, other string) { g.connect(node, other, afterEdge) }

// ConnectOrder says that Order puts node after another, and no more than that:
// a Frontier lets neither wait for the other.
func (g *Graph) ConnectOrder(node, other string) { g.connect(node, other, orderEdge) }

func (g *Graph) connect(node, dependency string, kind edge) {
	from, to := g.add(node), g.add(dependency)
	known := g.edges[[2]int{from, to}]
	g.edges[[2]int{from, to}] = max(known, kind)
	if known == none {
		g.needs[from] = append(g.needs[from], to)
		g.users[to] = append(g.users[to], from)
	}
}

// Has says whether the node was added.
func (g *Graph) Has(node string) bool { _, ok := g.index[node]; return ok }

// Needs lists what a node needs directly.
func (g *Graph) Needs(node string) []string {
	return g.direct(node, needEdge)
}

// ComesAfter lists what a node comes after directly without needing it.
func (g *Graph) ComesAfter(node string) []string {
	return g.direct(node, afterEdge)
}

func (g *Graph) direct(node string, kind edge) []string {
	i, ok := g.index[node]
	if !ok {
		return nil
	}
	var names []string
	for _, j := range slices.Sorted(slices.Values(g.needs[i])) {
		if g.edges[[2]int{i, j}] == kind {
			names = append(names, g.nodes[j])
		}
	}
	return names
}

// Closure is the given nodes with everything they need, directly or not.
func (g *Graph) Closure(nodes ...string) map[string]bool {
	return g.reach(nodes, g.needs, func(from, to int) bool { return g.edges[[2]int{from, to}] == needEdge })
}

// Before is the given nodes with everything that they come after, directly or
// not, whether they need it or not.
func (g *Graph) Before(nodes ...string) map[string]bool {
	return g.reach(nodes, g.needs, func(from, to int) bool { return true })
}

// Dependents is the given nodes with everything that needs them, directly or
// not.
func (g *Graph) Dependents(nodes ...string) map[string]bool {
	return g.reach(nodes, g.users, func(from, to int) bool { return g.edges[[2]int{to, from}] == needEdge })
}

func (g *Graph) reach(nodes []string, edges [][]int, counts func(from, to int) bool) map[string]bool {
	reached := map[string]bool{}
	var pending []int
	for _, node := range nodes {
		if i, ok := g.index[node]; ok {
			pending = append(pending, i)
		}
	}
	for len(pending) > 0 {
		i := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		if reached[g.nodes[i]] {
			continue
		}
		reached[g.nodes[i]] = true
		for _, j := range edges[i] {
			if counts(i, j) {
				pending = append(pending, j)
			}
		}
	}
	return reached
}

// Order lists all nodes, each after what it needs; among those that could
// come next, the one added first. It panics on a cycle: look for one first.
func (g *Graph) Order() []string {
	missing := make([]int, len(g.nodes))
	ready := &heap[int]{before: func(a, b int) bool { return a < b }}
	for i, needs := range g.needs {
		if missing[i] = len(needs); missing[i] == 0 {
			ready.push(i)
		}
	}
	order := make([]string, 0, len(g.nodes))
	for ready.len() > 0 {
		i := ready.pop()
		order = append(order, g.nodes[i])
		for _, user := range g.users[i] {
			if missing[user]--; missing[user] == 0 {
				ready.push(user)
			}
		}
	}
	if len(order) < len(g.nodes) {
		panic("graph: no order, since there is a cycle")
	}
	return order
}
