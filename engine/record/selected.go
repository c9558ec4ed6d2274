package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/schema"
)

// Selected is the selected record of one flow.
type Selected struct {
	Address schema.Address
	Record  *Record
}

// Committed reads the committed record of a flow, wherever its run lies. Both
// results are nil if there is none.
func (s *Store) Committed(address schema.Address) (*Record, *Problem) {
	return s.committed(address, map[string]string{})
}

// committed is Committed, and puts the digest of the file into stood, unless it
// cannot be read.
func (s *Store) committed(address schema.Address, stood map[string]string) (*Record, *Problem) {
	name := fileName(address)
	rec, text, problem := s.readSelected(name)
	switch {
	case text != nil:
		stood[path.Join(s.runs, name)] = digestOf(text)
	case problem == nil:
		stood[path.Join(s.runs, name)] = ""
	}
	if problem == nil && rec != nil && rec.Flow != address.String() {
		rec, problem = nil, s.foreign(name, rec)
	}
	if problem != nil {
		problem.keepOnly(address)
	}
	return rec, problem
}

// readSelected reads a record by its file name, and its text.
func (s *Store) readSelected(name string) (*Record, []byte, *Problem) {
	text, _, err := readFile(s.selected(""), name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	where := path.Join(s.runs, name)
	if err != nil {
		return nil, nil, &Problem{Path: where, Reason: "cannot be read: " + plain(err)}
	}
	rec, problem := parse(text)
	if problem != nil {
		problem.Path = where
	}
	return rec, text, problem
}

// foreign is the problem of a record that lies under another flow's name.
func (s *Store) foreign(name string, rec *Record) *Problem {
	return &Problem{
		Path:   path.Join(s.runs, name),
		Reason: "belongs to " + shown(rec.Flow) + ", whose records have another file name",
	}
}

// All reads the committed records of all flows of the workspace, declared or
// not, sorted by address.
func (s *Store) All() ([]Selected, []*Problem) {
	var all []Selected
	var problems []*Problem
	names, problem := s.recordFiles(s.runs)
	if problem != nil {
		problems = append(problems, problem)
	}
	for _, name := range names {
		rec, _, problem := s.readSelected(name)
		if problem != nil {
			problems = append(problems, problem)
			continue
		}
		if rec == nil {
			continue // removed meanwhile
		}
		address, err := schema.ParseAddress(rec.Flow)
		if err != nil || fileName(address) != name {
			problems = append(problems, s.foreign(name, rec))
			continue
		}
		all = append(all, Selected{address, rec})
	}
	slices.SortFunc(all, func(a, b Selected) int {
		return strings.Compare(a.Record.Flow, b.Record.Flow)
	})
	return all, problems
}

// recordFiles lists the files of records in a folder, sorted, as slash paths
// below it. Folders of other workspaces (@…) are passed over.
func (s *Store) recordFiles(runs string) ([]string, *Problem) {
	var names []string
	isRecord := func(entry fs.DirEntry) bool {
		return strings.HasSuffix(entry.Name(), ".json") && !strings.HasPrefix(entry.Name(), ".") && !entry.IsDir()
	}
	entries, err := durable.ReadDir(s.below(runs))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &Problem{Path: runs, Reason: "cannot be read: " + plain(err)}
	}
	for _, entry := range entries {
		switch {
		case isRecord(entry):
			names = append(names, entry.Name())
		case entry.IsDir() && !strings.HasPrefix(entry.Name(), "@") && !strings.HasPrefix(entry.Name(), "."):
			instances, err := durable.ReadDir(s.below(path.Join(runs, entry.Name())))
			if err != nil {
				return names, &Problem{Path: path.Join(runs, entry.Name()), Reason: "cannot be read: " + plain(err)}
			}
			for _, instance := range instances {
				if isRecord(instance) {
					names = append(names, entry.Name()+"/"+instance.Name())
				}
			}
		}
	}
	return names, nil
}

// Undeclared lists the flows that have a record and are not among declared,
// sorted.
func (s *Store) Undeclared(declared []schema.Address) []schema.Address {
	known := map[schema.Address]bool{}
	for _, address := range declared {
		known[address] = true
	}
	var undeclared []schema.Address
	all, _ := s.All()
	for _, selected := range all {
		if !known[selected.Address] {
			undeclared = append(undeclared, selected.Address)
		}
	}
	return undeclared
}

// Select makes rec the committed record of its flow. Nothing is written if an
// equal record is there. A record of a newer flowrider is never replaced. A
// file that cannot be believed is replaced after a copy of it has been put
// into .flowrider/aside. rec itself is not changed: its Schema and Checksum
// are those of the file only.
func (s *Store) Select(rec *Record) error {
	if err := rec.validate(); err != nil {
		return err
	}
	text, err := encode(rec)
	if err != nil {
		return err
	}
	address, err := schema.ParseAddress(rec.Flow)
	if err != nil {
		return err
	}
	name := fileName(address)
	if err := s.checkTwins(name); err != nil {
		return err
	}
	for range 5 {
		err = s.replace(name, text)
		if !errors.Is(err, errChanged) {
			return err
		}
	}
	return fmt.Errorf("%s could not be written: another program writes it again and again", path.Join(s.runs, name))
}

// errChanged says that the file was changed between reading and replacing it.
var errChanged = errors.New("changed meanwhile")

// replace writes text over the record that is there, after a look at it.
func (s *Store) replace(name string, text []byte) error {
	where := path.Join(s.runs, name)
	old, oldText, problem := s.readSelected(name)
	if problem != nil && (problem.Newer || oldText == nil) {
		return fmt.Errorf("%w; it is left as it is", problem)
	}
	dir, err := s.writer.OpenDir(s.selected(path.Dir(name)))
	if err != nil {
		return err
	}
	defer dir.Close()
	if old != nil {
		oldCanonical, err := encode(old)
		if err == nil && bytes.Equal(oldCanonical, text) {
			// Perhaps by a process that was killed before it had synced.
			return dir.Sync()
		}
	}
	if problem != nil {
		if err := s.putAside(where, oldText); err != nil {
			return err
		}
	}
	return dir.WriteWith(path.Base(name), text, durable.Options{Check: func() error {
		_, now, err := s.readSelected(name)
		if !bytes.Equal(now, oldText) || (now == nil) != (oldText == nil) || isUnreadable(now, err) {
			return errChanged
		}
		return nil
	}})
}

func isUnreadable(text []byte, problem *Problem) bool { return text == nil && problem != nil }

// putAside keeps what stood in the file of a record and was not believed.
func (s *Store) putAside(where string, text []byte) error {
	if err := s.Prepare(); err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	return s.writer.WriteFile(s.local("aside/"+where+"."+hex.EncodeToString(sum[:4])), text)
}

// checkTwins refuses a file whose name, or whose folder's, differs only in
// case from one that is there.
func (s *Store) checkTwins(name string) error {
	folder, base := path.Split(name)
	if folder != "" {
		if err := s.checkTwin("", strings.TrimSuffix(folder, "/")); err != nil {
			return err
		}
	}
	return s.checkTwin(strings.TrimSuffix(folder, "/"), base)
}

func (s *Store) checkTwin(folder, base string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for fresh := range 2 {
		names := s.folded[folder]
		if names == nil || fresh == 1 {
			names = map[string]string{}
			entries, _ := durable.ReadDir(s.selected(folder))
			for _, entry := range entries {
				names[strings.ToLower(entry.Name())] = entry.Name()
			}
			s.folded[folder] = names
		}
		twin, there := names[strings.ToLower(base)]
		if !there || twin == base {
			names[strings.ToLower(base)] = base
			return nil
		}
		if fresh == 1 {
			return fmt.Errorf("%w, or remove its record",
				twinError(path.Join(s.runs, folder, twin), path.Join(s.runs, folder, base)))
		}
	}
	return nil
}
