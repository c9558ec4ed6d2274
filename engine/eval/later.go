package eval

import (
	"maps"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/schema"
)

// later finds the hooks and flows that references lead to, through local values too:
// their values are there later than all else. What a local value leads to is looked
// for once.
type later struct {
	config  *schema.Config
	sources map[string]string // by local value, the first hook or flow that it leads to
	settled map[string]bool   // local values that lead to none
}

func newLater(config *schema.Config) *later {
	return &later{config: config, sources: map[string]string{}, settled: map[string]bool{}}
}

// Later names a hook or flow that an expression leads to, through local values too;
// "" if there is none.
func (e *Evaluator) Later(expr hcl.Expression) string {
	return e.later.source(schema.References(expr))
}

// source names a hook or flow that references lead to; "" if there is none.
func (l *later) source(references []*schema.Reference) string {
	seen := map[string]bool{}
	source := l.find(references, seen)
	if source == "" { // not before all is seen: there may be cycles
		maps.Copy(l.settled, seen)
	}
	return source
}

func (l *later) find(references []*schema.Reference, seen map[string]bool) string {
	for _, reference := range references {
		switch name := reference.Address.Name; reference.Address.Block {
		case "hook", "flow":
			return reference.Address.String()
		case "local":
			local := l.config.Local(name)
			if local == nil || seen[name] || l.settled[name] {
				continue
			}
			seen[name] = true
			if l.sources[name] == "" {
				l.sources[name] = l.find(localReferences(local), seen)
			}
			if l.sources[name] != "" {
				return l.sources[name]
			}
		}
	}
	return ""
}
