package record

import (
	"encoding/json"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/flowrider/flowrider/internal/sealed"
	"github.com/flowrider/flowrider/schema"
)

// Attempt is what is kept of a flow's last attempt, whether it succeeded or
// not: for `status`, `logs`, the reason previous_failed, and for the next
// attempt, which may go on with the run of one that has failed. It decides no
// verdict, so one that cannot be believed is as good as none.
type Attempt struct {
	Flow    string    `json:"flow"`
	ID      string    `json:"attempt"`          // ULID
	Number  int       `json:"number,omitempty"` // which of the flow's attempts on this machine it is
	Try     int       `json:"try,omitempty"`    // which of its apply it was; left out for the first
	Failed  bool      `json:"failed"`
	Reason  string    `json:"reason,omitempty"` // why it failed, or "interrupted"
	RunID   string    `json:"run_id,omitempty"` // of the run that it has started, once that is known
	Log     string    `json:"log"`              // slash path below the root
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended,omitzero"` // zero while it runs, or if nobody saw its end

	// What another attempt has to agree with to go on with the run.
	ConfigHash string `json:"config_hash,omitempty"`
	Given      string `json:"given,omitempty"`         // digest of the values that the run has got, run IDs and paths as they are
	Unchanged  bool   `json:"unchanged,omitempty"`     // whether all that it was to read is known to have stayed as it was
	Origin     string `json:"origin_run_id,omitempty"` // the run that it has gone on with itself
}

// After says whether an attempt at the same flow is the later one. IDs begin with
// a time, and clocks are set: they tell nothing alone.
func (a *Attempt) After(b *Attempt) bool {
	return a.Number > b.Number || a.Number == b.Number && a.ID > b.ID
}

// Succeeded says whether the attempt's run was recorded.
func (a *Attempt) Succeeded() bool { return !a.Ended.IsZero() && !a.Failed && a.Reason == "" }

// attemptKind is what attempts are among the sealed texts.
var attemptKind = sealed.Kind{Noun: "attempt", Member: "schema", Format: 1}

// sealedAttempt is an attempt as it is written.
type sealedAttempt struct {
	Schema int `json:"schema"`
	*Attempt
}

// parseAttempt is the attempt in a text, or nil if it was torn or edited.
func parseAttempt(text []byte) *Attempt {
	normal, problem := attemptKind.Open(text)
	sealed := sealedAttempt{Attempt: &Attempt{}}
	if problem != nil || json.Unmarshal(normal, &sealed) != nil {
		return nil
	}
	return sealed.Attempt
}

// LogPath is where the log of an attempt stands: a slash path below the root.
func LogPath(address schema.Address, attempt string) string {
	return path.Join(Local, "logs", strings.TrimSuffix(fileName(address), ".json"), attempt+".log")
}

// WorkPath is the folder of a flow's bundles: a slash path below the root.
func WorkPath(address schema.Address) string {
	return path.Join(Local, "bundles", strings.TrimSuffix(fileName(address), ".json"))
}

// ScratchPath is the private folder of an attempt beside its bundle: a slash
// path below the root.
func ScratchPath(address schema.Address, attempt string) string {
	return path.Join(WorkPath(address), attempt+".scratch")
}

// PutAttempt keeps an attempt as the flow's last.
func (s *Store) PutAttempt(address schema.Address, attempt Attempt) error {
	attempt.Flow = address.String()
	text, err := sealed.Encode(sealedAttempt{attemptKind.Format, &attempt})
	if err != nil {
		panic(err) // texts, booleans and times always encode
	}
	if err := s.Prepare(); err != nil {
		return err
	}
	return s.writer.WriteFile(s.local(path.Join("attempts", fileName(address))), text)
}

// LastAttempt is the flow's last attempt, or nil if none is known.
func (s *Store) LastAttempt(address schema.Address) *Attempt {
	name := path.Join("attempts", fileName(address))
	data, _, err := readFile(s.local(""), filepath.FromSlash(name))
	if err != nil {
		return nil
	}
	attempt := parseAttempt(data)
	if attempt == nil || attempt.Flow != address.String() {
		return nil
	}
	return attempt
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
		if attempt := parseAttempt(data); err == nil && attempt != nil {
			list = append(list, KeptAttempt{path.Join(folder, name), attempt})
		}
	}
	return list
}
