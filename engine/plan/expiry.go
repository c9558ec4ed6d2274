package plan

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/schema"
)

// checkExpiry refuses what schema.ParseDuration cannot read.
func checkExpiry(flow *Flow) hcl.Diagnostics {
	value, ok := flow.Resolved.Arguments["expires_after"]
	if !ok {
		return nil
	}
	argument := flow.Instance.Flow.Argument("expires_after")
	text, known := value.Text()
	if !known {
		return hcl.Diagnostics{problemAt(argument, "Unsuitable value", "expires_after must be known before anything runs. Write a duration, such as \"90m\", \"24h\" or \"7d\".")}
	}
	_, diags := duration(text, argument)
	return diags
}

// Outdated is the reason why a run that has such a record would not count any
// more, or nil.
func (s *Session) Outdated(flow *Flow, rec *record.Record) *Reason {
	return outdated(flow, rec, s.Now())
}

// outdated is the reason why a run that is good in all else is not up to date
// any more, or nil: the flow is volatile, or what last confirmed the run is
// too long ago.
func outdated(flow *Flow, rec *record.Record, now time.Time) *Reason {
	if flow.renewed {
		return nil
	}
	if isVolatile(flow) {
		return &Reason{Code: "volatile", Detail: "it runs in every apply"}
	}
	text, ok := flow.Resolved.Arguments["expires_after"].Text()
	if !ok {
		return nil
	}
	limit, err := schema.ParseDuration(text)
	_, _, _, finished := rec.Current()
	newest := rec.RunID
	if last := len(rec.Equivalent) - 1; last >= 0 {
		newest = rec.Equivalent[last].RunID
	}
	if age := now.Sub(finished); err == nil && age > limit {
		return &Reason{Code: "expired", Detail: fmt.Sprintf("run %s ended %s ago, and expires_after is %s", newest, age.Round(time.Second), text)}
	}
	return nil
}

func isVolatile(flow *Flow) bool { return flow.Resolved.Arguments["volatile"].True() }
