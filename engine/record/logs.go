package record

import (
	"cmp"
	"os"
	"slices"

	"github.com/oklog/ulid/v2"

	"github.com/flowrider/flowrider/schema"
)

// MadeBy is the ID of the attempt that made the run, whose log is named after
// it; "" if the run was not made by flowrider.
func (rec *Record) MadeBy() string {
	id := cmp.Or(rec.Attempt, rec.RunID)
	if _, err := ulid.ParseStrict(id); err != nil {
		return ""
	}
	return id
}

// AttemptOf is the attempt at a flow that made a run, or that has this ID
// itself; nil if this machine does not know of it. Its log may be gone.
func (s *Store) AttemptOf(address schema.Address, id string) *Attempt {
	if latest := s.LatestAttempt(address); latest != nil && (latest.RunID == id || latest.ID == id) {
		return latest
	}
	entries, _ := s.Entries() // what is damaged says nothing
	for _, rec := range slices.Backward(entries) {
		if made := rec.MadeBy(); made != "" && (rec.RunID == id || made == id) && rec.Flow == address.String() {
			return &Attempt{Flow: rec.Flow, ID: made, RunID: rec.RunID, Log: LogPath(address, made), Started: rec.Started, Ended: rec.Finished()}
		}
	}
	parsed, err := ulid.ParseStrict(id)
	if err != nil {
		return nil
	}
	log := LogPath(address, id) // of an attempt that has made no run
	if _, err := os.Lstat(s.below(log)); err != nil {
		return nil
	}
	return &Attempt{Flow: address.String(), ID: id, Log: log, Failed: true, Started: ulid.Time(parsed.Time()).UTC()}
}

// Course is how far an apply that runs is with a flow, as far as can be seen
// from here.
type Course struct {
	Apply string   // its ID
	Tried []*Tried // attempts at the flow, in the order in which they were started
	Alive bool     // the apply still runs
}

// More says whether the flow has not come to its end in the apply.
func (c *Course) More() bool {
	if !c.Alive || len(c.Tried) == 0 {
		return c.Alive
	}
	last := c.Tried[len(c.Tried)-1]
	return !last.Over() || last.Again != nil
}

// Course is that of an apply with this ID, or without one of the apply that runs
// now. Nil if there is none.
func (s *Store) Course(apply string, address schema.Address) *Course {
	applies, _ := s.Applies()
	for _, a := range applies {
		alive := a.Alive()
		if apply == "" && !alive || apply != "" && a.ID != apply {
			continue
		}
		course := &Course{Apply: a.ID, Alive: alive}
		for _, tried := range a.Tried {
			if tried.Flow == address.String() {
				course.Tried = append(course.Tried, tried)
			}
		}
		return course
	}
	return nil
}

// Running says whether an apply on this machine is at an attempt, as far as can
// be seen from here.
func (s *Store) Running(attempt string) bool {
	applies, _ := s.Applies()
	return slices.ContainsFunc(applies, func(apply *Apply) bool {
		return apply.Alive() && slices.ContainsFunc(apply.Open(), func(tried *Tried) bool { return tried.ID == attempt })
	})
}
