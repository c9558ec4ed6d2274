package process

// look lists who is alive of the leftovers. What only descends from them is
// not asked to end, but ended at last: that is the business of whoever started
// it, such as another flowrider.
func (l *leftovers) look() []straggler {
	all := processes()
	own := map[int]bool{}
	met := map[int]bool{}
	for _, p := range all {
		_, inGroup := l.groups[p.pgrp]
		met[p.pgrp] = met[p.pgrp] || p.alive()
		own[p.pid] = inGroup || !p.kernel() && carries(p.pid, l.markers)
	}
	in := map[int]bool{}
	for _, p := range all {
		in[p.pid] = own[p.pid] || l.known[p.member()]
	}
	in[ownPID] = false
	grow(in, all)
	var left []straggler
	for _, p := range all {
		if in[p.pid] && p.pid != ownPID {
			l.known[p.member()] = true
			if p.alive() {
				left = append(left, straggler{p.member(), p.name, !own[p.pid] || l.asked(p)})
			}
		}
	}
	l.leave(met)
	return left
}

// asked says whether the death of its parent has asked a process to end: a
// second SIGINT would break off what it has begun to clean up. Without a guard
// that knows, it is a process that is started as this package does: as leader
// of a group, in its parent's session.
func (l *leftovers) asked(p proc) bool {
	if l.leaders != nil {
		return l.leaders[p.pid]
	}
	return p.pid == p.pgrp && p.session != p.pid
}

// leave forgets the groups in which two looks have found nobody alive: their
// numbers may be given to strangers now.
func (l *leftovers) leave(met map[int]bool) {
	for group := range l.groups {
		if met[group] {
			l.groups[group] = 0
		} else if l.groups[group]++; l.groups[group] == 2 {
			delete(l.groups, group)
		}
	}
}
