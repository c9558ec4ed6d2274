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

// SelectMoved makes rec the selected record of its flow, as Select does, and
// removes the one that stands under the address that the flow had before, ""
// for none.
func (s *Store) SelectMoved(rec *Record, former string) error {
	if err := s.Select(rec); err != nil || former == "" {
		return err
	}
	address, err := schema.ParseAddress(former)
	if err != nil {
		return err
	}
	return s.forget(address)
}

// forget removes the selected record of a flow; the history keeps it. What
// cannot be believed is left as it is.
func (s *Store) forget(address schema.Address) error {
	if rec, _ := s.Selected(address); rec == nil {
		return nil
	}
	name := fileName(address)
	dir, err := s.writer.OpenDir(s.selected(path.Dir(name)))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Remove(path.Base(name))
}
