package plan

import (
	"maps"
	"slices"

	"github.com/flowrider/flowrider/schema"
)

// Origin has, by name, what arguments that are not known come from: while a
// value is open, this is what was approved.
type Origin map[string]string

// origin is that of a flow's arguments, as far as they are not known.
func (s *Session) origin(flow *Flow) Origin {
	open := map[string]bool{}
	for _, fact := range flow.Manifest.Facts() {
		if fact.Unknown {
			open[fact.Path.Label()] = true
		}
	}
	origin := Origin{}
	for _, attribute := range flow.Instance.Flow.Arguments {
		value, ok := flow.Resolved.Arguments[attribute.Name]
		if open[attribute.Name] || ok && len(open) > 0 && !value.Hashed.IsWhollyKnown() {
			origin[attribute.Name] = s.originOf(flow, attribute)
		}
	}
	return origin
}

func (s *Session) originOf(flow *Flow, attribute *schema.Attribute) string {
	return s.eval.Origin(attribute, flow.Instance.Each, flow.Instance.Flow.Argument("for_each"))
}

// originOfLock is that of an environment's arguments.
func (s *Session) originOfLock(e *Environment) Origin {
	origin := Origin{}
	for _, attribute := range e.Block.Arguments {
		origin[attribute.Name] = s.eval.Origin(attribute, nil, nil)
	}
	return origin
}

// otherOrigins lists the arguments that were not known when the plan was
// approved, and that come from something else now.
func (s *Session) otherOrigins(flow *Flow) []string {
	var list []string
	planned := s.Options.Approved.Origins[flow.Address]
	for _, name := range slices.Sorted(maps.Keys(planned)) {
		attribute := flow.Instance.Flow.Argument(name)
		if attribute == nil || s.originOf(flow, attribute) != planned[name] {
			list = append(list, name)
		}
	}
	return list
}
