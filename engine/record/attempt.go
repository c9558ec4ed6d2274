package record

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/flowrider/flowrider/schema"
)

// Attempt is what is kept of a flow's last attempt, whether it succeeded or
// not: for `status`, `logs`, and the reason previous_failed. It decides no
// verdict, so one that cannot be read is as good as none.
type Attempt struct {
	Flow    string    `json:"flow"`
	ID      string    `json:"attempt"` // ULID
	Failed  bool      `json:"failed"`
	Reason  string    `json:"reason,omitempty"` // why it failed, or "interrupted"
	RunID   string    `json:"run_id,omitempty"`
	Log     string    `json:"log"` // slash path below the root
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended,omitzero"` // zero while it runs, or if nobody saw its end
}

// LogPath is where the log of an attempt stands: a slash path below the root.
func LogPath(address schema.Address, attempt string) string {
	return path.Join(Local, "logs", strings.TrimSuffix(fileName(address), ".json"), attempt+".log")
}

// WorkPath is the folder of a flow's bundles: a slash path below the root.
func WorkPath(address schema.Address) string {
	return path.Join(Local, "bundles", strings.TrimSuffix(fileName(address), ".json"))
}

// PutAttempt keeps an attempt as the flow's last.
func (s *Store) PutAttempt(address schema.Address, attempt Attempt) error {
	attempt.Flow = address.String()
	text, err := json.MarshalIndent(attempt, "", "  ")
	if err != nil {
		panic(err) // texts, booleans and times always encode
	}
	if err := s.Prepare(); err != nil {
		return err
	}
	return s.writer.WriteFile(s.local(path.Join("attempts", fileName(address))), append(text, '\n'))
}

// LastAttempt is the flow's last attempt, or nil if none is known.
func (s *Store) LastAttempt(address schema.Address) *Attempt {
	name := path.Join("attempts", fileName(address))
	data, _, err := readFile(s.local(""), filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) || err != nil {
		return nil
	}
	var attempt Attempt
	if json.Unmarshal(data, &attempt) != nil || attempt.Flow != address.String() {
		return nil
	}
	return &attempt
}

// KeptAttempt is a last attempt with the file that it is in.
type KeptAttempt struct {
	Path    string // below the root folder, slash path
	Attempt *Attempt
}

// Attempts lists the last attempts at all flows, declared or not, sorted by
// their files. Those that cannot be read are left out.
func (s *Store) Attempts() []KeptAttempt {
	var list []KeptAttempt
	folder := path.Join(Local, "attempts")
	names, _ := s.recordFiles(folder) // laid out as records are
	for _, name := range names {
		data, _, err := readFile(s.local(""), path.Join("attempts", name))
		var attempt Attempt
		if err == nil && json.Unmarshal(data, &attempt) == nil {
			list = append(list, KeptAttempt{path.Join(folder, name), &attempt})
		}
	}
	return list
}
