package model

import "slices"

// Accept re-keys the selected record of one instance to the configuration of
// now, without a run. The order is as for Plan. It says whether the record is
// another one now; ok is false where there is nothing that could be accepted.
func (w *World) Accept(order []Address, a Address) (changed, ok bool) {
	walk := w.walk(order, Options{})
	var d *Decision
	for _, next := range order {
		d = walk.decide(next)
		if next == a {
			break
		}
		walk.results[next] = walk.outlook(next, d)
	}
	old := d.selected
	switch {
	case d.Verdict == "fresh":
		return false, true
	case d.Verdict == "pinned", old == nil, d.Hash == "", old != nil && (!w.exists(old) || old.Hash() == d.Hash || !old.has(w.Flow(a.Flow).Outputs)):
		return false, false
	}
	for _, r := range w.found(d.Hash) { // the run has had this configuration: nobody has to assert it
		if r.Run == old.Run && !r.Asserted {
			r.Flow = a
			w.append(r)
			w.choose(a, r)
			return true, true
		}
	}
	for path, l := range d.manifest { // what has yet to run was not used
		l.uses = slices.DeleteFunc(l.uses, func(u use) bool { return walk.results[u.from].run == 0 })
		d.manifest[path] = l
	}
	r := *old
	r.Asserted, r.Equivalent = true, nil
	r.Made = made{Hash: d.Hash, manifest: d.manifest, ended: old.Made.ended}
	if last := len(old.Equivalent) - 1; last >= 0 {
		confirmed := old.Equivalent[last]
		confirmed.Made = made{Hash: d.Hash, manifest: d.manifest, ended: confirmed.Made.ended}
		r.Equivalent = []Confirmation{confirmed}
	}
	w.append(&r)
	w.choose(a, &r)
	return true, true
}
