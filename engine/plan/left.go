package plan

import (
	"maps"
	"path/filepath"
	"slices"

	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/schema"
)

// notCode are, as globs, what a bundle of the whole project leaves out: what is
// omitted from all bundles, and what was left behind. It is made once for each
// root, since it is as long as there are outputs.
func (s *Session) notCode(projectRoot string) []string {
	if known, ok := s.left[projectRoot]; ok {
		return known
	}
	s.left[projectRoot] = slices.Concat(s.omitted(projectRoot), s.leftBehind(projectRoot))
	return s.left[projectRoot]
}

// leftBehind are, as globs from a project's root, files that flowrider has
// placed there for what no flow declares any more: of a flow or an instance
// that was removed, an output that was renamed or is published elsewhere. While
// they are as they were placed they are no more code than what is declared; a
// file that was edited since is the project's.
func (s *Session) leftBehind(projectRoot string) []string {
	placed := map[string]string{} // digest by absolute path
	for _, undeclared := range s.undeclared() {
		if rec, _ := s.tools.Records.Selected(undeclared); rec != nil {
			for _, output := range rec.Outputs {
				if output.Published != "" {
					placed[filepath.Join(projectRoot, filepath.FromSlash(output.Published))] = output.Digest
				}
			}
		}
	}
	for name, digest := range s.tools.Records.Placed() {
		placed[filepath.Join(s.Config.Root, filepath.FromSlash(name))] = digest
	}
	var list []string
	for _, absolute := range slices.Sorted(maps.Keys(placed)) {
		rel, err := filepath.Rel(projectRoot, absolute)
		if _, declared := s.outputs[absolute]; declared || err != nil || !filepath.IsLocal(rel) {
			continue
		}
		if digest, err := blob.Digest(absolute, s.Index("").Begin()); err == nil && digest == placed[absolute] {
			list = append(list, globLiteral.Replace(filepath.ToSlash(rel)))
		}
	}
	return list
}

// undeclared are the flows that have a record and are not declared any more,
// read once in a walk.
func (s *Session) undeclared() []schema.Address {
	if s.noMore == nil {
		s.noMore = append([]schema.Address{}, s.tools.Records.Undeclared(s.InUse())...)
	}
	return s.noMore
}
