package metaflow

import (
	"slices"
	"strings"

	"github.com/flowrider/flowrider/internal/pysource"
)

// Definition is what a file declares of a flow, as far as that can be read
// without running it.
type Definition struct {
	File       string // slash path below the project's root
	Class      string
	Line       int
	Doc        string
	Started    bool // the file calls the class, or may do so
	Parameters []Parameter
	Configs    []Parameter
	// Open says that the flow may have more parameters than are seen: of a base
	// class that is not in the project, of a decorator that adds some.
	Open       bool
	Reads      []string // classes of flows that it looks up by Metaflow's client
	Decorators []string // Metaflow's, of the class and of its steps, sorted

	modules []*pysource.Module // its own and those of its base classes
}

// Parameter is a declared Parameter, IncludeFile or Config.
type Parameter struct {
	Name      string // on the command line
	Kind      string // Parameter, IncludeFile or Config
	Type      string // str, int, float, bool or JSONType; "" where it is not known
	Default   pysource.Expr
	Defaults  bool // it has a default
	Required  bool // and must be given
	Separator bool // its text becomes a list
	Help      string
	File      string
	Line      int
}

// specs are the names of Metaflow's base class of flows.
var specs = []string{"metaflow.FlowSpec", "metaflow.flowspec.FlowSpec"}

// knownDecorators are Metaflow's own decorators of classes that add no
// parameters.
var knownDecorators = []string{"conda_base", "exit_hook", "project", "pypi_base", "schedule", "trigger", "trigger_on_finish"}

// Define lists the flows of a file. They are in source order, those that the
// file does not start too. all says that there are certainly no others.
func Define(tree *pysource.Tree, file string) (list []*Definition, all bool, err error) {
	tree = tree.From(file)
	module, err := tree.File(file)
	if err != nil {
		return nil, false, err
	}
	all = !module.Open && !slices.ContainsFunc(module.Imports, func(i pysource.Import) bool { return i.Name == "*" && i.Module != "metaflow" })
	for _, class := range module.Classes {
		d := &definer{tree: tree, seen: map[*pysource.Class]bool{}, of: &Definition{File: file, Class: class.Name, Line: class.Line, Doc: class.Doc}}
		d.add(file, module, class)
		if !d.isFlow {
			all = all && !d.of.Open
			continue
		}
		d.of.Open = d.of.Open || slices.ContainsFunc(d.of.modules, func(m *pysource.Module) bool { return m.Open })
		d.of.Started = module.Calls(class.Name) || module.Open
		d.of.Reads = reads(tree, file, module, class)
		slices.Sort(d.of.Decorators)
		d.of.Decorators = slices.Compact(d.of.Decorators)
		list = append(list, d.of)
	}
	return list, all, nil
}

// Entry is the flow that a file starts: its only one, or the only one that it
// calls. It is nil where that is not to be seen.
func Entry(flows []*Definition) *Definition {
	if len(flows) == 1 {
		return flows[0]
	}
	var started *Definition
	for _, flow := range flows {
		if flow.Started && started != nil {
			return nil
		}
		if flow.Started {
			started = flow
		}
	}
	return started
}

// definer reads one class with its bases.
type definer struct {
	tree   *pysource.Tree
	seen   map[*pysource.Class]bool
	isFlow bool
	of     *Definition
}

// add adds what a class declares, after what its bases do.
func (d *definer) add(file string, module *pysource.Module, class *pysource.Class) {
	if d.seen[class] {
		return
	}
	d.seen[class] = true
	for _, base := range class.Bases {
		target := d.tree.Find(file, base.Text)
		switch found := base.Kind == pysource.Name && target.Module != nil && target.Module.Class(target.Name) != nil; {
		case found:
			d.add(target.File, target.Module, target.Module.Class(target.Name))
		case slices.Contains(specs, target.External):
			d.isFlow = true
		case base.Source != "object":
			d.of.Open = true
		}
	}
	if !slices.Contains(d.of.modules, module) {
		d.of.modules = append(d.of.modules, module)
	}
	d.of.Open = d.of.Open || len(class.Keywords) > 0
	d.decorators(file, class)
	for _, assignment := range class.Assigned {
		d.assigned(file, module, assignment)
	}
}

func (d *definer) decorators(file string, class *pysource.Class) {
	for _, decorator := range class.Decorators {
		name, ok := d.metaflow(file, decorator)
		d.of.Open = d.of.Open || !ok || !slices.Contains(knownDecorators, name)
		d.of.Decorators = append(d.of.Decorators, name)
	}
	for _, function := range class.Functions {
		for _, decorator := range function.Decorators {
			if name, ok := d.metaflow(file, decorator); ok {
				d.of.Decorators = append(d.of.Decorators, name)
			}
		}
	}
}

// metaflow is the name that Metaflow has for what an expression names or calls.
func (d *definer) metaflow(file string, e pysource.Expr) (string, bool) {
	if e.Text == "" {
		return "", false
	}
	full := strings.Split(d.tree.Find(file, e.Text).External, ".")
	return full[len(full)-1], full[0] == "metaflow"
}

// assigned reads an assignment in the class: a parameter, or what may be one.
func (d *definer) assigned(file string, module *pysource.Module, a pysource.Assignment) {
	value := a.Value
	if value.Kind != pysource.Call {
		d.of.Open = d.of.Open || value.Kind == pysource.Opaque && strings.Contains(value.Source, "(")
		return
	}
	kind, ok := d.metaflow(file, value)
	switch {
	case ok && (kind == "Parameter" || kind == "IncludeFile" || kind == "Config"):
	case ok || plainCalls[value.Text] || pysource.Standard(d.tree.Find(file, value.Text).External):
		return
	default:
		d.of.Open = true
		return
	}
	p, ok := parameter(kind, value, module)
	if p.File, p.Line = file, a.Line; !ok {
		d.of.Open = true
		return
	}
	list := &d.of.Parameters
	if kind == "Config" {
		list = &d.of.Configs
	}
	*list = append(slices.DeleteFunc(*list, func(other Parameter) bool { return other.Name == p.Name }), p)
}

// reads are the flows that a file looks up by Metaflow's client, or is
// triggered by.
func reads(tree *pysource.Tree, file string, module *pysource.Module, class *pysource.Class) []string {
	var list []string
	for _, i := range module.Imported {
		switch {
		case i.Module == "metaflow" && i.Name == "Flow", i.Module == "metaflow.client" && i.Name == "Flow":
			list = append(list, module.CalledWith(i.As)...)
		case i.Module == "metaflow" && i.Name == "":
			list = append(list, module.CalledWith(i.As+".Flow")...)
		case i.Module == "metaflow" && i.Name == "*":
			list = append(list, module.CalledWith("Flow")...)
		}
	}
	for _, decorator := range class.Decorators {
		if tree.Find(file, decorator.Text).External != "metaflow.trigger_on_finish" {
			continue
		}
		one, _ := decorator.Keyword("flow")
		several, _ := decorator.Keyword("flows")
		for _, e := range append([]pysource.Expr{one}, several.Items...) {
			if e.Kind == pysource.String {
				list = append(list, e.Text)
			}
		}
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(name string) bool { return name == class.Name })
}

// Artifacts are the names that the flow's steps assign to, in source order.
func (d *Definition) Artifacts() []string {
	var list []string
	for _, module := range d.modules {
		for _, name := range module.SelfAttributes() {
			if !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	}
	return list
}

// Lacks says whether the flow certainly has no artifact of that name: nothing
// in its source mentions it, and all of its source is seen.
func (d *Definition) Lacks(artifact string) bool {
	return !d.Open && !slices.ContainsFunc(d.modules, func(m *pysource.Module) bool { return m.Mentions(artifact) })
}
