package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flowrider/flowrider/internal/boot"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/schema"
)

// Apply is what a journal says of an apply.
type Apply struct {
	ID string // ULID
	Begin
	Began   time.Time
	Tried   []*Tried // attempts, in the order in which they were started
	Ended   bool     // each of them has come to its final event, and so has the apply
	Stopped string   // why it has started nothing any more, if the disk took nothing

	path    string // below the root, slash path
	damaged []durable.Damage
}

// Tried is what a journal says of an attempt.
type Tried struct {
	Attempt // as far as it was known before the start
	Process Process
	Exit    Exit
	Success *Success
	Last    string     // its last event
	Again   *time.Time // when the flow is tried once more, if it is
}

// Over says whether an attempt has come to its final event.
func (t *Tried) Over() bool {
	return t.Last == Committed || t.Last == Failed || t.Last == Unfinished
}

// Alive says whether the apply still runs, as far as can be seen from here.
func (a *Apply) Alive() bool { return !a.Ended && a.Boot == boot.ID() && boot.Alive(a.PID, a.Born) }

// Open are the attempts that have not come to their final event.
func (a *Apply) Open() []*Tried {
	return slices.DeleteFunc(slices.Clone(a.Tried), (*Tried).Over)
}

// Retried are the attempts that have failed, and that another one of the apply
// is to follow.
func (a *Apply) Retried() []*Tried {
	var list []*Tried
	for i, tried := range a.Tried {
		followed := slices.ContainsFunc(a.Tried[i+1:], func(later *Tried) bool { return later.Flow == tried.Flow })
		if tried.Again != nil && !followed && a.Alive() {
			list = append(list, tried)
		}
	}
	return list
}

// Applies reads all journals, oldest first. What is damaged in the middle is
// named, and what is around it is read. Nothing is repaired.
func (s *Store) Applies() (list []*Apply, problems []*Problem) {
	folder := path.Join(Local, "journal")
	names, err := durable.ReadDir(s.below(folder)) // sorted
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, []*Problem{{Path: folder, Reason: "cannot be read: " + plain(err)}}
	}
	for _, name := range names {
		if _, err := ulid.ParseStrict(name.Name()); err != nil {
			continue
		}
		where := path.Join(folder, name.Name())
		data, _, err := readFile(s.below(folder), name.Name())
		if err != nil {
			problems = append(problems, &Problem{Path: where, Reason: "cannot be read: " + plain(err)})
			continue
		}
		apply, problem := parseJournal(data)
		if problem != nil {
			problem.Path = where
			problems = append(problems, problem)
		}
		if apply != nil {
			apply.ID, apply.path = name.Name(), where
			list = append(list, apply)
		}
	}
	joinAttempts(list)
	return list, problems
}

// joinAttempts lets each journal know what others say of the same attempts. One
// that another apply has gone on with is over when it is over there; and where
// that apply had not come to write down what the first one knew, that stands.
func joinAttempts(list []*Apply) {
	over := map[string]string{}
	earlier := map[string]*Tried{}
	for _, apply := range list {
		for _, tried := range apply.Tried {
			if before := earlier[tried.ID]; before != nil && tried.Last == Intended {
				tried.Process, tried.Exit, tried.Success, tried.Last = before.Process, before.Exit, before.Success, before.Last
			}
			earlier[tried.ID] = tried
			if tried.Over() {
				over[tried.ID] = tried.Last
			}
		}
	}
	for _, apply := range list {
		for _, tried := range apply.Tried {
			if last := over[tried.ID]; last != "" {
				tried.Last = last
			}
		}
	}
}

// parseJournal reads a journal. Its problem has no path yet; without an apply,
// nothing of it can be used. What is wrong at the end was torn off by a crash.
func parseJournal(data []byte) (*Apply, *Problem) {
	contents := durable.ParseLog(data, journalFormat)
	if contents.Newer {
		return nil, damage(contents)[0]
	}
	apply := &Apply{}
	known := map[string]*Tried{}
	for i, payload := range contents.Entries {
		var e entry
		if err := json.Unmarshal(payload, &e); err != nil {
			return nil, &Problem{Reason: "has an entry that is not JSON: " + err.Error()}
		}
		if i == 0 && e.Begin != nil {
			apply.Begin, apply.Began = *e.Begin, e.Time
		}
		apply.Ended = e.Event == ended
		if e.Event == stopped {
			apply.Stopped = e.Reason
		}
		if e.ID != "" {
			apply.take(e, known)
		}
	}
	for _, d := range contents.Damage {
		// Entries are written together: a power cut may take the first of them, and
		// none of the others has been acted upon then.
		if d.Offset < contents.End && !d.Hole {
			apply.damaged = append(apply.damaged, d)
		}
	}
	if len(apply.damaged) > 0 {
		d := apply.damaged[0]
		return apply, &Problem{Reason: fmt.Sprintf("is damaged at byte %d (%d bytes); the rest of it is used", d.Offset, d.Length)}
	}
	return apply, nil
}

// take adds what an entry says of its attempt.
func (a *Apply) take(e entry, known map[string]*Tried) {
	tried := known[e.ID]
	if tried == nil {
		tried = &Tried{}
		known[e.ID] = tried
		a.Tried = append(a.Tried, tried)
	}
	if e.Intent != nil {
		tried.Attempt = *e.Intent
	}
	tried.ID, tried.Last, tried.Reason, tried.Again = e.ID, e.Event, e.Reason, e.Again
	if e.Process != nil {
		tried.Process = *e.Process
	}
	if e.Exit != nil {
		tried.Exit = *e.Exit
	}
	if e.Success != nil {
		tried.Success = e.Success
	}
}

// LatestAttempt is the flow's latest attempt on this machine: one that an apply
// is at, or that was cut off when its apply died, else the last one that has
// ended. Nil if none is known.
func (s *Store) LatestAttempt(address schema.Address) *Attempt { return s.LatestAttempts()(address) }

// LatestAttempts is LatestAttempt for whoever asks for many flows: the journals
// are read once, now.
func (s *Store) LatestAttempts() func(address schema.Address) *Attempt {
	open := map[string]*Attempt{}
	applies, _ := s.Applies()
	for _, apply := range applies {
		for _, tried := range apply.Open() {
			if other := open[tried.Flow]; other == nil || tried.Number >= other.Number {
				open[tried.Flow] = &tried.Attempt
			}
		}
	}
	return func(address schema.Address) *Attempt {
		last, cut := s.LastAttempt(address), open[address.String()]
		if cut != nil && (last == nil || cut.After(last)) {
			return cut
		}
		return last
	}
}
