package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/screen"
)

// mostDeep is how deep the tree grows to the right; what is deeper stands below,
// at the margin.
const mostDeep = 12

// tree writes a drawing as a tree: below a flow stands what it needs.
type tree struct {
	*strings.Builder
	nodes   map[string]*drawnNode
	written map[string]bool
	later   []*drawnNode // what was too deep
	promise map[string]bool
}

func writeGraphText(w io.Writer, d *drawing) error {
	t := &tree{Builder: &strings.Builder{}, nodes: map[string]*drawnNode{}, written: map[string]bool{}, promise: map[string]bool{}}
	needed := map[string]bool{}
	for _, node := range d.Nodes {
		t.nodes[node.Address] = node
		for _, need := range node.Needs {
			needed[need] = true
		}
	}
	for _, node := range d.Nodes {
		if needed[node.Address] {
			continue
		}
		t.write(node, "", "", 0)
		for len(t.later) > 0 {
			next := t.later[0]
			t.later = t.later[1:]
			t.write(next, "", "", 0)
		}
	}
	if len(d.Nodes) == 0 {
		fmt.Fprintln(t, "There are no flows.")
	} else if d.planned != nil {
		fmt.Fprintf(t, "\n%s\n", planSummary(d.planned))
	}
	return writeFitting(w, t.String())
}

// write writes a node with all below it. What was written before is referred to.
func (t *tree) write(node *drawnNode, before, below string, depth int) {
	line := before + node.Address
	if words := node.words(); words != "" {
		line += "  " + words
	}
	rows := len(node.Needs) + len(node.After)
	switch {
	case rows > 0 && (t.written[node.Address] || t.promise[node.Address] && depth > 0):
		where := "above"
		if !t.written[node.Address] {
			where = "below"
		}
		fmt.Fprintf(t, "%s%s (see %s)\n", before, node.Address, where)
		return
	case rows > 0 && depth == mostDeep:
		t.later = append(t.later, node)
		t.promise[node.Address] = true
		fmt.Fprintf(t, "%s%s (see below)\n", before, node.Address)
		return
	}
	t.written[node.Address] = true
	fmt.Fprintln(t, line)
	for i, need := range node.Needs {
		branch, trunk := "├─ ", "│  "
		if i == rows-1 {
			branch, trunk = "└─ ", "   "
		}
		t.write(t.nodes[need], below+branch, below+trunk, depth+1)
	}
	for i, after := range node.After {
		branch := "├─ "
		if i == len(node.After)-1 {
			branch = "└─ "
		}
		fmt.Fprintf(t, "%s%safter %s\n", below, branch, after)
	}
}

// verdictWords are the verdicts as they stand in drawings.
var verdictWords = map[plan.Verdict]string{
	plan.Fresh: "up to date", plan.Reuse: "to reuse", plan.Run: "to run", plan.MayRun: "may run", plan.Pinned: "pinned", plan.Blocked: "blocked",
}

// verdictOrder is that in which verdicts are counted, and of several the one that
// a drawing shows: the first.
var verdictOrder = []plan.Verdict{plan.Blocked, plan.Run, plan.MayRun, plan.Reuse, plan.Pinned, plan.Fresh}

// words are what a drawing says of a node besides its address.
func (n *drawnNode) words() string {
	switch {
	case len(n.folded) == 0 && n.Verdict != nil:
		return verdictWords[*n.Verdict]
	case len(n.folded) == 0:
		return ""
	}
	counts := map[plan.Verdict]int{}
	for _, verdict := range n.folded {
		counts[verdict]++
	}
	var parts []string
	for _, verdict := range verdictOrder {
		if counts[verdict] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[verdict], verdictWords[verdict]))
		}
	}
	text := fmt.Sprintf("%d instances", len(n.folded))
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text
}

// main is the verdict that a drawing shows of a node; "" where none is known.
func (n *drawnNode) main() plan.Verdict {
	if n.Verdict != nil {
		return *n.Verdict
	}
	for _, verdict := range verdictOrder {
		for _, of := range n.folded {
			if of == verdict {
				return verdict
			}
		}
	}
	return ""
}

// writeFitting writes lines, on a terminal as it can show them.
func writeFitting(w io.Writer, text string) error {
	out := bufio.NewWriter(w)
	width, look := 0, screen.Look{Unicode: true}
	if s := screen.Open(os.Stdout, os.Getenv); s != nil && w == os.Stdout {
		width, _ = s.Size()
		look = s.Look
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if width > 0 {
			if !look.Unicode {
				line = strings.NewReplacer("├─", "|-", "└─", "`-", "│", "|").Replace(line)
			}
			line = screen.Cut(look.Text(line), width, look.Mark())
		}
		fmt.Fprintln(out, line)
	}
	return out.Flush()
}
