package schema

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/flowrider/flowrider/internal/diag"
)

// extentOf is where a block stands, from its type to its closing brace.
func extentOf(block *hcl.Block) hcl.Range {
	if body, ok := block.Body.(*hclsyntax.Body); ok {
		return hcl.RangeBetween(block.DefRange, body.SrcRange)
	}
	return hcl.RangeBetween(block.DefRange, block.Body.MissingItemRange()) // in JSON from brace to brace
}

// Sound is the configuration without what has mistakes, and without what refers to
// that or to what is not declared: the rest can be evaluated, so that one mistake
// does not hide others. Of blocks it is only the arguments that are left out. What
// else is known to be wrong may be named.
func (c *Config) Sound(mistakes hcl.Diagnostics, others ...Address) *Config {
	sound := &Config{Root: c.Root, Sources: c.Sources, FileNames: c.FileNames, Settings: c.Settings}
	if len(mistakes) > diag.Most {
		return sound // enough is told
	}
	wrong := map[string]bool{}
	for _, address := range others {
		wrong[address.String()] = true
	}
	blocks := c.evaluated()
	var at []hcl.Range
	for _, mistake := range mistakes {
		if mistake.Severity == hcl.DiagError && mistake.Subject != nil {
			blame(blocks, *mistake.Subject, wrong)
			at = append(at, *mistake.Subject)
		}
	}
	parts := &spoilt{config: c, at: at, wrong: wrong}
	c.spread(blocks, wrong)
	sound.Variables = kept(c.Variables, parts.variable)
	sound.Locals = kept(c.Locals, parts.local)
	sound.Projects = kept(c.Projects, parts.project)
	sound.Environments = kept(c.Environments, soundly[Environment](parts))
	sound.Hooks = kept(c.Hooks, soundly[Hook](parts))
	sound.Profiles = kept(c.Profiles, parts.profile)
	sound.Flows = kept(c.Flows, parts.flow)
	sound.Pools = kept(c.Pools, parts.pool)
	sound.Outputs = kept(c.Outputs, soundly[Output](parts))
	sound.indexNames()
	sound.Moved = kept(c.Moved, naming[Moved](parts, sound))
	sound.Imports = kept(c.Imports, naming[Import](parts, sound))
	return sound
}

// spread makes wrong what refers to something wrong, or to nothing.
func (c *Config) spread(blocks []evaluated, wrong map[string]bool) {
	users := map[string][]string{}
	var pending []string
	for _, block := range blocks {
		for _, name := range block.names() {
			users[name] = append(users[name], block.name)
		}
		if wrong[block.name] || block.refersTo(c, wrong) {
			pending = append(pending, block.name)
		}
	}
	for len(pending) > 0 {
		name := pending[len(pending)-1]
		pending, wrong[name] = pending[:len(pending)-1], true
		for _, user := range users[name] {
			if !wrong[user] {
				pending = append(pending, user)
			}
		}
		delete(users, name)
	}
}

// Size is how much of the configuration can be evaluated.
func (c *Config) Size() int {
	size := 0
	for _, block := range c.evaluated() {
		size++
		for _, part := range block.parts {
			if part != nil {
				size += 1 + len(part.Arguments)
			}
			if part != nil && part.Partial {
				size--
			}
		}
	}
	return size
}

// blame finds the block that a mistake is in. One that is in none spoils no
// other either.
func blame(blocks []evaluated, mistake hcl.Range, wrong map[string]bool) {
	for _, block := range blocks {
		if begins(mistake, block.extent) {
			wrong[block.name] = true
		}
	}
}

// Holds says whether something begins within the block, and not in a profile that
// it inherits. Of JSON's blocks it says so as far as their places are known.
func (b *Block) Holds(place hcl.Range) bool { return begins(place, b.extent) }

// begins says whether a mistake begins within an extent.
func begins(mistake, extent hcl.Range) bool {
	return extent.Filename == mistake.Filename && extent.Start.Byte <= mistake.Start.Byte && mistake.Start.Byte < extent.End.Byte
}

// evaluated is a block, or a local value, as far as its mistakes go.
type evaluated struct {
	name   string
	extent hcl.Range
	parts  []*Block // its own arguments and those of nested blocks
	local  *Attribute
}

func (c *Config) evaluated() []evaluated {
	var list []evaluated
	nested := map[Address][]*Block{}
	for _, flow := range c.Flows {
		nested[flow.Address] = flow.parts()
	}
	for _, profile := range c.Profiles {
		nested[profile.Address] = []*Block{profile.Bundle, profile.Retry, profile.Resources}
	}
	for _, variable := range c.Variables {
		nested[variable.Address] = variable.Validations
	}
	for _, block := range c.blocks() {
		list = append(list, evaluated{name: block.Address.String(), extent: block.extent, parts: append([]*Block{block}, nested[block.Address]...)})
	}
	for _, moved := range c.Moved {
		list = append(list, evaluated{name: place(&moved.Block), extent: moved.extent, parts: []*Block{&moved.Block}})
	}
	for _, adopted := range c.Imports {
		list = append(list, evaluated{name: place(&adopted.Block), extent: adopted.extent, parts: []*Block{&adopted.Block}})
	}
	for i, local := range c.Locals {
		at := len(c.Variables) + i // as blocks lists them
		list[at].extent, list[at].local = local.Attribute.Range(), local.Attribute
	}
	return list
}

func (e evaluated) refersTo(c *Config, wrong map[string]bool) bool {
	for _, part := range e.parts {
		if part != nil && slices.ContainsFunc(part.inherited, func(profile string) bool { return wrong[profile] }) {
			return true
		}
	}
	return slices.ContainsFunc(e.references(), func(address Address) bool { return c.isWrong(address, wrong) })
}

// names are the addresses of all that it refers to or inherits.
func (e evaluated) names() (names []string) {
	for _, part := range e.parts {
		if part != nil {
			names = append(names, part.inherited...)
		}
	}
	for _, address := range e.references() {
		names = append(names, address.String())
	}
	return names
}

func (e evaluated) references() (list []Address) {
	written := []*Attribute{}
	if e.local != nil {
		written = append(written, e.local)
	}
	for _, part := range e.parts {
		if part != nil {
			written = append(written, part.Arguments...)
		}
	}
	for _, attribute := range written {
		for _, reference := range attribute.References {
			list = append(list, reference.Address.Whole())
		}
	}
	return list
}

// isWrong says whether a reference leads to something that is wrong, or to
// nothing.
func (c *Config) isWrong(address Address, wrong map[string]bool) bool {
	switch address.Block {
	case "var", "local", "project", "environment", "hook", "flow":
		_, declared := c.index[address]
		return !declared || wrong[address.String()] && address.Block != "project" // of which there is always something left
	}
	return false
}

// place names a block that has no name.
func place(block *Block) string { return block.DeclRange.String() }

// kept is what is left of each of a list, without those of which nothing is.
func kept[T any](list []*T, rest func(*T) *T) []*T {
	var left []*T
	for _, one := range list {
		if one = rest(one); one != nil {
			left = append(left, one)
		}
	}
	return left
}
