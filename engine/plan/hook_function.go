package plan

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/schema"
)

// HookFunction is the Python function that a hook calls, as far as that is
// known without calling it.
type HookFunction struct {
	Block       *schema.Hook
	Project     string       // the folder that it is called in, absolute
	Environment *Environment // nil without one
	Module      string
	Function    string
	Args        int      // how many positional arguments it is given; -1 where that is not known
	Kwargs      []string // the names of the others, sorted
	AllKwargs   bool     // all of the names are known
}

// HookFunctions are the functions of all Python hooks. What is wrong with a
// hook itself is told elsewhere.
func (s *Session) HookFunctions() []HookFunction {
	var list []HookFunction
	for _, block := range s.eval.Hooks() {
		if block.Kind != "python" || block.Partial {
			continue
		}
		values, diags := s.eval.Block(&block.Block)
		function, known := values["function"].Text()
		module, name, ok := strings.Cut(function, ":")
		if diags.HasErrors() || !known || !ok || module == "" || name == "" {
			continue
		}
		h := HookFunction{Block: block, Module: module, Function: name}
		h.Args, h.Kwargs, h.AllKwargs = shapeOf(values)
		value, ok := values["project"]
		p, moreDiags := s.projectOf(value, ok, block.Argument("project"))
		if moreDiags.HasErrors() || p.unplaced {
			continue
		}
		h.Project = p.root
		if value, ok := values["environment"]; ok {
			name, moreDiags := s.addressed(value, "environment", block.Argument("environment"))
			if moreDiags.HasErrors() {
				continue
			}
			h.Environment = s.environments[name]
		}
		list = append(list, h)
	}
	return list
}

// shapeOf is how many arguments a call has, and the names of those with one.
func shapeOf(values map[string]eval.Value) (args int, kwargs []string, all bool) {
	if value, ok := values["args"]; ok {
		args = -1
		if t := value.Unmarked().Type(); t.IsTupleType() {
			args = t.Length()
		}
	}
	value, ok := values["kwargs"]
	if !ok {
		return args, nil, true
	}
	names, all := AttributeNames(value.Unmarked())
	return args, names, all
}

// AttributeNames are the names of the attributes of an object or map, sorted;
// all says that they are known.
func AttributeNames(v cty.Value) (names []string, all bool) {
	t := v.Type()
	switch {
	case v.IsNull() || !t.IsObjectType() && !t.IsMapType():
		return nil, false
	case t.IsMapType() && !v.IsKnown():
		return nil, false
	case t.IsObjectType():
		for name := range t.AttributeTypes() {
			names = append(names, name)
		}
	default:
		for name := range v.AsValueMap() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, true
}
