package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// drawing is the graph of a plan: what graph --json writes, and what all other
// formats are made from.
type drawing struct {
	FormatVersion string        `json:"format_version"`
	Workspace     string        `json:"workspace"`
	Nodes         []*drawnNode  `json:"nodes"`   // each after what it needs
	Summary       *plan.Summary `json:"summary"` // null where the verdicts are not known

	planned *plan.Plan // nil where the verdicts are not known
}

// drawnNode is a flow, a hook or an environment.
type drawnNode struct {
	Address string        `json:"address"`
	Block   string        `json:"block"`
	Kind    string        `json:"kind"`
	Verdict *plan.Verdict `json:"verdict"` // of a flow; null where it is not known
	Needs   []string      `json:"needs"`   // directly
	After   []string      `json:"after"`   // what it comes after without needing it

	folded []plan.Verdict  // of the instances that this one stands for; "" where it is not known
	joined map[string]bool // what stands in Needs or After
}

func newGraphCommand() *cobra.Command {
	flags := common{looking: true}
	var exclude []string
	var format, out string
	var hooks bool
	var shape drawingShape
	command := &cobra.Command{
		Use:   "graph [TARGET...]",
		Short: "draw what needs what",
		Long: "Draws the flows that are planned, and what each needs: as a tree, in which what\nstands below a flow is what it needs, or as a picture. Starts nothing: verdicts are those\n" +
			"that are known without calling hooks; with --hooks they are plan's.\n\n" + targetsHelp + "\n\n" + exitCodes,
		Example: "  flowrider graph\n  flowrider graph flow.report --all\n  flowrider graph --format svg --out graph.svg\n  flowrider graph --format dot | dot -Tpdf -o graph.pdf\n" +
			"  flowrider graph --format mermaid   # for a page that GitHub or GitLab shows",
		RunE: func(command *cobra.Command, targets []string) error {
			if flags.json {
				if command.Flags().Changed("format") && format != "json" {
					return fmt.Errorf("--json and --format %s are two formats; leave one of them away", format)
				}
				format = "json"
			}
			write, ok := drawingFormats[format]
			if !ok {
				return unknownFormat(format)
			}
			flags.json = format == "json"
			if shape.most < 1 {
				return fmt.Errorf("--fold %d is less than 1", shape.most)
			}
			if command.Flags().Changed("out") && out == "" {
				return errEmptyOut
			}
			return runGraph(contextOr(command.Context()), &flags, plan.Options{Offline: !hooks, NoHooks: !hooks}, targets, exclude, shape, out, write)
		},
	}
	flags.register(command.Flags())
	flags.registerCache(command.Flags())
	flags.registerRefresh(command.Flags())
	registerHooks(command.Flags(), &hooks)
	registerExclude(command.Flags(), &exclude)
	command.Flags().StringVar(&format, "format", "text", "`FORMAT`: text, dot, mermaid, svg or json")
	command.Flags().StringVar(&out, "out", "", "write it to this `FILE`, which no flow sees; what the shell writes for > FILE is a\nfile of the project")
	command.Flags().BoolVar(&shape.all, "all", false, "draw hooks and environments too; json always has them")
	command.Flags().IntVar(&shape.most, "fold", 8, "draw the instances of a flow with for_each as one, where there are more than `N`;\njson always has each")
	return command
}

// drawingFormats are the formats, each with what writes it.
var drawingFormats = map[string]func(io.Writer, *drawing) error{
	"text": writeGraphText, "dot": writeGraphDot, "mermaid": writeGraphMermaid, "svg": writeGraphSVG,
	"json": func(w io.Writer, d *drawing) error { return encodeJSON(w, d) },
}

// formatNames are the formats in the order in which help names them.
var formatNames = []string{"text", "dot", "mermaid", "svg", "json"}

func unknownFormat(format string) error {
	if best := diag.Suggest(format, formatNames); best != "" {
		return fmt.Errorf("there is no format %s; did you mean %s?", format, best)
	}
	return fmt.Errorf("there is no format %s; there are %s", format, strings.Join(formatNames, ", "))
}

func runGraph(ctx context.Context, flags *common, options plan.Options, targets, exclude []string, shape drawingShape, out string, write func(io.Writer, *drawing) error) error {
	options.NoRefresh = !flags.refresh
	var err error
	if out != "" {
		if err = checkReport(flags.chdir, out); err != nil {
			return err
		}
		options.Saved = placesOf(out)
	}
	if options.Targets, err = parseTargets(targets); err != nil {
		return err
	}
	if options.Exclude, err = parseTargets(exclude); err != nil {
		return err
	}
	project, err := flags.load()
	if err != nil {
		return err
	}
	session, diags := project.Session(options)
	if err := flags.report(project, diags); err != nil {
		return err
	}
	if flags.json {
		shape = drawingShape{all: true, most: len(session.Addresses())}
	}
	d := draw(session, verdictsOf(ctx, project, session), shape)
	d.Workspace = project.Records.Workspace()
	if out == "" {
		return write(os.Stdout, d)
	}
	var text bytes.Buffer
	if err := write(&text, d); err != nil {
		return err
	}
	return writeReport(out, text.Bytes(), project)
}

// verdictsOf is the plan that the session can make, or nil: the graph is there
// also where the plan has mistakes.
func verdictsOf(ctx context.Context, project *engine.Project, session *plan.Session) *plan.Plan {
	planned, diags := session.Plan(ctx)
	if !diags.HasErrors() {
		return planned
	}
	problems := hidden(diag.Problems(diags, project.Config.Sources))
	fmt.Fprintf(os.Stderr, "note: there are no verdicts: %s; flowrider validate says more\n", problems[0].Summary)
	return nil
}

// drawingShape is how much is drawn.
type drawingShape struct {
	all  bool // hooks and environments too
	most int  // instances of one flow
}

// draw makes the drawing of what a session walks.
func draw(session *plan.Session, planned *plan.Plan, shape drawingShape) *drawing {
	d := &drawing{FormatVersion: plan.FormatVersion, Nodes: []*drawnNode{}}
	verdicts := map[string]plan.Verdict{}
	if planned != nil {
		d.Summary, d.planned = &planned.Summary, planned
		for _, flow := range planned.Flows {
			verdicts[flow.Address] = flow.Verdict
		}
	}
	p := &pencil{session: session, shape: shape, shown: map[string]*drawnNode{}, instances: map[string]int{}}
	for _, node := range session.Wants() {
		p.instances[session.Instance(node).Address.Whole().String()]++
	}
	for _, node := range session.Graph.Order() {
		if session.Wanted[node] {
			p.add(d, node, verdicts[node])
		}
	}
	return d
}

// pencil draws the nodes of a session's graph.
type pencil struct {
	session   *plan.Session
	shape     drawingShape
	instances map[string]int        // how many of a flow are walked
	shown     map[string]*drawnNode // by what is drawn
}

// add draws a node, unless it is not to be seen by itself.
func (p *pencil) add(d *drawing, node string, verdict plan.Verdict) {
	name := p.name(node)
	if name == "" {
		return
	}
	drawn := p.shown[name]
	if drawn == nil {
		drawn = p.describe(node, name)
		p.shown[name] = drawn
		d.Nodes = append(d.Nodes, drawn)
	}
	if name != node {
		drawn.folded = append(drawn.folded, verdict)
	} else if verdict != "" {
		drawn.Verdict = &verdict
	}
	p.addNeeds(drawn, node)
	for _, other := range p.session.Graph.ComesAfter(node) {
		if after := p.shown[p.name(other)]; after != nil && drawn.join(after.Address) {
			drawn.After = append(drawn.After, after.Address)
		}
	}
}

// name is the address that a node is drawn with; "" where it is not drawn.
func (p *pencil) name(node string) string {
	instance := p.session.Instance(node)
	switch {
	case instance == nil && (p.isEach(node) || !p.shape.all):
		return ""
	case instance == nil || !instance.Address.Keyed:
		return node
	}
	if whole := instance.Address.Whole().String(); p.instances[whole] > p.shape.most {
		return whole + "[*]"
	}
	return node
}

// isEach says whether a node is a block with for_each, which stands for its
// instances.
func (p *pencil) isEach(node string) bool {
	address, err := schema.ParseAddress(node)
	return err == nil && !address.Keyed && p.session.Config.HasForEach(address)
}

func (p *pencil) describe(node, name string) *drawnNode {
	drawn := &drawnNode{Address: name, Needs: []string{}, After: []string{}, joined: map[string]bool{}}
	drawn.Block, _, _ = strings.Cut(node, ".")
	address, err := schema.ParseAddress(node)
	if err != nil {
		panic(err) // a node is named by its address
	}
	switch {
	case p.session.Instance(node) != nil:
		drawn.Kind = p.session.Instance(node).Flow.Kind
	case p.session.IsHook(node):
		drawn.Kind = p.session.Config.Hook(address.Name).Kind
	default:
		drawn.Kind = p.session.Config.Environment(address.Name).Kind
	}
	return drawn
}

// addNeeds adds what a node needs, through what is not drawn.
func (p *pencil) addNeeds(drawn *drawnNode, node string) {
	seen := map[string]bool{}
	pending := p.session.Graph.Needs(node)
	for len(pending) > 0 {
		next := pending[0]
		pending = pending[1:]
		name := p.name(next)
		if p.shown[next+"[*]"] != nil {
			name = next + "[*]"
		}
		switch {
		case seen[next]:
		case name == "":
			pending = append(pending, p.session.Graph.Needs(next)...)
		case drawn.join(name):
			drawn.Needs = append(drawn.Needs, name)
		}
		seen[next] = true
	}
}

// join says whether there was no line to an address yet.
func (n *drawnNode) join(address string) bool {
	if n.joined[address] {
		return false
	}
	n.joined[address] = true
	return true
}
