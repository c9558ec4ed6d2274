package plan

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/schema"
)

// told are the mistakes that instances of flows were found to have: the others
// have the same, with other values in its words.
type told struct {
	instances map[schema.Address]int // of each flow with for_each
	mistakes  map[mistake]*toldOnce
}

func newTold() told { return told{map[schema.Address]int{}, map[mistake]*toldOnce{}} }

type mistake struct {
	flow    schema.Address
	at      hcl.Range
	summary string
}

// toldOnce is a mistake as it was told, and how many instances have it.
type toldOnce struct {
	problems    []*hcl.Diagnostic // of the first one, which may have it twice
	first, last schema.Address    // that have it
	instances   int
}

// others are those of an instance's mistakes that no other one had.
func (t told) others(instance *eval.Instance, diags hcl.Diagnostics) (news hcl.Diagnostics) {
	whole := instance.Address.Whole()
	t.instances[whole]++
	for _, problem := range diags {
		if problem.Subject == nil || instance.Each == nil {
			news = append(news, problem)
			continue
		}
		key := mistake{whole, *problem.Subject, problem.Summary}
		once := t.mistakes[key]
		if once == nil {
			once = &toldOnce{first: instance.Address}
			t.mistakes[key] = once
		}
		if once.last != instance.Address {
			once.last = instance.Address
			once.instances++
		}
		if once.first == instance.Address {
			once.problems = append(once.problems, problem)
			news = append(news, problem)
		}
	}
	return news
}

// sayWhere adds to a mistake that only some instances of a flow have which one.
func (t told) sayWhere() {
	for key, once := range t.mistakes {
		all := t.instances[key.flow]
		for _, problem := range once.problems {
			switch {
			case once.instances == all || strings.Contains(problem.Detail, once.first.String()):
			case once.instances == 1:
				problem.Detail += fmt.Sprintf(" That is so in %s.", once.first)
			default:
				problem.Detail += fmt.Sprintf(" That is so in %d of %d instances, first in %s.", once.instances, all, once.first)
			}
		}
	}
}
