package model_test

import (
	"slices"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/internal/model"
)

// endsOf are the events with which flows ended, and for each that ended without a
// run while another flow ran, where that one stands among them; -1 for others.
func endsOf(events []apply.Event) (ended []apply.Event, during []int) {
	running, open := "", []int{}
	for _, event := range events {
		if !event.State.Ended() {
			running = event.Address
			continue
		}
		if event.Address == running {
			for _, i := range open {
				during[i] = len(ended)
			}
			running, open = "", nil
		} else if running != "" {
			open = append(open, len(ended))
		}
		ended, during = append(ended, event), append(during, -1)
	}
	return ended, during
}

// apply applies in the model as the engine did. A flow that ends while another one runs
// was decided before that one had its results, or after: the model is asked for each
// of the two, until it says what the engine does.
func (c *comparison) apply(order []model.Address, ended []apply.Event, during []int, options model.Options) map[model.Address]*model.Ended {
	var may []int // be decided later than they stand there
	for i, run := range during {
		if run >= 0 {
			may = append(may, i)
		}
	}
	for choice := range 1 << min(len(may), 10) {
		later := map[int][]model.Address{}
		for bit, i := range may {
			if choice>>bit&1 == 1 {
				later[during[i]] = append(later[during[i]], order[i])
			}
		}
		var tried []model.Address
		for i, a := range order {
			if run := during[i]; run < 0 || !slices.Contains(later[run], a) {
				tried = append(tried, a)
			}
			tried = append(tried, later[i]...)
		}
		if choice > 0 && c.misplaced(tried, true) != "" {
			continue
		}
		fork := c.world.Fork()
		if ends := fork.Apply(tried, options); statesDiff(order, ended, ends) == "" && c.runsFit(order, ended, ends) {
			*c.world = *fork
			return ends
		}
	}
	return c.world.Apply(order, options)
}

// statesDiff is how the model's states differ from the engine's.
func statesDiff(order []model.Address, ended []apply.Event, ends map[model.Address]*model.Ended) string {
	want, got := map[string]string{}, map[string]string{}
	for i, event := range ended {
		want[event.Address], got[event.Address] = ends[order[i]].State, string(event.State)
	}
	return cmp.Diff(want, got)
}

// runsFit says whether the runs that flows were left with are those of the engine, as
// far as those are known.
func (c *comparison) runsFit(order []model.Address, ended []apply.Event, ends map[model.Address]*model.Ended) bool {
	for i, event := range ended {
		if end := ends[order[i]]; end.Run != 0 && end.Began == 0 && !c.runs.knows(runName(end.Run), event.RunID) {
			return false
		}
	}
	return true
}
