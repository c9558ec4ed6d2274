package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/flowrider/flowrider/internal/durable"
)

// The history keeps every record for good. It is a folder of logs, split by
// the first two digits of the config hash, so that to look one hash up costs
// the reading of a small part. A record stands in the log of each hash that it
// can be found by.

// historyFormat is the first line of each log of the history: FRH1.
var historyFormat = durable.Format{Name: "FRH", Version: 1}

// shardName is the log that records with a config hash are in.
func shardName(hash string) string {
	digits, ok := strings.CutPrefix(hash, "h1:")
	if !ok || len(digits) < 2 || strings.Trim(digits[:2], "0123456789abcdef") != "" {
		return "other.log"
	}
	return digits[:2] + ".log"
}

// Append adds rec to the history, under its config hash and those of its
// equivalents. It does nothing where the same record is there already.
func (s *Store) Append(rec *Record) error {
	if err := rec.validate(); err != nil {
		return err
	}
	text, err := encode(rec)
	if err != nil {
		return err
	}
	var payload bytes.Buffer
	if err := json.Compact(&payload, text); err != nil {
		return err
	}
	if err := s.Prepare(); err != nil {
		return err
	}
	done := map[string]bool{}
	for _, hash := range rec.hashes() {
		name := shardName(hash)
		if done[name] {
			continue
		}
		done[name] = true
		if err := s.appendTo(name, payload.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) appendTo(name string, payload []byte) error {
	log := s.writer.OpenLog(s.local("history/"+name), historyFormat)
	there, err := s.readShard(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if there != nil {
		known := func(entry []byte) bool { return bytes.Equal(entry, payload) }
		if slices.ContainsFunc(there.contents.Entries, known) {
			// Perhaps by a process that was killed before it had synced.
			return log.Sync()
		}
	}
	return log.Append(payload)
}

// History finds all records that were made with a config hash, or confirmed
// with it, newest last. Of several records of one run the last counts.
// Damaged parts of the history are named, at each call that comes across them;
// what is around them is read.
func (s *Store) History(configHash string) ([]*Record, []*Problem) {
	name := shardName(configHash)
	where := Local + "/history/" + name
	there, err := s.readShard(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, []*Problem{{Path: where, Reason: "cannot be read: " + plain(err)}}
	}
	found, problems := search(there.contents, configHash)
	for _, problem := range problems {
		problem.Path = where
	}
	return found, problems
}

// Entries lists all records of the history. What is damaged or cannot be
// believed is named, and what is around it is read.
func (s *Store) Entries() (list []*Record, problems []*Problem) {
	logs, problem := s.HistoryLogs()
	if problem != nil {
		return nil, []*Problem{problem}
	}
	for _, log := range logs {
		for _, entry := range log.Entries {
			list = append(list, entry.Record)
		}
		if log.Problem != nil {
			problems = append(problems, log.Problem)
		}
	}
	return list, problems
}

// search looks a config hash up in one log. Its problems have no path yet.
func search(contents durable.Contents, configHash string) ([]*Record, []*Problem) {
	problems := damage(contents)
	var found []*Record
	for _, entry := range contents.Entries {
		if !mentions(entry, configHash) {
			continue // most entries, without decoding them
		}
		rec, problem := parseEntry(entry)
		if problem != nil {
			problems = append(problems, problem)
			continue
		}
		if slices.Contains(rec.hashes(), configHash) {
			found = append(slices.DeleteFunc(found, rec.replaces), rec)
		}
	}
	return found, problems
}

// damage says what of a log cannot be read. Its problems have no path yet.
func damage(contents durable.Contents) []*Problem {
	if contents.Newer {
		return []*Problem{{Reason: "was written by a newer flowrider; use that one", Newer: true}}
	}
	var problems []*Problem
	for _, d := range contents.Damage {
		problems = append(problems, &Problem{
			Reason: fmt.Sprintf("is damaged at byte %d (%d bytes); the rest of it is used", d.Offset, d.Length),
		})
	}
	return problems
}

// mentions says whether a config hash may stand in an entry.
func mentions(entry []byte, hash string) bool {
	if strings.Trim(hash, "0123456789abcdefghijklmnopqrstuvwxyz:") != "" {
		return true // it may be written in another way there
	}
	return bytes.Contains(entry, []byte(hash))
}

// parseEntry reads a record from its form in a log, which is the canonical
// text without its layout.
func parseEntry(entry []byte) (*Record, *Problem) {
	var text bytes.Buffer
	if err := json.Indent(&text, entry, "", "  "); err != nil {
		return nil, &Problem{Reason: "has an entry that is not JSON: " + err.Error()}
	}
	text.WriteByte('\n')
	rec, problem := parse(text.Bytes())
	if problem != nil {
		return nil, &Problem{Reason: "has an entry that " + problem.Reason, Newer: problem.Newer}
	}
	return rec, nil
}

// replaces says whether rec is a later record of the same run: one that names
// another equivalent. An asserted record never takes the place of one that was
// made by the run itself.
func (rec *Record) replaces(old *Record) bool {
	return old.Flow == rec.Flow && old.Runner == rec.Runner && old.RunID == rec.RunID &&
		old.Store == rec.Store && old.ConfigHash == rec.ConfigHash && old.Asserted == rec.Asserted
}

// shard is one log of the history as it was last read.
type shard struct {
	size     int64
	modified time.Time
	contents durable.Contents
}

// readShard reads one log, unless it is as it was when it was last read.
func (s *Store) readShard(name string) (*shard, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.shards[name]; known != nil {
		info, err := os.Stat(s.local("history/" + name))
		if err == nil && info.Size() == known.size && info.ModTime().Equal(known.modified) {
			return known, nil
		}
	}
	// A writer that takes off a torn end and goes on may show a reader a
	// mixture of both. What is really damaged is so the second time too.
	var last []byte
	for try := 0; ; try++ {
		data, info, err := readFile(s.local("history"), name)
		if err != nil {
			return nil, err
		}
		read := &shard{info.Size(), info.ModTime(), durable.ParseLog(data, historyFormat)}
		if len(read.contents.Damage) == 0 || try > 0 && bytes.Equal(data, last) || try == 5 {
			s.shards[name] = read
			return read, nil
		}
		last = data
	}
}
