package record

import (
	"path"

	"github.com/flowrider/flowrider/schema"
)

// Forget removes the selected record of a flow, for example after it has been
// selected under another name. What cannot be believed is left as it is. The
// history keeps the record.
func (s *Store) Forget(address schema.Address) error {
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
