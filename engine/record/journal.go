package record

import (
	"crypto/rand"
	"encoding/json"
	"os"
	"path"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flowrider/flowrider/internal/boot"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/schema"
)

// The journal of an apply says how far each attempt has come, before the next
// step is taken: whatever dies, the next apply knows what was running, and what
// had succeeded and was not recorded yet. There is one file for each apply that
// starts a flow. An attempt whose last event is none of the final ones was cut
// off there.

// journalFormat is the first line of each journal: FRJ1.
var journalFormat = durable.Format{Name: "FRJ", Version: 1}

// The events of a journal. Each is durable before what it says is acted upon.
const (
	begun      = "begin"     // of the apply
	Intended   = "intent"    // an attempt's process is about to be started
	Started    = "started"   // it has been
	Exited     = "exited"    // it has ended, and had what it was to read until then
	Verified   = "verified"  // the run was found good, and is about to be recorded
	Committed  = "committed" // final: it is recorded
	Failed     = "failed"    // final: it had no success
	Unfinished = "cut_off"   // final: the apply died before anybody saw a success
	stopped    = "stopped"   // of the apply: it starts nothing any more, since the disk takes nothing
	ended      = "end"       // of the apply: each of its attempts has come to its final event
)

// entry is one line of a journal. Which members it has, the event says.
type entry struct {
	Event string    `json:"event"`
	Time  time.Time `json:"time"` // for people: no decision rests on it

	*Begin
	ID     string   `json:"attempt,omitempty"` // of the attempt, in all that follow
	Intent *Attempt `json:"intent,omitempty"`  // as far as it is known before the start
	*Process
	*Exit
	*Success
	Reason string     `json:"reason,omitempty"` // failed, cut_off, stopped
	Again  *time.Time `json:"again,omitempty"`  // failed: when the flow is tried once more
	Record string     `json:"record,omitempty"` // committed: digest of the record's text
}

// Begin is what a journal says of its apply.
type Begin struct {
	Workspace string `json:"workspace"`
	Boot      string `json:"boot"` // the machine's
	PID       int    `json:"pid"`
	Born      string `json:"born"` // when that process was started: a number alone is another process's later
}

// Process is what runs.
type Process struct {
	PID  int    `json:"process"` // and of its process group
	Born string `json:"process_born"`
}

// Exit is how a process ended.
type Exit struct {
	Code   int     `json:"code"` // -1 when ended by a signal
	Signal int     `json:"signal,omitempty"`
	Draft  *Record `json:"draft,omitempty"` // after status 0: the record, but for what the run itself will say
}

// Journal is that of the apply of this process. Its methods may be called from
// many goroutines.
type Journal struct {
	ID   string // ULID: that of the apply
	file *durable.Journal
}

// BeginJournal makes the journal of an apply, which holds the apply lock, before
// it starts anything.
func (s *Store) BeginJournal() (*Journal, error) {
	if err := s.Prepare(); err != nil {
		return nil, err
	}
	begin := &Begin{Workspace: s.workspace, Boot: boot.ID(), PID: os.Getpid(), Born: boot.Born(os.Getpid())}
	name := ulid.MustNew(ulid.Now(), rand.Reader).String()
	file, err := s.writer.NewJournal(s.local(path.Join("journal", name)), journalFormat, encodeEntry(entry{Event: begun, Begin: begin}))
	if err != nil {
		return nil, err
	}
	return &Journal{name, file}, nil
}

func encodeEntry(e entry) []byte {
	e.Time = time.Now().UTC().Truncate(time.Millisecond)
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // records encode, and so does all else
	}
	return text
}

func (j *Journal) add(e entry) error { return j.file.Append(encodeEntry(e)) }

// Intend says that an attempt is about to be started. It fails where there is
// too little room to say later how that ended.
func (j *Journal) Intend(address schema.Address, attempt Attempt) error {
	if err := j.file.MakeRoom(); err != nil {
		return err
	}
	attempt.Flow = address.String()
	return j.add(entry{Event: Intended, ID: attempt.ID, Intent: &attempt})
}

// Start says which process it is.
func (j *Journal) Start(attempt string, pid int) error {
	return j.add(entry{Event: Started, ID: attempt, Process: &Process{PID: pid, Born: boot.Born(pid)}})
}

// Exit says how an attempt's process ended.
func (j *Journal) Exit(attempt string, exit Exit) error {
	return j.add(entry{Event: Exited, ID: attempt, Exit: &exit})
}

// Verify says that a run is good, and what is about to be recorded.
func (j *Journal) Verify(attempt string, success Success) error {
	return j.add(entry{Event: Verified, ID: attempt, Success: &success})
}

// Commit says that a run is recorded.
func (j *Journal) Commit(attempt string, rec *Record) error {
	return j.add(committed(attempt, rec))
}

func committed(attempt string, rec *Record) entry {
	return entry{Event: Committed, ID: attempt, Record: digestOf(canonical(rec))}
}

// Fail says that an attempt has ended without success.
func (j *Journal) Fail(attempt, reason string) error {
	return j.add(entry{Event: Failed, ID: attempt, Reason: reason})
}

// Retry is Fail of an attempt after which the flow is tried again, not before
// some time. Should that not be, Fail follows.
func (j *Journal) Retry(attempt, reason string, again time.Time) error {
	again = again.UTC().Truncate(time.Millisecond)
	return j.add(entry{Event: Failed, ID: attempt, Reason: reason, Again: &again})
}

// Stop says why the apply has started nothing any more.
func (j *Journal) Stop(reason string) error { return j.add(entry{Event: stopped, Reason: reason}) }

// End says, with all, that each attempt has come to its final event; without, the
// journal stays one that the next apply has to look into. The journal is closed.
func (j *Journal) End(all bool) error {
	var err error
	if all {
		err = j.add(entry{Event: ended})
	}
	if closeErr := j.file.Close(); err == nil {
		err = closeErr
	}
	return err
}
