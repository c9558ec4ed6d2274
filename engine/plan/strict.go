package plan

import (
	"fmt"
	"strings"
)

// Refused is the error of a plan that --strict does not let pass: flows would
// go by records that somebody has asserted.
type Refused struct{ Flows []string }

func (r *Refused) Error() string {
	return fmt.Sprintf("refused by --strict: the records of %s are asserted by accept or import, and no run of this configuration has made them; apply --replace FLOW runs a flow, unless it is pinned", strings.Join(r.Flows, ", "))
}

// Refusal is the error that a plan is refused with under --strict; nil where no
// flow goes by an asserted record.
func (p *Plan) Refusal() error {
	var refused Refused
	for _, flow := range p.Flows {
		if flow.Asserted {
			refused.Flows = append(refused.Flows, flow.Address)
		}
	}
	if len(refused.Flows) == 0 {
		return nil
	}
	return &refused
}
