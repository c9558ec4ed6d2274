package plan

import (
	"maps"
	"slices"

	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/engine/record"
)

// entries is the whole history, read once in a walk and only where a flow
// with something unknown asks for it.
func (s *Session) entries() []*record.Record {
	if s.allEntries == nil {
		entries, problems := s.tools.Records.Entries()
		s.allEntries = append([]*record.Record{}, entries...)
		for _, problem := range problems {
			s.disbelieve(problem)
		}
	}
	return s.allEntries
}

// component is one of those that a config hash is made of.
type component struct{ label, digest string }

// formsWith are, of the entries as they were for each config hash that they can
// be found by, those that share the rarest of some components: no other one has
// them all. So what is asked for each flow does not grow with the history.
func (s *Session) formsWith(known map[string]string) []*record.Record {
	if s.forms == nil {
		s.forms = map[component][]*record.Record{}
		for _, entry := range s.entries() {
			for _, form := range entry.Forms() {
				_, components, _, _ := form.Current()
				for label, digest := range components {
					s.forms[component{label, digest}] = append(s.forms[component{label, digest}], form)
				}
			}
		}
	}
	var rarest []*record.Record
	for i, label := range slices.Sorted(maps.Keys(known)) {
		if list := s.forms[component{label, known[label]}]; i == 0 || len(list) < len(rarest) {
			rarest = list
		}
	}
	return rarest
}

// agrees says whether a record could turn out to have the manifest's hash.
// known are the manifest's components: most records differ in one of them, and
// then no text has to be read.
func (s *Session) agrees(rec *record.Record, now manifest.Manifest, known map[string]string) bool {
	_, components, _, _ := rec.Current()
	for label, digest := range known {
		if before, ok := components[label]; ok && before != digest {
			return false
		}
	}
	if old, ok := s.manifestOf(rec); ok {
		return manifest.Agrees(old, now)
	}
	for _, fact := range now.Facts() {
		if fact.Changes || components[fact.Path.Label()] == "" && !fact.Unknown {
			return false
		}
	}
	return true
}

// manifestOf is the manifest that a record's hash was made of, where this
// machine has its text.
func (s *Session) manifestOf(rec *record.Record) (manifest.Manifest, bool) {
	hash, _, _, _ := rec.Current()
	if m, ok := s.adopted[hash]; ok {
		return m, true
	}
	text, ok := s.text(hash)
	if !ok {
		return manifest.Manifest{}, false
	}
	m, err := manifest.Parse(text)
	return m, err == nil
}
