package eval

import (
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/schema"
)

// scope collects the values that an expression refers to and nests them as
// its traversals want: flow.clean under flow, then clean.
type scope struct {
	roots map[string]Value            // each, path, git, workspace
	named map[string]map[string]Value // flow, hook, var, …
}

func newScope() *scope {
	return &scope{roots: map[string]Value{}, named: map[string]map[string]Value{}}
}

func (s *scope) put(address schema.Address, value Value) {
	if address.Name == "" {
		s.roots[address.Block] = value
		return
	}
	names := s.named[address.Block]
	if names == nil {
		names = map[string]Value{}
		s.named[address.Block] = names
	}
	if earlier, ok := names[address.Name]; ok {
		value = join(earlier, value)
	}
	names[address.Name] = value
}

// join puts the instances of two references to one flow together: flow.a["x"]
// and flow.a["y"], or flow.a["x"] and all of flow.a.
func join(a, b Value) Value {
	merge := func(a, b cty.Value) cty.Value {
		if !a.IsKnown() || !b.IsKnown() || !a.Type().IsObjectType() || !b.Type().IsObjectType() {
			return b
		}
		all := a.AsValueMap()
		for key, value := range b.AsValueMap() {
			if all == nil {
				all = map[string]cty.Value{}
			}
			all[key] = value
		}
		return cty.ObjectVal(all)
	}
	if a.Real.IsMarked() || b.Real.IsMarked() {
		return b // one and the same value twice
	}
	return Value{Real: merge(a.Real, b.Real), Hashed: merge(a.Hashed, b.Hashed)}
}

func (s *scope) variables(form func(Value) cty.Value) map[string]cty.Value {
	variables := map[string]cty.Value{}
	for root, value := range s.roots {
		variables[root] = form(value)
	}
	for block, names := range s.named {
		values := map[string]cty.Value{}
		for name, value := range names {
			values[name] = form(value)
		}
		variables[block] = cty.ObjectVal(values)
	}
	return variables
}
