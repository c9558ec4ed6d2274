package record

import (
	"errors"
	"io/fs"
	"path"

	"github.com/flowrider/flowrider/schema"
)

// Success is what is to be written down of a run that has succeeded.
type Success struct {
	Records   []*Record         `json:"records"`             // for the history; the last one is selected
	Elsewhere *Record           `json:"elsewhere,omitempty"` // the committed record where it is to stay, see SelectHere
	Former    string            `json:"former,omitempty"`    // the address that the flow had before
	Stood     map[string]string `json:"stood,omitempty"`     // see Witnessed
}

// selected is the record that a success selects.
func (s *Success) selected() *Record { return s.Records[len(s.Records)-1] }

// Commit records a success, durably. The history comes first: a selected record
// is always in it. To do so again changes nothing.
//
// Where something else has been selected since the run was decided, as a change
// of the branch does, it is kept in the history alone, and plan chooses: selected
// is false then.
func (s *Store) Commit(success Success) (selected bool, err error) {
	overtaken, err := s.overtaken(success)
	if err != nil {
		return false, err
	}
	for _, rec := range success.Records {
		if err := s.Append(rec); err != nil {
			return false, err
		}
	}
	if overtaken {
		return false, nil
	}
	return true, s.SelectHere(success.selected(), success.Elsewhere, success.Former)
}

// Witnessed is the success with the digests of what stands in the files that
// Commit would change, by slash paths below the root; "" where there is none.
// They are those that the run was decided by, as far as Stood has them, else what
// stands now.
func (s *Store) Witnessed(success Success) Success {
	stood := map[string]string{}
	for file := range s.changes(success) {
		if digest, known := success.Stood[file]; known {
			stood[file] = digest
		} else if digest, err := s.standing(file); err == nil {
			stood[file] = digest
		}
	}
	success.Stood = stood
	return success
}

// overtaken says whether a file that Commit would change is neither as it stood
// nor as Commit leaves it.
func (s *Store) overtaken(success Success) (bool, error) {
	for file, leaves := range s.changes(success) {
		now, err := s.standing(file)
		if err != nil {
			return false, &Problem{Path: file, Reason: "cannot be read: " + plain(err)}
		}
		if stood, known := success.Stood[file]; now != leaves && (!known || now != stood) {
			return true, nil
		}
	}
	return false, nil
}

// changes are the files that Commit changes, with the digest of what each has
// afterwards; "" for one that is removed.
func (s *Store) changes(success Success) map[string]string {
	files := map[string]string{}
	if former, err := schema.ParseAddress(success.Former); err == nil {
		files[path.Join(s.runs, fileName(former))] = ""
		files[path.Join(s.choices.runs, fileName(former))] = ""
	}
	rec, runs := success.selected(), s.runs
	address, err := schema.ParseAddress(rec.Flow)
	if err != nil {
		return files // Commit says so
	}
	if success.Elsewhere != nil {
		runs = s.choices.runs
		if success.Former != "" {
			files[path.Join(s.runs, fileName(address))] = digestOf(canonical(success.Elsewhere))
		}
	}
	files[path.Join(runs, fileName(address))] = digestOf(canonical(rec))
	return files
}

// standing is the digest of a file at a slash path below the root; "" if there
// is none.
func (s *Store) standing(file string) (string, error) {
	text, _, err := readFile(s.below(path.Dir(file)), path.Base(file))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return digestOf(text), nil
}

// canonical is the text of a record that has been made here.
func canonical(rec *Record) []byte {
	text, err := encode(rec)
	if err != nil {
		panic(err) // records encode, and this one has
	}
	return text
}
