package apply

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/graph"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/machine"
)

// demand is what a flow takes while it runs: of pools, and of the machine.
func (l *loop) demand(address string) graph.Demand {
	terms, demand := l.session.Terms(address), graph.Demand{}
	for name, amount := range terms.Pools {
		demand["pool "+name] = amount
	}
	for _, r := range resources(terms, machine.Machine{}) {
		if r.asked > 0 {
			demand[r.argument] = r.asked
		}
	}
	return demand
}

// limits is how much there is of all that flows may take.
func limits(session *plan.Session, has machine.Machine) graph.Demand {
	limits := graph.Demand{}
	for name, size := range session.Pools() {
		limits["pool "+name] = size
	}
	for _, r := range resources(&plan.Terms{}, has) {
		limits[r.argument] = r.has
	}
	return limits
}

// resource is one argument of a resources block, and what the machine has of
// it.
type resource struct {
	argument   string
	asked, has int64
	written    string // how asked is written, where that is not the only way
	write      func(amount int64) string
}

func resources(terms *plan.Terms, has machine.Machine) []resource {
	return []resource{
		{"cpu", terms.CPU, int64(has.CPUs) * 1000, "", func(n int64) string { return strconv.FormatFloat(float64(n)/1000, 'f', -1, 64) }},
		{"memory", terms.Memory, has.Memory, strconv.Quote(terms.Written), func(n int64) string { return fmt.Sprintf("%q", fmt.Sprintf("%dMB", n/1e6)) }},
		{"gpu", terms.GPU, int64(has.GPUs), "", func(n int64) string { return strconv.FormatInt(n, 10) }},
	}
}

// CheckMachine finds flows that are about to run and ask for more than the
// machine has: they could never start.
func CheckMachine(session *plan.Session, planned *plan.Plan, has machine.Machine) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, flow := range planned.Flows {
		if flow.Verdict != plan.Run && flow.Verdict != plan.MayRun {
			continue
		}
		for _, r := range resources(session.Terms(flow.Address), has) {
			if r.asked > r.has {
				subject := flow.Instance.Flow.Resources.Argument(r.argument).Expr.Range()
				diags = append(diags, &hcl.Diagnostic{
					Severity: hcl.DiagError, Summary: "More than the machine has", Subject: &subject, Detail: r.excess(flow.Address),
				})
			}
		}
	}
	return diags
}

// excess says that a flow asks for more than there is, and what to write.
func (r resource) excess(address string) string {
	asks := fmt.Sprintf("%s asks for %s = %s, and this machine has ", address, r.argument, cmp.Or(r.written, r.write(r.asked)))
	if r.has == 0 {
		return asks + "none. Take the argument away, or apply on a machine that has some."
	}
	return fmt.Sprintf("%s%s. Write %s = %s or less, or apply on a machine that has more.", asks, strings.Trim(r.write(r.has), `"`), r.argument, r.write(r.has))
}

// excess says why a flow could never start; "" if it can. CheckMachine has
// found it, unless the flow runs against the plan, since files have changed.
func (l *loop) excess(address string) string {
	for _, r := range resources(l.session.Terms(address), l.options.Machine) {
		if r.asked > r.has {
			return r.excess(address)
		}
	}
	return ""
}
