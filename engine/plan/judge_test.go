package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/flowrider/flowrider/engine/plan"
)

// said is a plan in short: each flow with its verdict and the codes of its
// reasons.
func said(t *testing.T, p *plan.Plan) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, flow := range p.Flows {
		words := []string{string(flow.Verdict)}
		for _, reason := range flow.Reasons {
			words = append(words, reason.Code)
		}
		all[flow.Address] = strings.Join(words, " ")
	}
	return all
}

// Whoever runs first for a config hash in a plan, and for whatever reason: the
// others take its run.
func TestTwinsOfAFlowThatRuns(t *testing.T) {
	p := newProject(t)
	p.write("flowrider.hcl", `
		flow "command" "a" {
			argv          = ["same"]
			data_version  = "content"
			expires_after = "1h"
			output "n" { stdout = "text" }
		}
		flow "command" "b" {
			argv          = ["same"]
			data_version  = "key"
			expires_after = "1h"
			output "n" { stdout = "text" }
		}
		flow "command" "user" {
			argv       = ["user"]
			depends_on = [flow.b]
		}`)
	p.replace = []string{"flow.a", "flow.user"}
	planned, _ := p.plan()
	equal(t, map[string]string{"flow.a": "run forced", "flow.b": "reuse same_inputs", "flow.user": "run forced"}, said(t, planned))
	if planned.Flow("flow.user").ConfigHash != nil {
		t.Error("flow.b takes the run of flow.a, whose data version is not known yet")
	}

	p.replace = nil
	p.apply()
	p.later = 2 * time.Hour
	planned, _ = p.plan()
	equal(t, map[string]string{"flow.a": "run expired", "flow.b": "reuse same_inputs", "flow.user": "may_run input_may_change"}, said(t, planned))

	// The run of a has confirmed the older one: that is new to b, whose own
	// record is as old as it was.
	p.gives["flow.a"] = "flow.a/1"
	p.targets = []string{"flow.a"}
	p.apply()
	p.targets = nil
	planned, _ = p.plan()
	equal(t, map[string]string{"flow.a": "fresh", "flow.b": "reuse expired", "flow.user": "fresh"}, said(t, planned))
}

// An expired record is no reason to run while another good run may be found
// once all is known.
func TestExpiredRecordIsNotAll(t *testing.T) {
	p := newProject(t)
	p.write("flowrider.hcl", `
		flow "command" "up" {
			argv     = ["up"]
			volatile = true
			output "n" { stdout = "text" }
		}
		flow "command" "down" {
			argv          = [flow.up.output.n.value]
			expires_after = "5h"
		}`)
	for i, result := range []string{"one", "two", "one"} {
		p.later = time.Duration(2*i) * time.Hour
		p.gives["flow.up"] = result
		p.apply()
	}
	p.later = 6 * time.Hour
	planned, _ := p.plan()
	equal(t, "may_run input_may_change", said(t, planned)["flow.down"])
	p.later = 8 * time.Hour
	planned, _ = p.plan()
	equal(t, "run expired", said(t, planned)["flow.down"])
}

// Two results with one data version in one argument, of which one moves: the
// argument was not edited.
func TestOneOfTwoEqualInputsMoves(t *testing.T) {
	p := newProject(t)
	p.write("flowrider.hcl", `
		flow "command" "a" {
			argv = ["a"]
			output "n" { stdout = "text" }
		}
		flow "command" "b" {
			argv = ["b"]
			output "n" { stdout = "text" }
		}
		flow "command" "user" {
			argv = ["user", "${flow.a.run_id} ${flow.b.run_id}"]
		}`)
	p.gives["flow.a"], p.gives["flow.b"] = "same", "same"
	p.apply()
	p.gives["flow.a"] = "other"
	p.replace = []string{"flow.a"}
	p.targets = []string{"flow.a"}
	p.apply()
	p.replace, p.targets = nil, nil
	planned, _ := p.plan()
	equal(t, "run input_changed", said(t, planned)["flow.user"])
}
