package schema

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// spoilt is what mistakes make of flows and hooks: all else of one can still be
// evaluated, so that its mistakes are told together, however far each of them lets
// it come.
type spoilt struct {
	config *Config
	at     []hcl.Range     // where the mistakes are
	wrong  map[string]bool // addresses of all that has one, or refers to what has
}

// flow is a flow without the arguments that are spoilt, or nil where nothing of it
// can be evaluated: it has no name of its own, or nobody knows its instances.
func (s *spoilt) flow(flow *Flow) *Flow {
	if !s.wrong[flow.Address.String()] {
		return flow
	}
	block, ok := s.partly(flow.Block)
	if !ok || s.inheritsNothing(&flow.Block) {
		return nil
	}
	rest := *flow
	rest.Block = block
	rest.Outputs = slices.DeleteFunc(slices.Clone(flow.Outputs), func(output *FlowOutput) bool { return s.spoilsPart(&output.Block) })
	if flow.Pin != nil && s.spoilsPart(flow.Pin) {
		rest.Pin = nil
	}
	rest.Bundle, rest.Retry, rest.Resources = s.part(flow.Bundle), s.part(flow.Retry), s.part(flow.Resources)
	if flow.Partial && rest.size() == flow.size() {
		return nil // its mistakes are in nothing that could be left out
	}
	return &rest
}

// hook is to a hook what flow is to a flow.
func (s *spoilt) hook(hook *Hook) *Hook {
	if !s.wrong[hook.Address.String()] {
		return hook
	}
	rest, ok := s.partly(hook.Block)
	if !ok || hook.Partial && len(rest.Arguments) == len(hook.Arguments) {
		return nil
	}
	return &Hook{Block: rest}
}

// partly is a block without the arguments that are spoilt; ok is false where nothing
// of it can be evaluated.
func (s *spoilt) partly(block Block) (rest Block, ok bool) {
	each := block.Argument("for_each")
	rest = block
	rest.Partial, rest.Arguments = true, s.without(block.Arguments)
	return rest, !s.has(block.DeclRange) && (each == nil || !s.spoils(each))
}

// size is how many arguments a flow has.
func (f *Flow) size() int {
	size := len(f.Arguments)
	for _, part := range f.parts() {
		if part != nil {
			size += 1 + len(part.Arguments)
		}
	}
	return size
}

func (s *spoilt) part(block *Block) *Block {
	if block == nil {
		return nil
	}
	rest := *block
	rest.Arguments = s.without(block.Arguments)
	return &rest
}

func (s *spoilt) without(arguments []*Attribute) []*Attribute {
	return slices.DeleteFunc(slices.Clone(arguments), s.spoils)
}

// spoils says whether an argument has a mistake, or refers to what has one.
func (s *spoilt) spoils(argument *Attribute) bool {
	parts := []hcl.Range{argument.Range}
	if merged, ok := argument.Expr.(*Merged); ok { // of which some stand in profiles
		for _, part := range merged.Parts {
			parts = append(parts, part.Range())
		}
	}
	return slices.ContainsFunc(parts, s.has) || evaluated{parts: []*Block{{Arguments: []*Attribute{argument}}}}.refersTo(s.config, s.wrong)
}

func (s *spoilt) spoilsPart(block *Block) bool {
	return s.has(block.extent) || slices.ContainsFunc(block.Arguments, s.spoils)
}

func (s *spoilt) has(extent hcl.Range) bool {
	return slices.ContainsFunc(s.at, func(mistake hcl.Range) bool { return begins(mistake, extent) })
}

// inheritsNothing says whether a flow inherits from something that has no name of
// its own, so that nobody knows what is meant.
func (s *spoilt) inheritsNothing(flow *Block) bool {
	return slices.ContainsFunc(s.config.Profiles, func(profile *Profile) bool {
		return slices.Contains(flow.inherited, profile.Address.String()) && s.has(profile.DeclRange)
	})
}
