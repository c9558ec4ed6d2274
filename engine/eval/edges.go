package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/graph"
	"github.com/flowrider/flowrider/schema"
)

// blocks are a flow's own block and those in it whose arguments are evaluated
// for each instance.
func blocks(flow *schema.Flow) []*schema.Block {
	list := []*schema.Block{&flow.Block}
	for _, output := range flow.Outputs {
		list = append(list, &output.Block)
	}
	if flow.Bundle != nil {
		list = append(list, flow.Bundle)
	}
	return list
}

// expressions lists every expression of a flow with its outputs and bundle.
func expressions(flow *schema.Flow) []*schema.Attribute {
	list := slices.Clip(flow.Arguments)
	for _, block := range blocks(flow)[1:] {
		list = append(list, block.Arguments...)
	}
	return list
}

// allReferences are those of some arguments, one after the other.
func allReferences(attributes []*schema.Attribute) (list []*schema.Reference) {
	for _, attribute := range attributes {
		list = append(list, attributeReferences(attribute)...)
	}
	return list
}

// checkCycles finds cycles among blocks, before anything is expanded, and
// reports each at the reference that closes it. Of those that share a block,
// one is told.
func checkCycles(config *schema.Config) (diags hcl.Diagnostics) {
	g := graph.New()
	of := map[string][]*schema.Reference{} // of each node
	free := map[schema.Address]bool{}      // what needs nothing but what comes before it is in no cycle
	connect := func(address schema.Address, references []*schema.Reference) {
		var needs []schema.Address
		for _, reference := range references {
			switch whole := reference.Address.Whole(); whole.Block {
			case "local", "environment", "hook", "flow":
				if !free[whole] {
					needs = append(needs, whole)
				}
			}
		}
		if free[address] = len(needs) == 0; free[address] {
			return
		}
		of[address.String()] = references
		for _, need := range needs {
			g.Connect(address.String(), need.String())
		}
	}
	place := func(node, target string) (at hcl.Range) {
		for _, reference := range of[node] {
			if reference.Address.Whole().String() == target {
				return reference.Range()
			}
		}
		panic("eval: " + node + " does not refer to " + target)
	}
	for _, local := range config.Locals {
		connect(local.Address, localReferences(local))
	}
	later := newLater(config)
	for _, environment := range config.Environments { // of which no more is needed than its keys
		var needs []*schema.Reference
		if argument := environment.Argument("for_each"); argument != nil && later.source(argument.References) == "" { // else that is told
			needs = attributeReferences(argument)
		}
		connect(environment.Address, needs)
	}
	for _, hook := range config.Hooks {
		connect(hook.Address, allReferences(hook.Arguments))
	}
	for _, flow := range config.Flows {
		connect(flow.Address, allReferences(expressions(flow)))
	}
	for _, cycle := range g.Cycles() {
		subject := place(cycle[len(cycle)-2], cycle[len(cycle)-1])
		diags = append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError, Summary: "Dependency cycle",
			Detail:  fmt.Sprintf("%s. Nothing of it could ever be first; take this reference away, or another one of the cycle.", strings.Join(cycle, " -> ")),
			Subject: &subject,
		})
	}
	return diags
}

// Graph is what needs what among the things that are done one after another:
// environments, hooks and instances of flows. A flow with for_each has a node
// of its own, which needs all its instances. A pinned instance, by its address,
// needs nothing: it only comes after what it refers to.
func (e *Evaluator) Graph(instances []*Instance, pinned map[string]bool) *graph.Graph {
	g := graph.New()
	for _, environment := range e.environments {
		e.addBlock(g, environment.Address)
	}
	for _, hook := range e.hookBlocks {
		e.connect(g, hook.Address, hook.Arguments, e.eachOf[hook.Address], false)
		e.addBlock(g, hook.Address)
	}
	for _, instance := range instances {
		e.connect(g, instance.Address, expressions(instance.Flow), instance.Each, pinned[instance.Address.String()])
	}
	e.connectAfterEach(g, instances)
	for _, instance := range instances {
		if instance.Each != nil {
			g.Connect(instance.Address.Whole().String(), instance.Address.String())
		}
	}
	for _, block := range e.config.ForEach() { // without keys, too
		g.Add(block.String())
	}
	return g
}

// addBlock adds an environment or a hook. One with for_each has a node of its own,
// as flows have.
func (e *Evaluator) addBlock(g *graph.Graph, address schema.Address) {
	g.Add(address.String())
	if address.Keyed {
		g.Connect(address.Whole().String(), address.String())
	}
}

// connectAfterEach says that what comes after a flow with for_each comes after
// each instance. The flow's own node would not do: it is walked only where
// something needs all of them.
func (e *Evaluator) connectAfterEach(g *graph.Graph, instances []*Instance) {
	of := map[string][]string{}
	for _, instance := range instances {
		if instance.Each != nil {
			whole := instance.Address.Whole().String()
			of[whole] = append(of[whole], instance.Address.String())
		}
	}
	for _, instance := range instances {
		for _, other := range g.ComesAfter(instance.Address.String()) {
			for _, each := range of[other] {
				g.ConnectAfter(instance.Address.String(), each)
			}
		}
	}
}

func (e *Evaluator) connect(g *graph.Graph, node schema.Address, attributes []*schema.Attribute, each *Each, pinned bool) {
	g.Add(node.String())
	for _, attribute := range attributes {
		for _, target := range e.behind(e.needed(attribute, each), map[string]bool{}) {
			switch {
			case pinned:
				g.ConnectOrder(node.String(), target.String())
			case attribute.Name == "after":
				g.ConnectAfter(node.String(), target.String())
			case attribute.Name != "for_each" || target.Block == "environment": // the others are settled, or refused
				g.Connect(node.String(), target.String())
			}
		}
	}
}

// behind are the environments, hooks and flows that references lead to, through
// local values that were not seen before too.
func (e *Evaluator) behind(references []*schema.Reference, seen map[string]bool) (list []schema.Address) {
	for _, reference := range references {
		switch name := reference.Address.Name; reference.Address.Block {
		case "environment", "hook", "flow":
			list = append(list, reference.Address)
		case "local":
			if local := e.config.Local(name); local != nil && !seen[name] {
				seen[name] = true
				list = append(list, e.behind(e.references(local.Attribute.Expr, nil), seen)...)
			}
		}
	}
	return list
}

// needed are what an argument refers to in one instance.
func (e *Evaluator) needed(attribute *schema.Attribute, each *Each) []*schema.Reference {
	if !isOrderOnly(attribute.Name) {
		return e.references(attribute.Expr, each)
	}
	var list []*schema.Reference
	for _, one := range orderReferences(attribute) {
		list = append(list, e.narrowed(one, each))
	}
	return list
}

// Dependencies are the flows that an instance's depends_on names, as written.
func (e *Evaluator) Dependencies(instance *Instance) []schema.Address {
	argument := instance.Flow.Argument("depends_on")
	if argument == nil {
		return nil
	}
	var list []schema.Address
	for _, reference := range e.needed(argument, instance.Each) {
		if reference.Address.Keyed || reference.Address.Block != "flow" {
			list = append(list, reference.Address)
			continue
		}
		keys, many := e.keys[reference.Address.Whole()]
		if !many {
			list = append(list, reference.Address)
		}
		for _, key := range keys {
			list = append(list, reference.Address.Instance(key))
		}
	}
	return list
}
