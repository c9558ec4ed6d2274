package main

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/layers"
	"github.com/flowrider/flowrider/internal/screen"
)

// Sizes in a picture.
const (
	svgMargin  = 24
	svgHeight  = 46 // of a box
	svgLetter  = 8  // width of a column of the address
	svgSmall   = 7  // of the line below it
	svgLongest = 46 // columns of an address
	svgStripe  = 5  // the colour at the left of a box
)

// Most of a picture that is laid out: beyond it nobody finds anything, and it
// takes long.
const (
	mostBoxes = 2000
	mostLines = 20000
)

// writeGraphSVG writes a picture in layers: what is needed stands to the left.
func writeGraphSVG(w io.Writer, d *drawing) error {
	boxes, lines := svgBoxes(d)
	if len(boxes) > mostBoxes || lines+layers.Passes(boxes) > mostLines {
		return fmt.Errorf("a picture of %s and %s would be too large; name TARGETs, give a smaller --fold, or take --format dot",
			plural(len(boxes), "box", "boxes"), plural(lines, "line", "lines"))
	}
	picture := layers.Place(boxes, layers.Gaps{Column: 64, Row: 18, Line: 14})
	legend := svgLegend(d)
	out := bufio.NewWriter(w)
	width, height := max(picture.Width, legend.width)+2*svgMargin, picture.Height+2*svgMargin+legend.height
	fmt.Fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\">\n", width, height, width, height)
	fmt.Fprintln(out, "<title>What needs what, drawn by flowrider graph</title>")
	fmt.Fprintln(out, `<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0.5 L7.5,4 L0,7.5 z" fill="#8c959f"/></marker></defs>`)
	fmt.Fprintf(out, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", width, height)
	fmt.Fprintf(out, "<g transform=\"translate(%d,%d)\">\n", svgMargin, svgMargin)
	for i, box := range picture.Boxes {
		for k, line := range box.Lines {
			dash := ""
			if k >= len(d.Nodes[i].Needs) {
				dash = ` stroke-dasharray="5 4"`
			}
			fmt.Fprintf(out, "<path d=\"%s\" fill=\"none\" stroke=\"#8c959f\" stroke-width=\"1.3\" marker-end=\"url(#arrow)\"%s/>\n", svgPath(line), dash)
		}
	}
	for i, box := range picture.Boxes {
		writeSVGBox(out, d.Nodes[i], box)
	}
	fmt.Fprintf(out, "%s</g>\n</svg>\n", legend.at(picture.Height))
	return out.Flush()
}

// svgBoxes are the nodes as boxes, and how many lines join them.
func svgBoxes(d *drawing) ([]layers.Box, int) {
	index := map[string]int{}
	boxes := make([]layers.Box, 0, len(d.Nodes))
	lines := 0
	for i, node := range d.Nodes {
		index[node.Address] = i
		columns := min(screen.Width(node.Address), svgLongest)
		box := layers.Box{Width: max(columns*svgLetter, screen.Width(node.label())*svgSmall) + 26 + svgStripe, Height: svgHeight}
		for _, list := range [][]string{node.Needs, node.After} {
			for _, other := range list {
				box.Needs = append(box.Needs, index[other])
				lines++
			}
		}
		boxes = append(boxes, box)
	}
	return boxes, lines
}

// svgPath is a line: curves between columns, and level through them.
func svgPath(line []layers.Point) string {
	var path strings.Builder
	fmt.Fprintf(&path, "M%d,%d", line[0].X, line[0].Y)
	for i := 1; i < len(line); i++ {
		from, to := line[i-1], line[i]
		if i%2 == 0 || from.Y == to.Y {
			fmt.Fprintf(&path, " L%d,%d", to.X, to.Y)
			continue
		}
		middle := (from.X + to.X) / 2
		fmt.Fprintf(&path, " C%d,%d %d,%d %d,%d", middle, from.Y, middle, to.Y, to.X, to.Y)
	}
	return path.String()
}

func writeSVGBox(w io.Writer, node *drawnNode, box layers.Placed) {
	colour := colours[node.main()]
	x, y := box.At.X, box.At.Y
	fmt.Fprintf(w, "<g><title>%s</title>", xmlText(node.Address+"\n"+node.label()))
	fmt.Fprintf(w, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"%s\" stroke=\"%s\"/>", x, y, box.Width, box.Height, colour.fill, colour.line)
	fmt.Fprintf(w, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\" fill=\"%s\"/>", x+4, y+6, svgStripe-1, box.Height-12, colour.line)
	fmt.Fprintf(w, "<text x=\"%d\" y=\"%d\" font-size=\"13\" font-weight=\"600\" fill=\"#1f2328\">%s</text>", x+10+svgStripe, y+19, xmlText(screen.CutMiddle(node.Address, svgLongest, "…")))
	fmt.Fprintf(w, "<text x=\"%d\" y=\"%d\" font-size=\"11\" fill=\"#57606a\">%s</text></g>\n", x+10+svgStripe, y+36, xmlText(node.label()))
}

// legend stands below a picture: the colours that are used in it.
type legend struct {
	width, height int
	verdicts      []plan.Verdict
	text          string
}

func svgLegend(d *drawing) legend {
	if d.planned == nil {
		return legend{}
	}
	l := legend{height: 58, text: planSummary(d.planned)}
	for _, verdict := range verdictOrder {
		for _, node := range d.Nodes {
			if node.main() == verdict {
				l.verdicts = append(l.verdicts, verdict)
				l.width += 28 + len(verdictWords[verdict])*svgSmall
				break
			}
		}
	}
	l.width = max(l.width, len(l.text)*svgSmall)
	return l
}

func (l legend) at(bottom int) string {
	if l.height == 0 {
		return ""
	}
	var b strings.Builder
	x, y := 0, bottom+28
	for _, verdict := range l.verdicts {
		colour := colours[verdict]
		fmt.Fprintf(&b, "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" rx=\"3\" fill=\"%s\" stroke=\"%s\"/>", x, y, colour.fill, colour.line)
		fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" font-size=\"11\" fill=\"#57606a\">%s</text>\n", x+18, y+10, verdictWords[verdict])
		x += 28 + len(verdictWords[verdict])*svgSmall
	}
	fmt.Fprintf(&b, "<text x=\"0\" y=\"%d\" font-size=\"11\" fill=\"#57606a\">%s</text>\n", y+30, xmlText(l.text))
	return b.String()
}

func xmlText(text string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(text)) // a Builder never fails
	return b.String()
}
