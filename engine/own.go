package engine

import (
	"path/filepath"

	"github.com/flowrider/flowrider/engine/blob"
)

// Own notes that a file is flowrider's own: for as long as it is as it is now,
// a bundle of the whole project leaves it out.
func (p *Project) Own(path string) error {
	folder, err := filepath.Abs(filepath.Dir(path))
	if err == nil {
		folder, err = filepath.EvalSymlinks(folder)
	}
	if err != nil {
		return err
	}
	absolute := filepath.Join(folder, filepath.Base(path))
	name, err := filepath.Rel(p.Config.Root, absolute)
	if err != nil || !filepath.IsLocal(name) {
		return nil // no flow sees it
	}
	digest, err := blob.Digest(absolute, nil)
	if err != nil {
		return err
	}
	return p.Records.Place(filepath.ToSlash(name), digest)
}
