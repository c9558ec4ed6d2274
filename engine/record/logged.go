package record

import (
	"cmp"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/schema"
)

// Logged is an attempt that has a log.
type Logged struct {
	ID      string     `json:"attempt"` // ULID
	State   string     `json:"state"`   // running, succeeded, failed, interrupted, cut_off, or without_success where nobody knows more
	Reason  string     `json:"reason,omitempty"`
	RunID   string     `json:"run_id,omitempty"` // of the run that it has started, if that is known
	Log     string     `json:"log"`              // slash path below the root
	Started time.Time  `json:"started"`
	Ended   *time.Time `json:"ended,omitempty"` // if that is known
}

// Logged lists the attempts at a flow whose logs are there, newest first. Of one
// that had no success, what is known is in its journal, or in the last attempt.
func (s *Store) Logged(address schema.Address) ([]Logged, error) {
	folder := path.Dir(LogPath(address, "any"))
	files, err := durable.ReadDir(s.below(folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	known := s.known(address)
	list := []Logged{}
	for _, file := range files {
		id, isLog := strings.CutSuffix(file.Name(), ".log")
		parsed, err := ulid.ParseStrict(id)
		if !isLog || err != nil {
			continue
		}
		logged, ok := known[id]
		if !ok {
			logged = Logged{State: "without_success", Started: ulid.Time(parsed.Time()).UTC()}
		}
		logged.ID, logged.Log = id, path.Join(folder, file.Name())
		list = append(list, logged)
	}
	slices.SortFunc(list, func(a, b Logged) int { return cmp.Or(b.Started.Compare(a.Started), strings.Compare(b.ID, a.ID)) })
	return list, nil
}

// known is what this machine knows of a flow's attempts, by their IDs.
func (s *Store) known(address schema.Address) map[string]Logged {
	known := map[string]Logged{}
	applies, _ := s.Applies() // what is damaged says nothing
	for _, apply := range applies {
		for _, tried := range apply.Tried {
			if tried.Flow == address.String() {
				known[tried.ID] = tried.logged(apply.Alive())
			}
		}
	}
	if last := s.LastAttempt(address); last != nil && !last.Ended.IsZero() {
		state := "succeeded"
		if !last.Succeeded() {
			state = stateOf(last.Reason)
		}
		known[last.ID] = Logged{State: state, Reason: last.Reason, RunID: last.RunID, Started: last.Started, Ended: &last.Ended}
	}
	entries, _ := s.Entries()
	for _, rec := range entries {
		if made := rec.MadeBy(); made != "" && rec.Flow == address.String() {
			ended := rec.Finished()
			known[made] = Logged{State: "succeeded", RunID: rec.RunID, Started: rec.Started, Ended: &ended}
		}
	}
	return known
}

// logged is what a journal says of an attempt, whose apply lives or has died.
func (t *Tried) logged(alive bool) Logged {
	logged := Logged{Reason: t.Reason, RunID: t.RunID, Started: t.Started}
	switch {
	case t.Last == Committed:
		logged.State = "succeeded"
	case t.Last == Failed:
		logged.State = stateOf(t.Reason)
	case t.Over() || !alive:
		logged.State = "cut_off"
	default:
		logged.State = "running"
	}
	return logged
}

// stateOf is how an attempt without success has ended, by its reason.
func stateOf(reason string) string {
	if reason == "interrupted" {
		return reason
	}
	return "failed"
}
