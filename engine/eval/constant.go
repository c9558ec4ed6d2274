package eval

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/fault"
	"github.com/flowrider/flowrider/schema"
)

// Most arguments of flows are constant: simple expressions that refer to
// nothing but variables and local values, of which all is known before
// anything is walked. Those are evaluated once, side by side, whatever number
// of instances there are.

// constant is what an expression is worth in each instance: one value without
// marks, in both forms.
type constant struct {
	real    cty.Value  // cty.NilVal where the expression is none
	long    int        // bytes of long texts in it; see size
	members []constant // of an object that is none; nil where none was looked at
}

func (c constant) value() Value { return Value{Real: c.real, Hashed: c.real, single: true} }

// takeConstants evaluates the constant arguments of all flows.
func (e *Evaluator) takeConstants() {
	later := map[string]bool{}
	for _, names := range e.users {
		for _, name := range names {
			later[name] = true
		}
	}
	for _, local := range e.config.Locals {
		if !later[local.Address.Name] {
			e.local(local.Address.Name) // whose mistake is told where it is met
		}
	}
	parts := slices.Collect(slices.Chunk(e.config.Flows, atOnce))
	found := make([]map[*schema.Block][]constant, len(parts))
	fault.InParallel(len(parts), len(parts), func(i int) {
		found[i] = make(map[*schema.Block][]constant, len(parts[i]))
		for _, flow := range parts[i] {
			for _, block := range blocks(flow) {
				found[i][block] = e.constantsOf(block)
			}
		}
	})
	e.constants = make(map[*schema.Block][]constant, len(e.config.Flows))
	for _, part := range found {
		maps.Copy(e.constants, part)
	}
}

// constantsOf are the constant arguments of a block.
func (e *Evaluator) constantsOf(block *schema.Block) []constant {
	list := make([]constant, len(block.Arguments))
	for i, attribute := range block.Arguments {
		simple := attribute.Simple()
		if simple == nil || !hasValue(attribute) || isSecrets(block, attribute) {
			continue
		}
		if !slices.ContainsFunc(attribute.References, isKnownLater) {
			list[i] = e.constantOf(simple.Term, simple.Range(), constraint{Type: block.Type(attribute.Name)})
		} else if object, ok := simple.Term.(schema.Object); ok {
			list[i].members = make([]constant, len(object))
			for j, member := range object {
				list[i].members[j] = e.constantOf(member.Term, simple.Range(), anything)
			}
		}
	}
	return list
}

func isKnownLater(reference *schema.Reference) bool {
	block := reference.Address.Block
	return block != "var" && block != "local"
}

// constantOf is what a term of an expression is worth that stands somewhere.
func (e *Evaluator) constantOf(term schema.Term, at hcl.Range, want constraint) constant {
	s := &simple{eval: e, constant: true}
	value, ok := s.evaluateTerm(term, at, want)
	if !ok || !value.single {
		return constant{}
	}
	return constant{real: value.Real, long: s.size.long}
}

// constant is what a reference in a constant stands for.
func (e *Evaluator) constant(reference *schema.Reference) (value Value, ok bool) {
	switch reference.Address.Block {
	case "var":
		value, ok = e.variables[reference.Address.Name]
	case "local":
		value, ok = e.locals[reference.Address.Name]
	}
	return value, ok && value.single
}
