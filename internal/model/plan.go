package model

import "slices"

// Options say how to plan and apply.
type Options struct {
	Replace   []Address // forced to run
	NoHooks   bool      // their values are not known
	NoRefresh bool      // recorded runs are taken to be there
}

// Decision is what is said of one instance.
type Decision struct {
	Verdict string
	Reasons []string // codes, sorted
	Hash    string   // "" while unknown
	Run     int      // that references resolve to; 0 while unknown
	WouldBe string   // the verdict without the pin, of a pinned one

	manifest manifest
	selected *Record // the record as it stands
	record   *Record // of a run that is there
	twin     Address // whose run will be reused
}

// walk is one walk over the graph with what is known so far.
type walk struct {
	world   *World
	options Options
	called  map[string]bool     // hooks that some flow needs; nothing is called for a pinned one
	pinned  map[Address]*Record // the runs that flows are held to, as they are found at the start
	results map[Address]result
	first   map[string]Address // config hash: who runs for it
}

// result is what references to a flow are worth.
type result struct {
	version  string // "" while unknown
	versions map[string]string
	changes  bool // unknown, and certain to be one that no record has
	contents map[string]int
	run      int
}

// walk begins a walk. Flows that it does not come to are worth what their
// records say.
func (w *World) walk(order []Address, options Options) *walk {
	walk := &walk{world: w, options: options, called: map[string]bool{}, pinned: map[Address]*Record{}, results: map[Address]result{}, first: map[string]Address{}}
	for _, f := range w.Flows {
		for _, a := range f.Instances() {
			walked := slices.Contains(order, a)
			if f.Pin != 0 {
				walk.pinned[a] = w.pinned(a, options)
			}
			walk.called[f.Hook] = walk.called[f.Hook] || walked && f.Pin == 0
			if r, _ := w.taken(a); r != nil && !walked {
				walk.results[a] = r.result()
			}
		}
	}
	return walk
}

// Plan decides instances in an order in which each comes after what it needs.
// It changes nothing.
func (w *World) Plan(order []Address, options Options) map[Address]*Decision {
	walk := w.walk(order, options)
	decisions := map[Address]*Decision{}
	for _, a := range order {
		d := walk.decide(a)
		decisions[a] = d
		walk.results[a] = walk.outlook(a, d)
	}
	return decisions
}

// exists says whether a run is there, if anybody looks.
func (w *walk) exists(r *Record) bool { return w.options.NoRefresh || w.world.exists(r) }

// callable says whether a hook's value is known.
func (w *walk) callable(hook string) bool {
	e := w.world.Environments[w.world.Hooks[hook].Environment]
	return w.called[hook] && !w.options.NoHooks && e.Locked && e.Built
}

// outdated says why a run that is good in all else does not count: "" if it
// does.
func (w *walk) outdated(f *Flow, r *Record) string {
	switch {
	case f.Volatile:
		return "volatile"
	case f.ExpiresAfter > 0 && w.world.Now-r.current().ended > f.ExpiresAfter:
		return "expired"
	}
	return ""
}

// decide is the definition. A pin beats everything.
func (w *walk) decide(a Address) *Decision {
	f := w.world.Flow(a.Flow)
	m := w.manifest(f, a.Key)
	d := &Decision{Hash: m.hash(), manifest: m}
	d.selected, _ = w.world.taken(a)
	switch {
	case slices.Contains(w.options.Replace, a):
		d.Verdict, d.Reasons = "run", []string{"forced"}
		delete(w.first, d.Hash) // it runs in any case, and whoever was to run has not begun yet
		w.claim(a, d.Hash)
	case d.Hash == "":
		w.decideUnknown(a, f, d)
	default:
		w.decideKnown(a, f, d)
	}
	if f.Pin != 0 {
		pinned := w.pinned[a]
		if d.selected != nil && d.selected.Run == pinned.Run {
			pinned = d.selected
		}
		return &Decision{
			Verdict: "pinned", WouldBe: d.Verdict, Reasons: []string{"pinned"},
			Hash: d.Hash, Run: pinned.Run, record: pinned, selected: d.selected,
		}
	}
	return d
}

// decideKnown: the selected record first, then the history, then a twin of
// this walk, else it runs.
func (w *walk) decideKnown(a Address, f *Flow, d *Decision) {
	selected := d.selected
	missing, outdated := false, ""
	good := func(r *Record) bool {
		switch {
		case !w.exists(r):
			missing = missing || r == selected
		case w.outdated(f, r) != "":
			outdated = w.outdated(f, r)
		default:
			d.record, d.Run = r, r.Run
			return true
		}
		return false
	}
	if selected != nil && selected.Hash() == d.Hash && good(selected) {
		d.Verdict, d.Reasons = "fresh", []string{}
		return
	}
	selectedOutdated := outdated
	twin, isTwin := w.first[d.Hash]
	switch {
	case slices.ContainsFunc(w.world.found(d.Hash), good):
		d.Verdict, d.Reasons = "reuse", w.reasonsBut(selectedOutdated, a, "reuse", d, missing)
	case isTwin && twin != a && !f.Volatile:
		d.Verdict, d.Reasons, d.twin = "reuse", []string{"same_inputs"}, twin
	default:
		d.Verdict, d.Reasons = "run", w.reasonsBut(outdated, a, "run", d, missing)
		w.claim(a, d.Hash)
	}
}

// reasonsBut are the reasons for an instance whose run is not outdated; that is
// one by itself.
func (w *walk) reasonsBut(outdated string, a Address, verdict string, d *Decision, missing bool) []string {
	if outdated != "" {
		return []string{outdated}
	}
	return w.reasons(a, verdict, d, missing)
}

// claim says that an instance runs for a config hash, the first that does. A
// pinned one does not run.
func (w *walk) claim(a Address, hash string) {
	if _, ok := w.first[hash]; !ok && hash != "" && w.world.Flow(a.Flow).Pin == 0 {
		w.first[hash] = a
	}
}

// decideUnknown: it may run if the record or any other good run could turn out
// to have its config hash, else it will.
func (w *walk) decideUnknown(a Address, f *Flow, d *Decision) {
	selected := d.selected
	could := func(r *Record) bool { return d.manifest.mayBecome(r.current().manifest) }
	good := func(r *Record) bool { return could(r) && w.exists(r) && w.outdated(f, r) == "" }
	agrees := selected != nil && could(selected)
	missing, outdated := agrees && !w.exists(selected), ""
	if agrees && !missing {
		outdated = w.outdated(f, selected)
	}
	if selected != nil && good(selected) || slices.ContainsFunc(w.world.confirmed(), good) {
		d.Verdict, d.Reasons = "may_run", w.reasons(a, "may_run", d, missing)
		return
	}
	d.Verdict, d.Reasons = "run", w.reasonsBut(outdated, a, "run", d, missing)
}

// outlook is what a decision says of the result before anything runs.
func (w *walk) outlook(a Address, d *Decision) result {
	f := w.world.Flow(a.Flow)
	switch {
	case d.record != nil:
		return d.record.result()
	case d.twin != Address{}:
		return w.results[d.twin]
	case f.policy() == "key" && d.Hash != "":
		return keyed(d.Hash, f.Outputs)
	}
	return result{changes: f.policy() == "run" && d.Verdict == "run"}
}

// keyed is a result that is compared by its config hash alone.
func keyed(hash string, outputs int) result {
	r := result{version: "key:" + hash, versions: map[string]string{}}
	for _, name := range outputNames[:outputs] {
		r.versions[name] = r.version + "/" + name
	}
	return r
}

// result is what references to a recorded run are worth.
func (r *Record) result() result {
	return result{version: r.Version, versions: r.Versions, contents: r.contents, run: r.Run}
}
