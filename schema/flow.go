package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Flow is a node of the graph: something that is run and gets a run ID.
type Flow struct {
	Block
	nestedBlocks
	Outputs []*FlowOutput
	Pin     *Block // the pin block, or nil
	Located bool   // it is Partial, and what it runs is known, and where; see Sound

	looseOutputs bool // it may declare others, which could not be read
}

// parts are the blocks in it whose arguments are evaluated, nil for those that it
// does not have.
func (f *Flow) parts() []*Block {
	parts := []*Block{f.Bundle, f.Pin, f.Retry, f.Resources}
	for _, output := range f.Outputs {
		parts = append(parts, &output.Block)
	}
	return parts
}

// nestedBlocks are the blocks in a flow that a profile may have too, or nil.
type nestedBlocks struct {
	Bundle    *Block
	Stop      *Stop
	Retry     *Block
	Resources *Block
}

// FlowOutput is a declared output of a flow.
type FlowOutput struct {
	Block // its Address is only a name
	Name  string
}

// flowArguments is what every flow has, whatever its runner.
var flowArguments = []Argument{
	{Name: "inherits", Type: cty.DynamicPseudoType, Aside: true, Default: "none", Help: "profiles that it takes arguments from, as in [profile.a, profile.b]: later ones win, and what the flow says itself; maps and objects merge"},
	{Name: "description", Type: cty.String, Aside: true, Help: "what the flow is for"},
	{Name: "project", Type: cty.DynamicPseudoType, Aside: true, Default: "the only project, else the root folder", Help: "the project it runs in, whose files count"},
	{Name: "environment", Type: cty.DynamicPseudoType, Default: "the caller's PATH", Help: "the environment it runs in"},
	{Name: "parameters", Type: cty.DynamicPseudoType, Object: true, Default: "none", Help: "its parameters, an object"},
	{Name: "env", Type: cty.Map(cty.String), Nullable: true, Default: "none", Help: "environment variables"},
	{Name: "pass_env", Type: cty.List(cty.String), Aside: true, Default: "none", Help: "names and globs of the caller's variables to pass"},
	{Name: "secrets", Type: cty.DynamicPseudoType, Object: true, Aside: true, Default: "none", Help: "environment variables that are hidden everywhere; { file = VALUE } puts a value into a private file, and its path into the variable"},
	{Name: "tags", Type: cty.List(cty.String), Aside: true, Default: "none", Help: "tags for runners that have them"},
	{Name: "depends_on", Type: cty.DynamicPseudoType, Default: "none", Help: "flows whose whole result it depends on"},
	{Name: "after", Type: cty.DynamicPseudoType, Aside: true, Default: "none", Help: "flows that come before it in order only"},
	{Name: "for_each", Type: cty.DynamicPseudoType, Aside: true, Default: "one instance", Help: "a map or a set of texts: one instance for each"},
	{Name: "data_version", Type: cty.String, Aside: true, Default: "\"content\"; \"run\" of Metaflow without outputs", Help: "what its result is compared by: content, run or key"},
	{Name: "salt", Type: cty.String, Default: "none", Help: "any text that counts: change it to run the flow again"},
	{Name: "expires_after", Type: cty.String, Aside: true, Default: "for ever", Help: "how long its result is good, such as \"24h\" or \"7d\", counted from the end of the run that last confirmed it"},
	{Name: "volatile", Type: cty.Bool, Aside: true, Default: "false", Help: "whether it runs in every apply; what needs it still stops at an equal result"},
	{Name: "timeout", Type: cty.String, Aside: true, Default: "none", Help: "how long a run may take, such as \"1h\": then it is stopped and has failed"},
	{Name: "pools", Type: cty.Map(cty.Number), Aside: true, Default: "none", Help: "how much of each pool it takes while it runs, as in { gpu = 1 }"},
	{Name: "run_id_file", Type: cty.String, Aside: true, Default: "none", Help: "a file below the root folder that gets the bare run ID"},
}

// The tables of flows, and of the output blocks in them, by their runners.
var (
	flowTables       = map[string]*table{"command": commandTable, "metaflow": metaflowTable}
	flowOutputTables = map[string]*table{"command": commandOutputTable, "metaflow": metaflowOutputTable}
)

var runnerNames = slices.Sorted(maps.Keys(flowTables))

var flowBlocks = append([]hcl.BlockHeaderSchema{
	{Type: "output", LabelNames: []string{"name"}},
	{Type: "pin"},
}, inheritedBlocks...)

// inheritedBlocks are those of nestedBlocks.
var inheritedBlocks = []hcl.BlockHeaderSchema{{Type: "bundle"}, {Type: "stop"}, {Type: "retry"}, {Type: "resources"}}

var bundleTable = &table{what: "bundle", arguments: []Argument{
	{Name: "include", Type: cty.List(cty.String), Help: "globs: exactly these files, whatever ignore files say"},
	{Name: "exclude", Type: cty.List(cty.String), Help: "globs: leave these files out"},
	{Name: "link", Type: cty.List(cty.String), Aside: true, Help: "globs: large data that is linked instead of copied"},
}}

func (c *Config) decodeFlow(block *hcl.Block) hcl.Diagnostics {
	common, blocks, diags := c.decodeKind(block)
	if common.Kind == "" {
		return diags
	}
	flow := &Flow{Block: common, looseOutputs: c.isMaimed(common.extent) || slices.Contains(mistaken(diags), "output") || isNoObject(diags)}
	for _, nested := range blocks {
		var moreDiags hcl.Diagnostics
		switch nested.Type {
		case "pin":
			flow.Pin, moreDiags = decodeOnce(nested, pinTable, flow.Pin, "flow")
		case "output":
			moreDiags = flow.decodeOutput(nested, flowOutputTables[flow.Kind])
		default:
			moreDiags = flow.decode(nested, "flow")
		}
		diags = append(diags, moreDiags...)
	}
	c.Flows = append(c.Flows, flow)
	return diags
}

// decode reads one of the blocks; in is what it is nested in, for messages.
func (n *nestedBlocks) decode(block *hcl.Block, in string) (diags hcl.Diagnostics) {
	switch block.Type {
	case "bundle":
		n.Bundle, diags = decodeOnce(block, bundleTable, n.Bundle, in)
	case "stop":
		n.Stop, diags = decodeStop(block, n.Stop, in)
	case "retry":
		n.Retry, diags = decodeOnce(block, retryTable, n.Retry, in)
	case "resources":
		n.Resources, diags = decodeOnce(block, resourcesTable, n.Resources, in)
	default:
		panic("schema: no decoder for nested block " + block.Type)
	}
	return diags
}

// add puts others in place of those that are there.
func (n *nestedBlocks) add(others nestedBlocks) {
	n.Bundle, n.Stop = cmp.Or(others.Bundle, n.Bundle), cmp.Or(others.Stop, n.Stop)
	n.Retry, n.Resources = cmp.Or(others.Retry, n.Retry), cmp.Or(others.Resources, n.Resources)
}

// decodeOnce reads a nested block of which there is at most one.
func decodeOnce(block *hcl.Block, t *table, earlier *Block, in string) (*Block, hcl.Diagnostics) {
	common, _, diags := decodeCommon(block, "", t)
	if earlier != nil {
		return earlier, append(diags, duplicate(block, in, "a "+block.Type+" block", earlier.DeclRange))
	}
	return &common, diags
}

func (f *Flow) decodeOutput(block *hcl.Block, t *table) hcl.Diagnostics {
	common, _, diags := decodeCommon(block, "", t)
	diags = append(checkName(block), diags...)
	for _, earlier := range f.Outputs {
		if earlier.Name == block.Labels[0] && !common.Nameless {
			diags = append(diags, duplicate(block, "flow", fmt.Sprintf("the output %q", earlier.Name), earlier.DeclRange))
		}
	}
	f.looseOutputs = f.looseOutputs || common.Nameless
	f.Outputs = append(f.Outputs, &FlowOutput{Block: common, Name: block.Labels[0]})
	return diags
}

// MayHaveOutput says whether the flow declares an output, or may: what could not be
// read may be that one.
func (f *Flow) MayHaveOutput(name string) bool { return f.looseOutputs || f.Output(name) != nil }

// Output is the declared output of that name, or nil.
func (f *Flow) Output(name string) *FlowOutput {
	for _, output := range f.Outputs {
		if output.Name == name {
			return output
		}
	}
	return nil
}

func duplicate(block *hcl.Block, in, what string, earlier hcl.Range) *hcl.Diagnostic {
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "Duplicate block",
		Detail:  fmt.Sprintf("This %s has %s at %s:%d already.", in, what, earlier.Filename, earlier.Start.Line),
		Subject: &block.DefRange,
	}
}
