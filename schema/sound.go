package schema

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// extentOf is where a block stands, from its type to its closing brace; zero of
// one in JSON.
func extentOf(block *hcl.Block) hcl.Range {
	if body, ok := block.Body.(*hclsyntax.Body); ok {
		return hcl.RangeBetween(block.DefRange, body.SrcRange)
	}
	return hcl.Range{}
}

// Sound is the configuration without the blocks that have mistakes, and without
// what refers to them: the rest can be evaluated, so that one block does not hide
// what is wrong in others. Nil where a mistake is in no block.
func (c *Config) Sound(mistakes hcl.Diagnostics) *Config {
	wrong := map[string]bool{}
	for _, mistake := range mistakes {
		if mistake.Severity == hcl.DiagError && !c.blame(mistake, wrong) {
			return nil
		}
	}
	for again := true; again; {
		again = false
		for _, block := range c.evaluated() {
			if !wrong[block.name] && block.refersTo(wrong) {
				wrong[block.name], again = true, true
			}
		}
	}
	sound := &Config{Root: c.Root, Sources: c.Sources, FileNames: c.FileNames, Settings: c.Settings}
	sound.Variables = without(c.Variables, wrong, func(v *Variable) Address { return v.Address })
	sound.Locals = without(c.Locals, wrong, func(l *Local) Address { return l.Address })
	sound.Projects = without(c.Projects, wrong, func(p *Project) Address { return p.Address })
	sound.Environments = without(c.Environments, wrong, func(e *Environment) Address { return e.Address })
	sound.Hooks = without(c.Hooks, wrong, func(h *Hook) Address { return h.Address })
	sound.Profiles = without(c.Profiles, wrong, func(p *Profile) Address { return p.Address })
	sound.Flows = without(c.Flows, wrong, func(f *Flow) Address { return f.Address })
	sound.Outputs = without(c.Outputs, wrong, func(o *Output) Address { return o.Address })
	for _, pool := range c.Pools { // flows name them, so they stay, without a size
		if wrong[pool.Address.String()] {
			pool = &Pool{Block: Block{Address: pool.Address, DeclRange: pool.DeclRange, table: pool.table}}
		}
		sound.Pools = append(sound.Pools, pool)
	}
	sound.indexNames()
	return sound
}

// blame finds the block that a mistake is in.
func (c *Config) blame(mistake *hcl.Diagnostic, wrong map[string]bool) bool {
	if mistake.Subject == nil {
		return false
	}
	for _, block := range c.evaluated() {
		at := mistake.Subject.Start.Byte
		if block.extent.Filename == mistake.Subject.Filename && block.extent.Start.Byte <= at && at < block.extent.End.Byte {
			wrong[block.name] = true
			return true
		}
	}
	return false
}

// evaluated is a block, or a local value, as far as its mistakes go.
type evaluated struct {
	name   string
	extent hcl.Range
	parts  []*Block // its own arguments and those of nested blocks
	expr   hcl.Expression
}

func (c *Config) evaluated() []evaluated {
	var list []evaluated
	nested := map[Address][]*Block{}
	for _, flow := range c.Flows {
		parts := []*Block{flow.Bundle, flow.Pin, flow.Retry, flow.Resources}
		for _, output := range flow.Outputs {
			parts = append(parts, &output.Block)
		}
		nested[flow.Address] = parts
	}
	for _, variable := range c.Variables {
		nested[variable.Address] = variable.Validations
	}
	for _, block := range c.blocks() {
		list = append(list, evaluated{name: block.Address.String(), extent: block.extent, parts: append([]*Block{block}, nested[block.Address]...)})
	}
	for i, local := range c.Locals {
		at := len(c.Variables) + i // as blocks lists them
		list[at].extent, list[at].expr = local.Attribute.Range, local.Attribute.Expr
	}
	return list
}

func (e evaluated) refersTo(wrong map[string]bool) bool {
	exprs := []hcl.Expression{}
	if e.expr != nil {
		exprs = append(exprs, e.expr)
	}
	for _, part := range e.parts {
		if part == nil {
			continue
		}
		if slices.ContainsFunc(part.inherited, func(profile string) bool { return wrong[profile] }) {
			return true
		}
		for _, argument := range part.Arguments {
			exprs = append(exprs, argument.Expr)
		}
	}
	for _, expr := range exprs {
		for _, traversal := range expr.Variables() {
			if len(traversal) < 2 {
				continue
			}
			if name, ok := traversal[1].(hcl.TraverseAttr); ok && wrong[traversal.RootName()+"."+name.Name] {
				return true
			}
		}
	}
	return false
}

func without[T any](list []T, wrong map[string]bool, address func(T) Address) []T {
	var kept []T
	for _, one := range list {
		if !wrong[address(one).String()] {
			kept = append(kept, one)
		}
	}
	return kept
}
