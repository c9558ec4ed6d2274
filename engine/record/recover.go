package record

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"

	"github.com/oklog/ulid/v2"

	"github.com/flowrider/flowrider/internal/boot"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/schema"
)

// keptJournals is how many journals of applies that have ended are kept, for
// people.
const keptJournals = 20

// Recovered is what was found of applies that died.
type Recovered struct {
	// Finished are attempts whose processes had ended with status 0, but whose
	// runs were not judged: their places are as they were left then.
	Finished []*Tried
	Open     []string // attempts of all workspaces that are not over: their places are to stay
	Notes    []string // for the person
}

// Left is an apply that died. Something of it may still run.
type Left struct {
	Apply     string    // ULID
	Processes []Process // of its attempts, as far as they are known, if the machine has not been started again since
}

// Recover finishes what applies that died have left. What still runs of them is
// ended by sweep; a run that was found good is recorded, and one
// that nobody has judged is handed on, or counts as unfinished. The caller
// holds the apply lock. After a crash in the middle it can be done again.
func (s *Store) Recover(sweep func([]Left) (ended string, err error)) (*Recovered, error) {
	applies, problems := s.Applies()
	found := &Recovered{}
	var all []Left
	for _, problem := range problems {
		_, notOne := ulid.ParseStrict(path.Base(problem.Path))
		switch read := slices.ContainsFunc(applies, func(apply *Apply) bool { return apply.path == problem.Path }); {
		case problem.Newer:
			return nil, fmt.Errorf("%w; nobody else can tell what its flows have come to", problem)
		case !read && notOne != nil: // all of them
			return nil, fmt.Errorf("%w; nobody can tell what its flows have come to, and whether they still run: make it readable, or move it away when you know that none does", problem)
		case !read:
			all = append(all, Left{Apply: path.Base(problem.Path)}) // its processes are known by its name
			found.note("%v; what still ran of its apply was ended, and what that had not recorded runs again: make it readable, and apply again, or move it away", problem)
		}
	}
	var over []*Apply
	for _, apply := range applies {
		if apply.Ended {
			over = append(over, apply)
			continue
		}
		all = append(all, apply.left())
	}
	if len(all) > 0 {
		ended, err := sweep(all)
		if ended != "" {
			found.note("ended %s, left by an apply that died", ended)
		}
		if err != nil {
			return found, err
		}
	}
	for _, apply := range applies {
		if apply.Ended {
			continue
		}
		if err := s.finish(apply, found); err != nil {
			return found, err
		}
	}
	return found, s.removeJournals(over[:max(0, len(over)-keptJournals)])
}

// left is what may still run of an apply.
func (a *Apply) left() Left {
	left := Left{Apply: a.ID}
	for _, tried := range a.Tried {
		if a.Boot != "" && a.Boot == boot.ID() && tried.Process.PID > 0 {
			left.Processes = append(left.Processes, tried.Process)
		}
	}
	return left
}

func (r *Recovered) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// finish brings the attempts of an apply that died to their final events, where
// that can be done by now.
func (s *Store) finish(apply *Apply, found *Recovered) error {
	if err := s.keepDamaged(apply, found); err != nil {
		return err
	}
	pending := len(found.Open)
	for _, tried := range apply.Open() {
		switch {
		case apply.Workspace != "" && tried.Last == Verified && tried.Success != nil && len(tried.Success.Records) > 0:
			recorded, err := s.In(apply.Workspace).recordNow(apply, tried, found)
			if err != nil {
				return err
			}
			if !recorded {
				found.Open = append(found.Open, tried.ID)
			}
		case s.isFinished(apply, tried):
			found.Open = append(found.Open, tried.ID) // for an apply in that workspace
			if apply.Workspace == s.workspace && !slices.ContainsFunc(found.Finished, func(known *Tried) bool { return known.ID == tried.ID }) {
				found.Finished = append(found.Finished, tried)
			}
		default:
			if err := s.cutOff(apply, tried, found); err != nil {
				return err
			}
		}
	}
	if len(found.Open) > pending {
		return nil
	}
	return s.addTo(apply, entry{Event: ended})
}

// recordNow records a run that had been found good. A run that cannot be
// recorded, since something is in the way of its record alone, is left for
// another time.
func (s *Store) recordNow(apply *Apply, tried *Tried, found *Recovered) (recorded bool, err error) {
	rec, done := tried.Success.selected(), "it is recorded now"
	selected, err := s.Commit(*tried.Success)
	if !selected {
		done = "its record has changed since, so it is kept in the history alone"
	}
	if durable.IsFull(err) {
		return false, err
	} else if err != nil {
		found.note("%s: run %s has succeeded, and cannot be recorded: %v", rec.Flow, rec.RunID, err)
		return false, nil
	}
	if err := s.addTo(apply, committed(tried.ID, rec)); err != nil {
		return false, err
	}
	found.note("%s: run %s had succeeded before flowrider could record it; %s", rec.Flow, rec.RunID, done)
	newest := tried.Success.Records[0]
	tried.RunID, tried.Ended, tried.Failed, tried.Reason = newest.RunID, newest.Finished(), false, ""
	return true, s.noteEnd(tried)
}

// isFinished says whether a run can be judged yet: its process has ended with
// status 0, and the files that it left are what it has written. After another
// boot what was only in memory is lost, and nobody can tell.
func (s *Store) isFinished(apply *Apply, tried *Tried) bool {
	if tried.Last != Exited || tried.Exit.Code != 0 || tried.Exit.Draft == nil || apply.Boot == "" || apply.Boot != boot.ID() {
		return false
	}
	_, err := os.Stat(s.below(tried.Place()))
	return err == nil
}

// cutOff counts an attempt as unfinished.
func (s *Store) cutOff(apply *Apply, tried *Tried, found *Recovered) error {
	const reason = "cut off: flowrider died before its end was seen"
	if err := s.addTo(apply, entry{Event: Unfinished, ID: tried.ID, Reason: reason}); err != nil {
		return err
	}
	if last := s.lastOf(tried); tried.Flow == "" || last != nil && !tried.After(last) {
		return nil // what it was is damaged, or its end is known otherwise
	}
	found.note("%s: its last attempt was cut off when flowrider died", tried.Flow)
	tried.Reason = reason
	return s.noteEnd(tried)
}

// lastOf is the attempt at the same flow whose end was noted last; nil if it is
// none.
func (s *Store) lastOf(tried *Tried) *Attempt {
	address, err := schema.ParseAddress(tried.Flow)
	if err != nil || address.Block != "flow" {
		return nil
	}
	return s.LastAttempt(address)
}

// noteEnd keeps how an attempt ended as the flow's last, unless there was a
// later one.
func (s *Store) noteEnd(tried *Tried) error {
	address, err := schema.ParseAddress(tried.Flow)
	if last := s.lastOf(tried); err != nil || last != nil && last.After(&tried.Attempt) {
		return err
	}
	return s.PutAttempt(address, tried.Attempt)
}

// Place is where the attempt's bundle is: a slash path below the root.
func (a *Attempt) Place() string {
	address, err := schema.ParseAddress(a.Flow)
	if err != nil || address.Block != "flow" {
		return path.Join(Local, "bundles", a.ID) // of nothing that this program has written
	}
	return path.Join(WorkPath(address), a.ID)
}

// keepDamaged keeps a copy of a journal that is damaged, before anything is
// added to it.
func (s *Store) keepDamaged(apply *Apply, found *Recovered) error {
	if len(apply.damaged) == 0 {
		return nil
	}
	data, _, err := readFile(s.local("journal"), apply.ID)
	if err != nil {
		return err
	}
	found.note("%s is damaged at byte %d; a copy is kept in %s/aside/journal, and what it does not say counts as unfinished",
		apply.path, apply.damaged[0].Offset, Local)
	return s.putAside("journal/"+apply.ID, data)
}

// addTo adds an entry to the journal of an apply that died.
func (s *Store) addTo(apply *Apply, e entry) error {
	return s.writer.OpenLog(s.below(apply.path), journalFormat).Append(encodeEntry(e))
}

func (s *Store) removeJournals(old []*Apply) error {
	if len(old) == 0 {
		return nil
	}
	dir, err := s.writer.OpenDir(s.local("journal"))
	if err != nil {
		return err
	}
	defer dir.Close()
	var errs []error
	for _, apply := range old {
		errs = append(errs, dir.Remove(apply.ID))
	}
	return errors.Join(errs...)
}
