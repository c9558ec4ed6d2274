package attempt

import (
	"slices"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/runner"
)

// Left is what an attempt without success leaves for the next one, which may
// go on with its run.
type Left struct {
	RunID     string // "" if it has started no run, or none that can be gone on with
	Unchanged bool   // whether all that it was to read has stayed as it was
}

// left looks at what an attempt has left. What it has read is looked at here
// too: the next attempt, which is given the same, would otherwise go on with
// what was made from something else.
func (m *Maker) left(r runner.Runner, flow *plan.Flow, job *runner.Job, made *Place) Left {
	resumer, can := r.(runner.Resumer)
	if !can {
		return Left{}
	}
	return Left{RunID: resumer.Started(made.Scratch), Unchanged: m.unchanged(flow, job, made)}
}

func (m *Maker) unchanged(flow *plan.Flow, job *runner.Job, made *Place) bool {
	if bundle.CheckLinks(made.Listing, job.Project, m.Session.Index(job.Project)) != nil {
		return false
	}
	for i, read := range flow.Reads {
		if now, err := m.look(read); err != nil || made.looks[i].Rewritten(now) {
			return false
		}
	}
	return true
}

// Steady says whether an attempt reads nothing but its own copy, so that it can
// be gone on with even if nobody sees its end.
func (p *Place) Steady(flow *plan.Flow) bool {
	return len(flow.Reads) == 0 && !slices.ContainsFunc(p.Listing.Entries, func(e bundle.Entry) bool { return e.Type == bundle.Link })
}
