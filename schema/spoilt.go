package schema

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// spoilt is what mistakes make of blocks: all else of one can still be evaluated, so
// that its mistakes are told together, however far each of them lets it come.
type spoilt struct {
	config *Config
	at     []hcl.Range     // where the mistakes are
	wrong  map[string]bool // addresses of all that has one, or refers to what has
	noEach bool            // of the block at hand nobody knows the instances
}

// within is what is spoilt within a block: with its for_each all that refers to each.
func (s *spoilt) within(block *Block) *spoilt {
	each := block.Argument("for_each")
	if each == nil || !s.spoils(each) {
		return s
	}
	rest := *s
	rest.noEach = true
	return &rest
}

// unnested is a kind of block that has arguments and nothing else.
type unnested interface{ ~struct{ Block } }

// soundly makes of a block what is left without the arguments that are spoilt; nil
// where nothing of it can be evaluated, or nothing could be left out.
func soundly[T unnested](s *spoilt) func(*T) *T {
	return func(one *T) *T {
		block := struct{ Block }(*one).Block
		if !s.wrong[block.Address.String()] {
			return one
		}
		rest, ok := s.within(&block).partly(block)
		if !ok || block.Partial && !block.Nameless && len(rest.Arguments) == len(block.Arguments) {
			return nil
		}
		return &T{rest}
	}
}

// naming is soundly for blocks that name flows. That one is not declared is told
// there, unless it is only not in the sound configuration.
func naming[T unnested](s *spoilt, sound *Config) func(*T) *T {
	lost := func(argument *Attribute) bool {
		address, ok := NamedBy(argument.Expr).Meant("flow")
		unknown := !sound.Has(address) || s.config.HasForEach(address) && !sound.HasForEach(address)
		return ok && s.config.MayHave(address.Whole()) && unknown
	}
	return func(one *T) *T {
		rest := struct{ Block }(*one).Block
		rest.Partial = rest.Partial || s.has(rest.extent)
		rest.Arguments = slices.DeleteFunc(slices.Clone(rest.Arguments), func(argument *Attribute) bool {
			switch argument.Name {
			case "from":
				return s.has(argument.Range())
			case "to":
				return s.has(argument.Range()) || lost(argument)
			}
			return s.spoils(argument)
		})
		return &T{rest}
	}
}

func (s *spoilt) local(local *Local) *Local {
	if s.wrong[local.Address.String()] {
		return nil
	}
	return local
}

// variable is a variable without what is spoilt of it. It has no value then.
func (s *spoilt) variable(variable *Variable) *Variable {
	if !s.wrong[variable.Address.String()] {
		return variable
	}
	block, ok := s.partly(variable.Block)
	rest := *variable
	rest.Block = block
	rest.Validations = slices.DeleteFunc(slices.Clone(variable.Validations), s.spoilsPart)
	if !ok || variable.Partial && !variable.Nameless && len(rest.Arguments)+len(rest.Validations) == len(variable.Arguments)+len(variable.Validations) {
		return nil
	}
	return &rest
}

// project is a project without what is spoilt of it: flows are in it all the same.
func (s *spoilt) project(project *Project) *Project {
	if !s.wrong[project.Address.String()] {
		return project
	}
	rest := *project
	rest.Block, _ = s.partly(project.Block)
	rest.Unplaced = project.Unplaced || s.unplaces(project)
	return &rest
}

// unplaces says whether what is wrong with a project may be which files are in it.
func (s *spoilt) unplaces(project *Project) bool {
	for _, mistake := range s.at {
		aside := func(argument *Attribute) bool {
			return (argument.Name == "package" || argument.Name == "exclude") && begins(mistake, argument.Range())
		}
		if begins(mistake, project.extent) && !slices.ContainsFunc(project.Arguments, aside) {
			return true
		}
	}
	return slices.ContainsFunc(project.Arguments, func(argument *Attribute) bool {
		return (argument.Name == "root" || argument.Name == "include") && s.spoils(argument)
	})
}

// profile is a profile without what is spoilt of it.
func (s *spoilt) profile(profile *Profile) *Profile {
	if !s.wrong[profile.Address.String()] {
		return profile
	}
	rest := *profile
	rest.Block, _ = s.partly(profile.Block)
	rest.Bundle, rest.Retry, rest.Resources = s.part(profile.Bundle), s.part(profile.Retry), s.part(profile.Resources)
	return &rest
}

// pool is a pool without what is spoilt of it: flows name it all the same.
func (s *spoilt) pool(pool *Pool) *Pool {
	if !s.wrong[pool.Address.String()] {
		return pool
	}
	rest, _ := s.partly(pool.Block)
	return &Pool{rest}
}

// flow is a flow without the arguments that are spoilt, or nil where nothing of it
// can be evaluated: it has no name of its own.
func (s *spoilt) flow(flow *Flow) *Flow {
	if !s.wrong[flow.Address.String()] {
		return flow
	}
	s = s.within(&flow.Block)
	block, ok := s.partly(flow.Block)
	if !ok || s.inheritsNothing(&flow.Block) {
		return nil
	}
	rest := *flow
	rest.Block = block
	rest.Located = (!flow.Partial || flow.Located) && !s.noEach && s.locates(flow)
	rest.Outputs = kept(flow.Outputs, s.output)
	rest.Pin, rest.Bundle, rest.Retry, rest.Resources = s.part(flow.Pin), s.part(flow.Bundle), s.part(flow.Retry), s.part(flow.Resources)
	if flow.Partial && !flow.Nameless && rest.size() == flow.size() {
		return nil // its mistakes are in nothing that could be left out
	}
	return &rest
}

// locates says whether nothing is wrong in a flow that may say what it runs, and
// where: then its source can be looked at.
func (s *spoilt) locates(flow *Flow) bool {
	locating := func(argument *Attribute) bool {
		return slices.Contains([]string{"environment", "file", "inherits", "project"}, argument.Name) && s.spoils(argument)
	}
	inherits := func(profile string) bool { return s.wrong[profile] }
	if slices.ContainsFunc(flow.Arguments, locating) || slices.ContainsFunc(flow.inherited, inherits) || flow.Bundle != nil && slices.ContainsFunc(flow.Bundle.Arguments, s.spoils) {
		return false
	}
	return !slices.ContainsFunc(s.at, func(mistake hcl.Range) bool {
		in := func(argument *Attribute) bool { return begins(mistake, argument.Range()) }
		inPart := func(part *Block) bool { return part != nil && part != flow.Bundle && begins(mistake, part.extent) }
		return begins(mistake, flow.extent) && !slices.ContainsFunc(flow.Arguments, in) && !slices.ContainsFunc(flow.parts(), inPart) // but in a name that stands for none
	})
}

// output is an output of a flow without what is spoilt of it.
func (s *spoilt) output(output *FlowOutput) *FlowOutput {
	if s.has(output.DeclRange) && !output.Nameless {
		return nil
	}
	rest := *output
	rest.Block = *s.part(&output.Block)
	return &rest
}

// partly is a block without the arguments that are spoilt; ok is false where nothing
// of it can be evaluated.
func (s *spoilt) partly(block Block) (rest Block, ok bool) {
	rest = block
	rest.Partial, rest.Arguments = true, s.without(block.Arguments)
	return rest, block.Nameless || !s.has(block.DeclRange)
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
	rest.Partial = rest.Partial || s.spoilsPart(block)
	rest.Arguments = s.without(block.Arguments)
	return &rest
}

func (s *spoilt) without(arguments []*Attribute) []*Attribute {
	return slices.DeleteFunc(slices.Clone(arguments), s.spoils)
}

// spoils says whether an argument has a mistake, or refers to what has one.
func (s *spoilt) spoils(argument *Attribute) bool {
	parts := []hcl.Range{argument.Range()}
	if merged, ok := argument.Expr.(*Merged); ok { // of which some stand in profiles
		for _, part := range merged.Parts {
			parts = append(parts, part.Range())
		}
	}
	ofInstance := func(reference *Reference) bool { return reference.Address.Block == "each" }
	return slices.ContainsFunc(parts, s.has) || s.noEach && slices.ContainsFunc(argument.References, ofInstance) || evaluated{parts: []*Block{{Arguments: []*Attribute{argument}}}}.refersTo(s.config, s.wrong)
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
