package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/flowrider/flowrider/engine/plan"
)

// colours are those of the verdicts in pictures, and "" that of what has none.
var colours = map[plan.Verdict]struct{ line, fill string }{
	plan.Fresh:   {"#8c959f", "#f6f8fa"},
	plan.Reuse:   {"#0969da", "#ddf4ff"},
	plan.Run:     {"#1a7f37", "#dafbe1"},
	plan.MayRun:  {"#9a6700", "#fff8c5"},
	plan.Pinned:  {"#8250df", "#fbefff"},
	plan.Blocked: {"#cf222e", "#ffebe9"},
	"":           {"#57606a", "#ffffff"},
}

// label is the second line of a node in a picture.
func (n *drawnNode) label() string {
	kind := n.Kind
	if n.Block != "flow" {
		kind += " " + n.Block
	}
	if words := n.words(); words != "" {
		return kind + " · " + words
	}
	return kind
}

// writeGraphDot writes what Graphviz reads.
func writeGraphDot(w io.Writer, d *drawing) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "digraph flowrider {\n  rankdir = LR\n  node [shape = box, style = \"rounded,filled\", fontname = \"monospace\"]")
	for _, node := range d.Nodes {
		colour := colours[node.main()]
		fmt.Fprintf(out, "  %s [label = %s, color = %q, fillcolor = %q]\n", dotText(node.Address), dotText(node.Address+"\n"+node.label()), colour.line, colour.fill)
	}
	for _, node := range d.Nodes {
		for _, need := range node.Needs {
			fmt.Fprintf(out, "  %s -> %s\n", dotText(need), dotText(node.Address))
		}
		for _, after := range node.After {
			fmt.Fprintf(out, "  %s -> %s [style = dashed]\n", dotText(after), dotText(node.Address))
		}
	}
	fmt.Fprintln(out, "}")
	return out.Flush()
}

// dotText quotes a text: in labels a backslash escapes, and &name; is a character.
func dotText(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "&", "&amp;").Replace(text) + `"`
}

// writeGraphMermaid writes what pages of GitHub and GitLab show.
func writeGraphMermaid(w io.Writer, d *drawing) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "flowchart LR")
	ids := map[string]string{}
	for i, node := range d.Nodes {
		ids[node.Address] = fmt.Sprintf("n%d", i+1)
		class := "none"
		if verdict := node.main(); verdict != "" {
			class = string(verdict)
		}
		fmt.Fprintf(out, "  %s(\"%s<br>%s\"):::%s\n", ids[node.Address], mermaidText(node.Address), mermaidText(node.label()), class)
	}
	for _, node := range d.Nodes {
		for _, need := range node.Needs {
			fmt.Fprintf(out, "  %s --> %s\n", ids[need], ids[node.Address])
		}
		for _, after := range node.After {
			fmt.Fprintf(out, "  %s -.-> %s\n", ids[after], ids[node.Address])
		}
	}
	for _, verdict := range append([]plan.Verdict{""}, verdictOrder...) {
		class := string(verdict)
		if verdict == "" {
			class = "none"
		}
		fmt.Fprintf(out, "  classDef %s stroke:%s,fill:%s,color:#1f2328\n", class, colours[verdict].line, colours[verdict].fill)
	}
	return out.Flush()
}

// mermaidText writes what means something to Mermaid or HTML as a character's
// number.
func mermaidText(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune("\"#<>&;`|[]{}()\\*_~", r) && r != '_' {
			fmt.Fprintf(&b, "#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
