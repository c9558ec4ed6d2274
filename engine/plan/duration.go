package plan

import (
	"slices"

	"github.com/flowrider/flowrider/engine/record"
)

// Duration is how long a flow is expected to take.
type Duration struct {
	Seconds  float64
	Recorded bool // of its last run; else it is a guess
}

// Durations says of each flow that is walked how long it will take: as long as
// its last run that is known, else as the median of its runner's flows. What
// does not run takes no time. All flows have been decided.
//
// The history is read only if something runs that has no record.
func (s *Session) Durations() map[string]Duration {
	durations := map[string]Duration{}
	known := map[string][]float64{} // by runner
	var guessed []*Flow
	for _, address := range s.Wants() {
		flow := s.decided[address]
		if flow == nil {
			continue
		}
		seconds, recorded := s.lastDuration(flow)
		seconds = max(0, seconds) // a record may say anything, and priorities are none below 0
		if recorded {
			known[flow.Runner] = append(known[flow.Runner], seconds)
		}
		switch {
		case flow.Verdict != Run && flow.Verdict != MayRun:
		case recorded:
			durations[address] = Duration{seconds, true}
		default:
			guessed = append(guessed, flow)
		}
	}
	for _, flow := range guessed {
		durations[flow.Address] = Duration{Seconds: median(known[flow.Runner])}
	}
	return durations
}

// lastDuration is how long the last run of a flow took, by its record, or else
// by the history.
func (s *Session) lastDuration(flow *Flow) (seconds float64, known bool) {
	if flow.Selected != nil {
		return flow.Selected.Duration, true
	}
	if flow.Verdict != Run && flow.Verdict != MayRun {
		return 0, false
	}
	if s.lastRuns == nil {
		s.lastRuns = map[string]*record.Record{}
		for _, entry := range s.entries() {
			if last := s.lastRuns[entry.Flow]; last == nil || entry.Started.After(last.Started) {
				s.lastRuns[entry.Flow] = entry
			}
		}
	}
	if last := s.lastRuns[flow.Address]; last != nil && last.Runner == flow.Runner {
		return last.Duration, true
	}
	return 0, false
}

// median is that of some durations; 1 for none, so that what has more behind it
// goes first.
func median(durations []float64) float64 {
	if len(durations) == 0 {
		return 1
	}
	slices.Sort(durations)
	return durations[len(durations)/2]
}
