package plan

import (
	"fmt"
	"path/filepath"

	"github.com/flowrider/flowrider/schema"
)

// noteValues says which files of values are in bundles, since nothing in their names
// tells what they are: they count twice then.
func (s *Session) noteValues() {
	for _, file := range s.Options.Values {
		for _, listed := range s.listings {
			if listed.holds(file) {
				name := filepath.Base(file)
				s.note(fmt.Sprintf("%s gives values and is a file of the project too, so that flows that have it run again when it changes; call it %s, and it is in no bundle", name, schema.NamedForValues(name)))
				break
			}
		}
	}
}

// holds says whether a file is in the bundle.
func (l *listed) holds(file string) bool {
	rel, err := filepath.Rel(l.root, file)
	if err != nil || l.listing == nil {
		return false
	}
	return l.listing.Find(filepath.ToSlash(rel)) != nil
}
