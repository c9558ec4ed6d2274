package record

import (
	"encoding/json"
	"fmt"

	"github.com/flowrider/flowrider/internal/durable"
)

// Files that flowrider has placed among the project's are its own for as long
// as they are as it placed them, also when no flow declares them any more. What
// was placed stands in a log of this machine; without it such files count as
// the project's.

// placedFormat is the first line of .flowrider/placed: FRP1.
var placedFormat = durable.Format{Name: "FRP", Version: 1}

// placement is an entry of that log.
type placement struct {
	Path   string `json:"path"`   // slash path from the root folder, which it may leave
	Digest string `json:"digest"` // as the store of outputs has it
}

// Placed is what flowrider has placed last at each path: digests, by slash path
// from the root folder. What cannot be read is left out.
func (s *Store) Placed() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.readPlaced()
}

// readPlaced reads the log unless it is known. The caller holds the lock and
// does not change the result.
func (s *Store) readPlaced() map[string]string {
	if s.placed != nil {
		return s.placed
	}
	s.placed = map[string]string{}
	data, _, err := readFile(s.local(""), "placed")
	if err != nil {
		return s.placed
	}
	for _, entry := range durable.ParseLog(data, placedFormat).Entries {
		var p placement
		if json.Unmarshal(entry, &p) == nil {
			s.placed[p.Path] = p.Digest
		}
	}
	return s.placed
}

// Place notes what was placed at a path. Nothing is written if it was noted
// before.
func (s *Store) Place(path, digest string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readPlaced()[path] == digest {
		return nil
	}
	entry, err := json.Marshal(placement{path, digest})
	if err != nil {
		panic(err) // texts always encode
	}
	log := s.writer.OpenLog(s.local("placed"), placedFormat)
	if err := log.Append(entry); err != nil {
		return fmt.Errorf("what was placed at %s cannot be noted: %w", path, err)
	}
	s.placed[path] = digest
	return nil
}
