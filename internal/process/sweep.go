package process

import (
	"fmt"
	"time"
)

// afterDeath is how long what an apply leaves behind that has died itself has
// to end, such as by cancelling remote jobs.
var afterDeath = Grace{Interrupt: 5 * time.Second, Terminate: -1}

// leftovers are the processes of attempts whose flowrider has died: what
// carries one of their markers, what is in one of their groups, and what was
// seen to descend from either.
type leftovers struct {
	attempts map[string]bool
	groups   map[int]int  // by number: looks in a row that have found nobody there
	leaders  map[int]bool // process IDs of those that were asked to end by the death of their parent; nil if nobody knows
	known    map[member]bool
}

// end ends them: SIGINT, after up to 5 s SIGKILL. The names are those of what
// was ended; the error says what could not be.
func (l *leftovers) end() (names map[string]bool, err error) {
	var end ending
	end.ask(afterDeath, awake())
	names, stuck := pursuit{end: &end, look: l.look, rest: time.Sleep, had: 1}.run()
	if len(stuck) > 0 {
		err = fmt.Errorf("%s cannot be ended, although the flowrider that it was started by is dead", describe(stuck))
	}
	return names, err
}

// Sweep ends what is left of attempts whose flowrider has died together with
// its guard: everything that carries one of their markers, and nothing else.
// It returns when nothing is left: until then a new attempt at the same flow
// would not be alone. ended are the names of what it has found.
//
// Outside Linux, where markers cannot be read, it finds nothing.
func Sweep(attempts []string) (ended string, err error) {
	if len(attempts) == 0 {
		return "", nil
	}
	left := leftovers{attempts: map[string]bool{}, known: map[member]bool{}}
	for _, attempt := range attempts {
		left.attempts[attempt] = true
	}
	names, err := left.end()
	return list(names), err
}
