package command

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/index"
	"github.com/flowrider/flowrider/engine/record"
)

// Check says whether every output of a recorded run is in the store, or still
// as it was at its place in the project: then the run exists. A run without
// outputs exists as long as its record does.
func (r Runner) Check(root, project string, rec *record.Record) (missing string, err error) {
	store, p := blob.Open(root), r.places(root, project)
	for _, name := range slices.Sorted(maps.Keys(rec.Outputs)) {
		output := rec.Outputs[name]
		if output.Value == nil && !store.Has(output.Digest, path.Base(output.File)) && !p.stands(output) {
			return fmt.Sprintf("output %q, the file %s", name, output.File), nil
		}
	}
	return "", nil
}

// Restore places the outputs of a recorded run in the project where they are
// missing, or where another run's stand, and puts back into the store what is
// only in the project any more: dependents read from there. published are the
// digests of what flowrider placed there last, by path. notes name what was
// moved aside, even where there is an error.
func (r Runner) Restore(root, project string, rec *record.Record, published map[string]string) (notes []string, err error) {
	store, p := blob.Open(root), r.places(root, project)
	for _, name := range slices.Sorted(maps.Keys(rec.Outputs)) {
		output := rec.Outputs[name]
		base := path.Base(output.File)
		if output.Value != nil || store.Has(output.Digest, base) || !p.stands(output) {
			continue
		}
		if _, err := store.PutFrom(project, output.Published, base); err != nil {
			return nil, err
		}
	}
	return p.placeAll(rec.Outputs, published)
}

// places are where outputs are placed.
type places struct {
	root, project string
	files         *index.Index // by absolute paths
}

func (r Runner) places(root, project string) places {
	return places{root, project, r.Files.Of("")}
}

// stands says whether an output is at its place in the project, unchanged.
func (p places) stands(output record.Output) bool {
	return p.project != "" && output.Published != "" && checkFolders(p.project, output.Published) == nil &&
		digestOf(p.path(output), p.files) == output.Digest
}

// path is an output's place, absolute.
func (p places) path(output record.Output) string {
	return filepath.Join(p.project, filepath.FromSlash(output.Published))
}

// placeAll places outputs in the order of their names, after it has looked at
// all places.
func (p places) placeAll(outputs map[string]record.Output, published map[string]string) (notes []string, err error) {
	names := slices.Sorted(maps.Keys(outputs))
	for _, name := range names {
		if err := checkFolders(p.project, outputs[name].Published); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		note, err := p.place(outputs[name], published)
		if note != "" {
			notes = append(notes, note)
		}
		if err != nil {
			return notes, err
		}
	}
	return notes, nil
}

// place puts one output at its place in the project. What stood there and was
// not placed by flowrider is the user's: it is moved aside and named. What the
// store has under the output's name was: by another run, which a branch or a
// workspace had selected. That is decided by what really came out when the
// output took its place, so that a user who saves a file at that very moment
// does not lose it.
func (p places) place(output record.Output, published map[string]string) (note string, err error) {
	if output.Published == "" {
		return "", nil
	}
	if digestOf(p.path(output), p.files) == output.Digest {
		return "", nil
	}
	store, base := blob.Open(p.root), path.Base(output.File)
	err = store.Restore(output.Digest, base, p.path(output), func(old string) error {
		digest := digestOf(old, nil)
		if digest != "" && (digest == output.Digest || digest == published[output.Published] || store.Verify(digest, base) == nil) {
			return nil
		}
		kept, err := blob.Displace(p.root, old, output.Published)
		if err != nil {
			return fmt.Errorf("what is there was not written by flowrider and cannot be moved aside: %w; move it away yourself", err)
		}
		note = fmt.Sprintf("%s was not written by flowrider; it is kept as %s (displaced by an output)", output.Published, kept)
		return nil
	})
	if err != nil {
		return note, fmt.Errorf("output %s cannot be placed in the project: %w", output.Published, err)
	}
	return note, nil
}

// checkFolders refuses a place behind a link: what is written must not leave
// the project.
func checkFolders(project, published string) error {
	if published == "" {
		return nil
	}
	if !filepath.IsLocal(published) || published == "." {
		return fmt.Errorf("output %s cannot be placed outside of the project", published)
	}
	for folder := path.Dir(published); folder != "."; folder = path.Dir(folder) {
		info, err := os.Lstat(filepath.Join(project, filepath.FromSlash(folder)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return fmt.Errorf("output %s cannot be placed in the project, since %s is not a folder there; move it away, or set publish to another path", published, folder)
		}
	}
	return nil
}

// digestOf is what the store would call the file or folder; "" for what it
// would not take, such as a link. Files that the index knows are not read.
func digestOf(there string, files *index.Index) string {
	info, err := os.Lstat(there)
	if err != nil || info.Mode()&fs.ModeSymlink != 0 {
		return ""
	}
	digest, err := blob.Digest(there, files.Begin())
	if err != nil {
		return ""
	}
	return digest
}
