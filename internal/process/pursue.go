package process

import (
	"sort"
	"strings"
	"time"
)

// longestPause bounds how long the end of a straggler can stay unnoticed.
const longestPause = 50 * time.Millisecond

// pursuit ends what look finds, until two looks in a row find nothing: a
// process may fork during the first, or be in the middle of an exec, when its
// environment cannot be read. The guard of another flowrider, of which nothing
// else may be left, is given the time that it may take to end what that has left.
type pursuit struct {
	end  *ending
	look func() []straggler
	rest func(time.Duration) // waits before the next look, less if it likes
	had  int                 // steps of the ending that the stragglers that were asked have had
}

// run gives the names of what was ended, and what could not be ended.
func (p pursuit) run() (names map[string]bool, stuck []straggler) {
	took, names := map[member]int{}, map[string]bool{} // steps by member
	guards := map[member]time.Time{}                   // when they were seen first
	pause := time.Millisecond
	for quiet := 0; ; {
		left, now := p.look(), awake()
		if len(left) == 0 {
			if quiet++; quiet == 2 {
				return names, nil
			}
		} else {
			quiet = 0
			p.end.step(now)
		}
		for _, m := range left {
			if m.guards() {
				if _, known := guards[m.member]; !known {
					guards[m.member] = now
				}
				if now.Before(guards[m.member].Add(guardEnd)) {
					p.end.spare(now)
					continue
				}
			}
			names[m.name] = true
			if _, known := took[m.member]; !known && m.asked {
				took[m.member] = p.had
			}
			if took[m.member] < p.end.sent || p.end.sent == len(steps) {
				took[m.member] = p.end.sent
				m.signal(steps[p.end.sent-1])
			}
		}
		if len(left) > 0 && p.end.hopeless(now) {
			return names, left
		}
		p.rest(min(pause, max(0, p.end.due.Sub(now))))
		pause = min(2*pause, longestPause)
	}
}

// list is names in order.
func list(names map[string]bool) string {
	var sorted []string
	for name := range names {
		sorted = append(sorted, name)
	}
	sort.Strings(sorted)
	return strings.Join(sorted, ", ")
}
