package record

import (
	"maps"
	"path"
	"slices"

	"github.com/flowrider/flowrider/schema"
)

// PutTexts keeps texts by their digests.
func (s *Store) PutTexts(texts map[string]string) error {
	for _, digest := range slices.Sorted(maps.Keys(texts)) {
		if err := s.PutText(digest, texts[digest]); err != nil {
			return err
		}
	}
	return nil
}

// SelectHere makes rec what is selected for its flow on this machine. elsewhere
// is the committed record if it is to stay, since it is right and its run lies
// in another store: rec is this machine's choice then. What stands under the
// address that the flow had before, "" for none, is removed.
func (s *Store) SelectHere(rec, elsewhere *Record, former string) error {
	var err error
	switch {
	case elsewhere == nil:
		err = s.Select(rec)
	case former == "":
		err = s.Choose(rec)
	default:
		if err = s.Select(elsewhere); err == nil { // under its new address
			err = s.Choose(rec)
		}
	}
	if err != nil || former == "" {
		return err
	}
	address, err := schema.ParseAddress(former)
	if err != nil {
		return err
	}
	return s.Forget(address)
}

// Forget removes what is selected for a flow; the history keeps it. What cannot
// be believed is left as it is.
func (s *Store) Forget(address schema.Address) error {
	name := fileName(address)
	for _, kept := range []*Store{s, s.choices} {
		if rec, _ := kept.Committed(address); rec == nil {
			continue
		}
		if err := s.remove(path.Join(kept.runs, path.Dir(name)), path.Base(name)); err != nil {
			return err
		}
	}
	return nil
}
