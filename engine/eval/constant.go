package eval

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
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
	real cty.Value // cty.NilVal where the expression is none
	long int       // bytes of long texts in it; see size
}

func (c constant) value() Value { return Value{Real: c.real, Hashed: c.real, single: true} }

// constants are those of all flows.
type constants struct {
	arguments map[*schema.Block][]constant // as the block's are
	members   map[*hclsyntax.ObjectConsExpr][]objectMember
}

func newConstants(flows int) constants {
	return constants{make(map[*schema.Block][]constant, flows), make(map[*hclsyntax.ObjectConsExpr][]objectMember, flows)}
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
	found := make([]constants, len(parts))
	fault.InParallel(len(parts), len(parts), func(i int) {
		found[i] = newConstants(len(parts[i]))
		for _, flow := range parts[i] {
			for _, block := range blocks(flow) {
				found[i].arguments[block] = e.constantsOf(block, found[i].members)
			}
		}
	})
	all := newConstants(len(e.config.Flows))
	for _, part := range found {
		maps.Copy(all.arguments, part.arguments)
		maps.Copy(all.members, part.members)
	}
	e.constants = all
}

// constantsOf are the constant arguments of a block. Of an object that is none,
// the members that are constant are kept.
func (e *Evaluator) constantsOf(block *schema.Block, members map[*hclsyntax.ObjectConsExpr][]objectMember) []constant {
	list := make([]constant, len(block.Arguments))
	for i, attribute := range block.Arguments {
		if !attribute.Simple || orderOnly[attribute.Name] || isSecrets(block, attribute) {
			continue
		}
		if !slices.ContainsFunc(attribute.Traversals, isKnownLater) {
			list[i] = e.constantOf(attribute.Expr, block.Type(attribute.Name))
		} else if object, ok := attribute.Expr.(*hclsyntax.ObjectConsExpr); ok {
			if list, ok := membersOf(object); ok {
				for i, member := range list {
					list[i].constant = e.constantOf(member.expr, cty.DynamicPseudoType)
				}
				members[object] = list
			}
		}
	}
	return list
}

func isKnownLater(traversal hcl.Traversal) bool {
	root := traversal.RootName()
	return root != "var" && root != "local"
}

func (e *Evaluator) constantOf(expr hcl.Expression, want cty.Type) constant {
	s := &simple{eval: e, constant: true}
	value, ok := s.evaluate(expr, want)
	if !ok || !value.single {
		return constant{}
	}
	return constant{value.Real, s.size.long}
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
