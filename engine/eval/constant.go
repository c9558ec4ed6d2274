package eval

import (
	"maps"
	"slices"

	"github.com/flowrider/flowrider/internal/fault"
	"github.com/flowrider/flowrider/schema"
)

// Most arguments of flows are constant: simple expressions that refer to
// nothing but variables and local values, of which all is known before
// anything is walked. Those are evaluated once, side by side, whatever number
// of instances there are.

// constant is what an argument is worth in each instance.
type constant struct {
	value Value // absent where the argument is none
	long  int   // bytes of long texts in it; see size
}

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

func (e *Evaluator) constantsOf(block *schema.Block) []constant {
	list := make([]constant, len(block.Arguments))
	for i, attribute := range block.Arguments {
		if !attribute.Simple || orderOnly[attribute.Name] || isSecrets(block, attribute) {
			continue
		}
		s := &simple{eval: e, constant: true}
		if value, ok := s.evaluate(attribute.Expr, block.Type(attribute.Name)); ok && value.single {
			list[i] = constant{value, s.size.long}
		}
	}
	return list
}

// constant is what a reference in a constant stands for.
func (e *Evaluator) constant(reference Reference) (value Value, ok bool) {
	switch reference.Address.Block {
	case "var":
		value, ok = e.variables[reference.Address.Name]
	case "local":
		value, ok = e.locals[reference.Address.Name]
	}
	return value, ok && value.single
}
