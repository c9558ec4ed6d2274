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

// Running says whether an apply on this machine is at an attempt, as far as can
// be seen from here.
func (s *Store) Running(attempt string) bool {
	applies, _ := s.Applies()
	return slices.ContainsFunc(applies, func(apply *Apply) bool {
		return apply.Alive() && slices.ContainsFunc(apply.Open(), func(tried *Tried) bool { return tried.ID == attempt })
	})
}
