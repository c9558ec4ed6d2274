package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// checkFlowList holds depends_on and after to a list of flows: they make
// edges and are never evaluated.
func (c *checker) checkFlowList(attribute *schema.Attribute, each bool) {
	items, ok := schema.NamedList(attribute.Expr)
	if !ok {
		if address, ok := schema.NamedBy(attribute.Expr).Meant("flow"); ok && c.config.Has(address) {
			better := address.InList(attribute.Range())
			c.report(attribute.Expr.Range(), "Unsuitable value", fmt.Sprintf("%s takes a list of flows: write %s.", attribute.Name, better), better)
			return
		}
		c.report(attribute.Expr.Range(), "Unsuitable value", fmt.Sprintf("%s takes a list of flows, as in %s.", attribute.Name, schema.As(attribute.Range(), `[flow.a, flow.b]`, `["flow.a", "flow.b"]`)), "")
		return
	}
	c.in = nil
	for _, item := range items {
		if item.Key != nil {
			c.checkOneOf(attribute, item, each)
			continue
		}
		traversal := item.Traversal
		if address, ok := item.Meant("flow"); ok && item.Text != "" && c.config.Has(address) {
			c.report(item.Subject, "Unsuitable value", fmt.Sprintf("%s takes flows, which are written without quotes: write %s.", attribute.Name, address), address.String())
			continue
		}
		if traversal == nil || traversal.RootName() != "flow" && slices.Contains(roots, traversal.RootName()) {
			c.noFlows(attribute, item)
			continue
		}
		reference := schema.NewReference(traversal)
		if !reference.Complete() || len(reference.Rest()) == 0 || !c.has("flow", reference.Address.Name) {
			c.checkReference(reference, anywhere)
			continue
		}
		if reference.Address.Whole() == c.own {
			continue // which is a cycle
		}
		better := reference.Address
		if !c.config.HasForEach(better) {
			better = better.Whole()
		}
		if key, ok := reference.Rest()[0].(hcl.TraverseAttr); ok && c.lacksKey(reference) && !slices.Contains(flowAttributes, key.Name) {
			better = better.Instance(key.Name)
		}
		c.report(item.Subject, "Unsuitable value", fmt.Sprintf("%s takes whole flows: write %s.", attribute.Name, better), better.String())
	}
}

// noFlows is the mistake of an element that names no flow.
func (c *checker) noFlows(attribute *schema.Attribute, item schema.Named) {
	c.report(item.Subject, "Unsuitable value", fmt.Sprintf("%s takes flows, as in %s.", attribute.Name, schema.As(item.Subject, `[flow.a, flow.b["key"]]`, `["flow.a", "flow.b[\"key\"]"]`)), "")
}

// checkOneOf checks an element that names one instance by a key that is no literal.
func (c *checker) checkOneOf(attribute *schema.Attribute, item schema.Named, each bool) {
	reference := schema.NewReference(item.Many)
	switch {
	case reference.Address.Block != "flow" && slices.Contains(roots, reference.Address.Block):
		c.noFlows(attribute, item)
	case !reference.Complete() || reference.Address.Block != "flow" || !c.has("flow", reference.Address.Name) || len(reference.Rest()) > 0:
		c.checkReference(reference, anywhere)
	case c.isSingle(reference.Address):
		c.noInstances(item.Subject, reference.Address, nil)
	}
	where := place{each: each, early: "What comes first is settled before any hook or flow has a value"}
	c.checkUsed(item.Key, schema.References(item.Key), where)
	c.in = nil
}

// lacksKey says whether a reference is to all instances of a flow.
func (c *checker) lacksKey(reference *schema.Reference) bool {
	return c.config.HasForEach(reference.Address) && !reference.Address.Keyed
}

// checkFlowReference checks what stands after flow.NAME.
func (c *checker) checkFlowReference(reference *schema.Reference) {
	flow := c.config.Flow(reference.Address.Name)
	if flow == nil {
		return // of an unknown kind, which is told there
	}
	names := attributes(reference.Rest())
	switch {
	case c.lacksKey(reference):
		c.checkWhichInstance(reference, names)
	case len(names) > 0:
		c.checkFlowAttributes(flow, reference, names)
	}
}

// checkWhichInstance finds an attribute that is taken of all instances of a flow. What
// stands before one, or is none, is a key that lacks its brackets.
func (c *checker) checkWhichInstance(reference *schema.Reference, names []hcl.TraverseAttr) {
	if len(names) == 0 {
		return
	}
	attribute := slices.IndexFunc(names, func(name hcl.TraverseAttr) bool { return slices.Contains(flowAttributes, name.Name) })
	what, all := names[0].Name, reference.Address
	if best := diag.Suggest(what, flowAttributes); attribute < 0 && len(names) == 1 && best != "" {
		attribute, what = 0, best
	}
	if attribute == 0 {
		c.report(reference.Range(), "Which instance?", fmt.Sprintf("%s has for_each: write %s[\"key\"].%s for one instance, or { for k, f in %s : k => f.%s } for all.", all, all, what, all, what), "")
		return
	}
	if attribute < 0 {
		attribute = len(names)
	}
	key := strings.TrimPrefix(written(reference.Rest()[:attribute]), ".")
	better := all.Instance(key).String() + written(reference.Rest()[attribute:])
	c.report(reference.Range(), "Which instance?", fmt.Sprintf("%s has for_each, and its instances have their keys in brackets: write %s.", all, better), better)
}

// outputMeant is what stands after output where something of one is taken from the flow
// itself, or the output's name is: its name, with the attribute. Of several outputs it
// is the NAME of one; it is "" of a flow without any.
func outputMeant(flow *schema.Flow, names []hcl.TraverseAttr) string {
	if flow.Output(names[0].Name) != nil {
		var steps []string
		for _, name := range names {
			steps = append(steps, name.Name)
		}
		return strings.Join(steps, ".")
	}
	name := "NAME"
	if len(flow.Outputs) == 1 {
		name = flow.Outputs[0].Name
	}
	if slices.ContainsFunc(flow.Outputs, func(output *schema.FlowOutput) bool {
		return slices.Contains(outputAttributes(flow, output), names[0].Name)
	}) {
		return name + "." + names[0].Name
	}
	return ""
}

func (c *checker) checkFlowAttributes(flow *schema.Flow, reference *schema.Reference, names []hcl.TraverseAttr) {
	if !slices.Contains(flowAttributes, names[0].Name) {
		if output := outputMeant(flow, names); output != "" {
			better := fmt.Sprintf("%s.output.%s", reference.Address, output)
			c.report(names[0].SrcRange, "Unknown attribute", fmt.Sprintf("A flow has no attribute %q, and what it writes is in its outputs: write %s.", names[0].Name, better), better)
			return
		}
		c.unknown(names[0].SrcRange, "Unknown attribute", fmt.Sprintf("A flow has no attribute %q.", names[0].Name), names[0].Name, flowAttributes, "It has")
		return
	}
	if names[0].Name != "output" || len(names) < 2 {
		return
	}
	output := flow.Output(names[1].Name)
	if output == nil {
		if flow.MayHaveOutput(names[1].Name) {
			return
		}
		var outputs []string
		for _, output := range flow.Outputs {
			outputs = append(outputs, output.Name)
		}
		detail := fmt.Sprintf("%s declares no output %q.", flow.Address, names[1].Name)
		if len(outputs) == 0 {
			detail += fmt.Sprintf(" Declare it there: output %q { … }.", names[1].Name)
		}
		c.unknown(names[1].SrcRange, "Unknown output", detail, names[1].Name, outputs, "It declares")
		return
	}
	known := outputAttributes(flow, output)
	if len(names) < 3 || slices.Contains(known, names[2].Name) {
		return
	}
	address := fmt.Sprintf("%s.output.%s", reference.Address, output.Name)
	switch {
	case names[2].Name == "value" && isFile(output):
		c.report(names[2].SrcRange, "Unknown attribute", fmt.Sprintf("%s is a file, and only what a command prints has a value: write %s.path.", address, address), "path")
	case names[2].Name == "path" && isPrinted(output):
		c.report(names[2].SrcRange, "Unknown attribute", fmt.Sprintf("%s is what the command prints, and only a file has a path: write %s.value.", address, address), "value")
	default:
		c.unknown(names[2].SrcRange, "Unknown attribute", fmt.Sprintf("%s has no attribute %q.", address, names[2].Name), names[2].Name, known, "It has")
	}
}
