package model_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/model"
	"github.com/flowrider/flowrider/schema"
)

// names holds that two sets of names are one to one: the model numbers runs
// and has hashes and data versions of its own.
type names struct{ ours, theirs map[string]string }

func newNames() *names { return &names{map[string]string{}, map[string]string{}} }

// match fails if one of two names has stood for another one before.
func (n *names) match(ours, theirs string) error {
	before, known := n.ours[ours]
	back, backKnown := n.theirs[theirs]
	switch {
	case known && before != theirs:
		return fmt.Errorf("the model's %s was %s and is %s", ours, before, theirs)
	case backKnown && back != ours:
		return fmt.Errorf("the engine's %s was the model's %s and is %s", theirs, back, ours)
	}
	n.ours[ours], n.theirs[theirs] = theirs, ours
	return nil
}

// knows says whether two names have stood for one another, or neither for any.
func (n *names) knows(ours, theirs string) bool {
	before, known := n.ours[ours]
	_, backKnown := n.theirs[theirs]
	return before == theirs || !known && !backKnown
}

func runName(run int) string { return fmt.Sprint("run ", run) }

// comparison holds engine and model side by side.
type comparison struct {
	t                      *rapid.T
	world                  *model.World
	engine                 *engine
	hashes, runs, versions *names
	torn                   bool              // some record is
	digests                map[string]string // of contents, as the store calls them
}

func (c *comparison) match(what string, n *names, ours, theirs string) {
	if err := n.match(ours, theirs); err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
}

func (c *comparison) run(what string, ours int, theirs *string) {
	switch {
	case (ours == 0) != (theirs == nil):
		c.t.Fatalf("%s: run known: model %t, engine %t", what, ours != 0, theirs != nil)
	case theirs != nil:
		c.match(what+": run", c.runs, runName(ours), *theirs)
	}
}

// order translates addresses, and holds that each comes after what it needs
// and what it is said to come after. A pinned one need not where flows run.
func (c *comparison) order(addresses []string, running bool) []model.Address {
	var order []model.Address
	for _, text := range addresses {
		a, err := schema.ParseAddress(text)
		if err != nil {
			c.t.Fatal(err)
		}
		order = append(order, model.Address{Flow: a.Name, Key: a.Key})
	}
	if problem := c.misplaced(order, running); problem != "" {
		c.t.Fatal(problem)
	}
	return order
}

func (c *comparison) misplaced(order []model.Address, running bool) string {
	at := map[model.Address]int{}
	for i, a := range order {
		at[a] = i + 1
	}
	for _, a := range order {
		f := c.world.Flow(a.Flow)
		for _, before := range append(f.Needs(), f.After...) {
			if at[before] > at[a] && !(running && f.Pin != 0) {
				return fmt.Sprintf("%s comes before %s", a, before)
			}
		}
	}
	return ""
}

// plan holds the engine's plan against the model's.
func (c *comparison) plan(p *plan.Plan, options model.Options, targets []model.Address) {
	var addresses []string
	for _, flow := range p.Flows {
		addresses = append(addresses, flow.Address)
	}
	order := c.order(addresses, false)
	if wanted := c.world.Closure(targets...); len(wanted) != len(order) {
		c.t.Fatalf("%d flows are planned of %d", len(order), len(wanted))
	}
	decisions := c.world.Plan(order, options)
	type said struct {
		Verdict string
		Reasons []string
		Known   bool
		WouldBe string
	}
	want, got := map[string]said{}, map[string]said{}
	for i, flow := range p.Flows {
		d := decisions[order[i]]
		codes := []string{}
		for _, reason := range flow.Reasons {
			codes = append(codes, reason.Code)
		}
		slices.Sort(codes)
		reasons := d.Reasons
		if at := slices.Index(codes, "record_damaged"); at >= 0 { // which the model takes for none
			codes = slices.Delete(codes, at, at+1)
			reasons = slices.DeleteFunc(slices.Clone(reasons), func(code string) bool { return code == "new" })
		}
		want[flow.Address] = said{d.Verdict, reasons, d.Hash != "", d.WouldBe}
		wouldBe := ""
		if flow.Pin != nil {
			wouldBe = string(flow.Pin.WouldBe)
		}
		got[flow.Address] = said{string(flow.Verdict), codes, flow.ConfigHash != nil, wouldBe}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		c.t.Fatalf("the plan (-model +engine):\n%s", diff)
	}
	for i, flow := range p.Flows {
		d := decisions[order[i]]
		if d.Hash != "" {
			c.match(flow.Address+": config hash", c.hashes, d.Hash, *flow.ConfigHash)
		}
		c.run(flow.Address, d.Run, flow.RunID)
	}
}

// applied holds how the flows of an apply ended, and what is recorded, against
// the model. It returns how they ended.
func (c *comparison) applied(events []apply.Event, options model.Options) (ended []apply.Event) {
	ended, during := endsOf(events)
	var addresses []string
	for _, event := range ended {
		addresses = append(addresses, event.Address)
	}
	order := c.order(addresses, true)
	ends := c.apply(order, ended, during, options)
	if diff := statesDiff(order, ended, ends); diff != "" {
		var reasons strings.Builder
		for _, event := range ended {
			fmt.Fprintf(&reasons, "%s: %s %s\n", event.Address, event.Reason, event.Tail)
		}
		c.t.Fatalf("the apply (-model +engine):\n%s%s", diff, reasons.String())
	}
	for i, event := range ended {
		end := ends[order[i]]
		c.t.Logf("%s: %s, run %d, made %d (%s %s)", event.Address, event.State, end.Run, end.Began, event.RunID, event.Reason)
		if end.Began != 0 {
			address, _ := schema.ParseAddress(event.Address)
			c.run(event.Address+" (attempt)", end.Began, &c.engine.records().LastAttempt(address).RunID)
		}
		if end.Run != 0 {
			c.run(event.Address, end.Run, &event.RunID)
		}
	}
	c.records()
	return ended
}

// records holds all selected records against the model's.
func (c *comparison) records() {
	all, problems := c.engine.records().All()
	if len(problems) > 0 && !c.torn {
		c.t.Fatal(problems)
	}
	if len(all) != len(c.world.Recorded()) {
		c.t.Fatalf("%d records, want %d", len(all), len(c.world.Recorded()))
	}
	for _, selected := range all {
		address, rec := selected.Address.String(), selected.Record
		want := c.world.Selected(model.Address{Flow: selected.Address.Name, Key: selected.Address.Key})
		if want == nil {
			c.t.Fatalf("%s has a record", address)
		}
		c.run(address+": record", want.Run, &rec.RunID)
		if rec.Asserted != want.Asserted {
			c.t.Fatalf("%s: asserted is %t; want %+v, got %+v", address, rec.Asserted, want, rec)
		}
		c.inputs(address, want, rec)
		c.match(address+": config hash of the record", c.hashes, want.Made.Hash, rec.ConfigHash)
		c.match(address+": data version", c.versions, want.Version, rec.DataVersion)
		if len(want.Equivalent) != len(rec.Equivalent) || len(want.Versions) != len(rec.Outputs) {
			c.t.Fatalf("%s: %d equivalent runs and %d outputs, want %d and %d", address, len(rec.Equivalent), len(rec.Outputs), len(want.Equivalent), len(want.Versions))
		}
		for i, e := range want.Equivalent {
			c.run(address+": equivalent", e.Run, &rec.Equivalent[i].RunID)
			c.match(address+": config hash of an equivalent", c.hashes, e.Made.Hash, rec.Equivalent[i].ConfigHash)
		}
		for name, version := range want.Versions {
			c.match(address+": data version of "+name, c.versions, version, rec.Outputs[name].DataVersion)
			c.digests[fmt.Sprint(want.Contents()[name])] = rec.Outputs[name].Digest
		}
	}
}

// inputs holds the data versions that a run has used against the model's.
func (c *comparison) inputs(address string, want *model.Record, rec *record.Record) {
	versions := map[string]string{}
	for _, input := range rec.Inputs {
		versions[input.Flow+" "+input.Output] = input.DataVersion
	}
	if len(versions) != len(want.Inputs()) {
		c.t.Fatalf("%s: its record has inputs %v, want %v", address, versions, want.Inputs())
	}
	for read, version := range want.Inputs() {
		c.match(address+": input "+read.From.String(), c.versions, version, versions[read.From.String()+" "+read.Output])
	}
}
