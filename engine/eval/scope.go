package eval

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/flowrider/flowrider/schema"
)

// scope collects the values that an expression refers to and nests them as
// its traversals want: flow.clean under flow, then clean.
type scope struct {
	variables Value // the object of all variables, if any is referred to
	others    []named
	split     bool // whether the two forms of any may differ
}

// named is a value with its name in its block, "" for a root without names.
type named struct {
	block, name string
	Value
}

func (s *scope) put(address schema.Address, value Value) {
	s.others = append(s.others, named{address.Block, address.Name, value})
	s.split = s.split || value.split()
}

// settle sorts the values, and joins those of one name.
func (s *scope) settle() {
	slices.SortStableFunc(s.others, func(a, b named) int {
		return cmp.Or(strings.Compare(a.block, b.block), strings.Compare(a.name, b.name))
	})
	kept := s.others[:0]
	for _, value := range s.others {
		if last := len(kept) - 1; last >= 0 && kept[last].block == value.block && kept[last].name == value.name {
			kept[last].Value = join(kept[last].Value, value.Value)
			continue
		}
		kept = append(kept, value)
	}
	s.others = kept
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

// context is one form of the values as HCL takes them.
func (s *scope) context(form func(Value) cty.Value, functions map[string]function.Function) *hcl.EvalContext {
	variables := make(map[string]cty.Value, len(s.others)+1)
	if s.variables.Real != cty.NilVal {
		variables["var"] = form(s.variables)
	}
	for rest := s.others; len(rest) > 0; {
		block := rest[0].block
		if rest[0].name == "" {
			variables[block], rest = form(rest[0].Value), rest[1:]
			continue
		}
		values := map[string]cty.Value{}
		for len(rest) > 0 && rest[0].block == block {
			values[rest[0].name], rest = form(rest[0].Value), rest[1:]
		}
		variables[block] = cty.ObjectVal(values)
	}
	return &hcl.EvalContext{Variables: variables, Functions: functions}
}

func (s *scope) real(e *Evaluator) *hcl.EvalContext {
	return s.context(func(v Value) cty.Value { return v.Real }, e.real)
}

func (s *scope) hashed(e *Evaluator) *hcl.EvalContext {
	return s.context(func(v Value) cty.Value { return v.Hashed }, e.hashed)
}
