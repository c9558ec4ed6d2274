package process

import (
	"fmt"
	"time"

	"github.com/flowrider/flowrider/internal/boot"
)

// afterDeath is how long what an apply leaves behind that has died itself has
// to end, such as by cancelling remote jobs.
var afterDeath = Grace{Interrupt: 5 * time.Second, Terminate: -1}

// leftovers are the processes of a flowrider that has died: what carries one of
// their markers, or that of their apply, what is in one of their groups, and what was
// seen to descend from either.
type leftovers struct {
	markers map[string]bool
	groups  map[int]int  // by number: looks in a row that have found nobody there
	leaders map[int]bool // process IDs of those that were asked to end by the death of their parent; nil if nobody knows
	known   map[member]bool
}

// end ends them: SIGINT, after up to 5 s SIGKILL. The names are those of what
// was ended; the error says what could not be.
func (l *leftovers) end() (names map[string]bool, err error) {
	if len(l.markers) == 0 {
		return nil, nil
	}
	var end ending
	end.ask(afterDeath, awake())
	names, stuck := pursuit{end: &end, look: l.look, rest: time.Sleep, had: 1}.run()
	if len(stuck) > 0 {
		err = fmt.Errorf("%s cannot be ended, although the flowrider that it was started by is dead", describe(stuck))
	}
	return names, err
}

// Lost is an apply whose flowrider has died.
type Lost struct {
	Apply   string   // ID, see Mark
	Leaders []Leader // of flows, as far as they are known
}

// Leader is a process that was started, and leads a group.
type Leader struct {
	PID  int
	Born string // when it was started, as boot.Born says it of this boot
}

// Sweep ends what is left of applies whose flowrider has died together with its
// guard: everything that carries a marker of theirs; where a leader still runs,
// that with its group and what descends from it; and nothing else. It returns
// when nothing is left: until then a new attempt at the same flow would not be
// alone. ended are the names of what it has found.
//
// Outside Linux, where markers cannot be read, it finds groups alone.
func Sweep(applies []Lost) (ended string, err error) {
	left := leftovers{markers: map[string]bool{}, groups: map[int]int{}, known: map[member]bool{}}
	for _, lost := range applies {
		left.markers[lost.Apply] = true
		for _, leader := range lost.Leaders {
			// The number alone may be a stranger's by now.
			if leader.PID > 0 && boot.Alive(leader.PID, leader.Born) {
				left.groups[leader.PID] = 0
			}
		}
	}
	names, err := left.end()
	return list(names), err
}
