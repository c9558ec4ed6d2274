package record

import (
	"cmp"

	"github.com/flowrider/flowrider/schema"
)

// A committed record names the store that has its run. Where that store is
// elsewhere, as another clone's is, a flow has its run here as well, and this
// machine's choice of it stands in .flowrider/selected, which is laid out as
// the folder of the committed records is. Two machines never write over each
// other's records then.

// Selection is what is selected for a flow.
type Selection struct {
	// Record is what counts on this machine: the committed record, or this
	// machine's choice where the committed record's run lies elsewhere.
	Record *Record
	// Elsewhere is the committed record if its run lies elsewhere.
	Elsewhere *Record
	// Stood has the digests of the files that were read, see Success.
	Stood map[string]string
}

// Committed is the committed record, wherever its run lies; nil without one.
func (s Selection) Committed() *Record { return cmp.Or(s.Elsewhere, s.Record) }

// Renamed is what is selected, for a flow of another name.
func (s Selection) Renamed(address schema.Address) Selection {
	renamed := map[*Record]*Record{nil: nil}
	for _, rec := range []*Record{s.Record, s.Elsewhere} {
		if rec != nil {
			as := *rec
			as.Flow = address.String()
			renamed[rec] = &as
		}
	}
	return Selection{Record: renamed[s.Record], Elsewhere: renamed[s.Elsewhere], Stood: s.Stood}
}

// Selection reads what is selected for a flow. A choice is never asked for
// where the committed record's run lies here. With a problem nothing counts.
func (s *Store) Selection(address schema.Address) (Selection, *Problem) {
	stood := map[string]string{}
	committed, problem := s.committed(address, stood)
	if committed == nil || !s.IsElsewhere(committed) {
		return Selection{Record: committed, Stood: stood}, problem
	}
	selection := Selection{Record: committed, Elsewhere: committed, Stood: stood}
	if choice, problem := s.choices.committed(address, stood); choice != nil || problem != nil {
		selection.Record = choice
		return selection, problem
	}
	return selection, nil
}

// Selected reads the record of a flow that counts on this machine. Both
// results are nil if there is none.
func (s *Store) Selected(address schema.Address) (*Record, *Problem) {
	selection, problem := s.Selection(address)
	return selection.Record, problem
}

// IsElsewhere says whether a record's run lies in a store that cannot be
// reached from here.
func (s *Store) IsElsewhere(rec *Record) bool {
	if rec.Store == "" {
		return false
	}
	here, err := s.KnownStoreID()
	return err != nil || rec.Store != here
}

// IsContent says whether all that there is of a record's run is known by its
// content: declared files and printed values, and nothing that lies in a store
// of the runner's.
func (rec *Record) IsContent() bool {
	for _, output := range rec.Outputs {
		if output.File == "" && output.Value == nil {
			return false
		}
	}
	return len(rec.Outputs) > 0
}

// Choose makes rec this machine's choice for its flow. The committed record is
// left as it is.
func (s *Store) Choose(rec *Record) error {
	if err := s.Prepare(); err != nil {
		return err
	}
	return s.choices.Select(rec)
}

// A run that has used this machine's choices has a config hash that no other
// machine has: there, other results are chosen. What all machines agree on is
// the hash that it would have had, had it used what the committed records name
// instead. This shared hash stands in its record beside the other one.

// SharedAs is the record with a shared hash for its newest run. One that is not
// known changes nothing.
func (rec *Record) SharedAs(hash string) *Record {
	if hash == "" {
		return rec
	}
	shared := *rec
	if hash == rec.CurrentHash() {
		hash = ""
	}
	last := len(rec.Equivalent) - 1
	if last < 0 {
		shared.SharedHash = hash
		return &shared
	}
	shared.Equivalent = append(rec.Equivalent[:last:last], rec.Equivalent[last])
	shared.Equivalent[last].SharedHash = hash
	return &shared
}

// Shared is the shared hash of the record's newest run.
func (rec *Record) Shared() string {
	if last := len(rec.Equivalent) - 1; last >= 0 {
		return cmp.Or(rec.Equivalent[last].SharedHash, rec.Equivalent[last].ConfigHash)
	}
	return cmp.Or(rec.SharedHash, rec.ConfigHash)
}
