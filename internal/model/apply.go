package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Ended is how one instance ended in an apply.
type Ended struct {
	State string // fresh, reused, succeeded, failed or blocked
	Run   int    // that references resolve to; 0 for none
	Began int    // the run that was made; 0 for none
}

// Apply decides each instance when all it needs is done, and runs it if need
// be. The order is the one in which they end.
func (w *World) Apply(order []Address, options Options) map[Address]*Ended {
	w.prepare(order)
	walk, ends, broken := w.walk(order, options), map[Address]*Ended{}, map[Address]bool{}
	for _, a := range order {
		f, end := w.Flow(a.Flow), &Ended{State: "blocked"}
		if f.Pin != 0 || !slices.ContainsFunc(f.Needs(), func(need Address) bool { return broken[need] }) {
			end = walk.apply(a)
		}
		ends[a], broken[a] = end, end.State == "failed" || end.State == "blocked"
	}
	return ends
}

// prepare locks the environments that are used, and builds those of hooks.
func (w *World) prepare(order []Address) {
	for _, a := range order {
		f := w.Flow(a.Flow)
		if f.Pin != 0 {
			continue
		}
		if f.Environment != "" {
			w.Environments[f.Environment].Locked = true
		}
		if f.Hook != "" {
			e := w.Environments[w.Hooks[f.Hook].Environment]
			e.Locked, e.Built = true, true
		}
	}
}

func (w *walk) apply(a Address) *Ended {
	d := w.decide(a)
	delete(w.first, d.Hash) // whoever ran for it has ended: its record is found, or it failed
	if d.Verdict == "run" {
		return w.run(a, d)
	}
	state := "fresh"
	if d.record != d.selected {
		state = "reused"
	}
	w.world.choose(a, d.record)
	w.results[a] = d.record.result()
	return &Ended{State: state, Run: d.record.Run}
}

// run makes a run and, if it succeeds, its record. Where the result is the
// same as that of the selected record's run, and that is still there, the
// record keeps pointing at it and names the new run as equivalent. An asserted
// record gives way to what has really been run.
func (w *walk) run(a Address, d *Decision) *Ended {
	world, f := w.world, w.world.Flow(a.Flow)
	if world.failed[a] = world.Failing[a.Flow]; world.failed[a] {
		return &Ended{State: "failed"}
	}
	world.runs++
	r := &Record{
		Flow: a, Run: world.runs, Made: made{Hash: d.Hash, manifest: d.manifest, ended: world.Now},
		Versions: map[string]string{}, contents: w.compute(f, a.Key),
	}
	for output, content := range r.contents {
		world.store[blob{output, content}] = true
	}
	w.version(f, r)
	world.append(r)
	if old := d.selected; old != nil && !old.Asserted && old.same(r) && world.exists(old) {
		confirmed := *old
		confirmed.Equivalent = append(slices.Clone(old.Equivalent), Confirmation{r.Run, r.Made})
		confirmed.Equivalent = confirmed.Equivalent[max(0, len(confirmed.Equivalent)-confirmations):]
		r = &confirmed
		world.append(r)
	}
	world.choose(a, r)
	w.results[a] = r.result()
	return &Ended{State: "succeeded", Run: r.Run, Began: world.runs}
}

// compute is what a run computes: a small sum of all it is given.
func (w *walk) compute(f *Flow, key string) map[string]int {
	number := func(text string) int {
		n, _ := strconv.Atoi(strings.Trim(text, `"`))
		return n
	}
	sum := f.Word + f.Value + number(f.Parameter)
	if f.UsesKey {
		sum += number(key)
	}
	if f.Hook != "" {
		sum += w.world.Hooks[f.Hook].Value
	}
	if f.File != "" {
		sum += w.world.Files[f.File].Content
	}
	for _, read := range f.Reads {
		sum += w.results[read.From].contents[read.Output]
	}
	if f.Noisy {
		sum += w.world.Noise
	}
	contents := map[string]int{}
	for i, name := range outputNames[:f.Outputs] {
		contents[name] = sum % []int{3, 2}[i]
	}
	return contents
}

// version sets what a run's result is compared by.
func (w *walk) version(f *Flow, r *Record) {
	switch f.policy() {
	case "key":
		byKey := keyed(r.Made.Hash, f.Outputs)
		r.Version, r.Versions = byKey.version, byKey.versions
	case "run":
		r.Version = fmt.Sprintf("run:%d", r.Run)
		for output := range r.contents {
			r.Versions[output] = r.Version + "/" + output
		}
	case "content":
		r.Version = fmt.Sprint("content:", r.contents)
		for output, content := range r.contents {
			r.Versions[output] = fmt.Sprint("content:", content)
		}
	}
}
