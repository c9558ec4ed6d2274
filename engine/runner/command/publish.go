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

	"github.com/oklog/ulid/v2"

	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
)

// Check says whether every output of a recorded run is in the store: then the
// run exists. A copy in the project alone does not count, since dependents
// read from the store. A run without outputs exists as long as its record does.
func (Runner) Check(root string, rec *record.Record) (missing string, err error) {
	store := blob.Open(root)
	for _, name := range slices.Sorted(maps.Keys(rec.Outputs)) {
		output := rec.Outputs[name]
		if output.Value == nil && !store.Has(output.Digest, path.Base(output.File)) {
			return fmt.Sprintf("output %q, the file %s", name, output.File), nil
		}
	}
	return "", nil
}

// Restore places the outputs of a recorded run in the project where they are
// missing, or where another run's stand. published are the digests of what
// flowrider placed there last, by path. notes name what was moved aside, even
// where there is an error.
func (Runner) Restore(root, project string, rec *record.Record, published map[string]string) (notes []string, err error) {
	return placeAll(root, project, rec.Outputs, published)
}

// placeAll places outputs in the order of their names, after it has looked at
// all places.
func placeAll(root, project string, outputs map[string]record.Output, published map[string]string) (notes []string, err error) {
	names := slices.Sorted(maps.Keys(outputs))
	for _, name := range names {
		if err := checkFolders(project, outputs[name].Published); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		note, err := place(root, project, outputs[name], published)
		if note != "" {
			notes = append(notes, note)
		}
		if err != nil {
			return notes, err
		}
	}
	return notes, nil
}

// place puts one output at its place in the project. What stands there
// already is replaced only if it is what flowrider has placed; else it is the
// user's, and is moved aside and named.
func place(root, project string, output record.Output, published map[string]string) (note string, err error) {
	if output.Published == "" {
		return "", nil
	}
	store, name := blob.Open(root), path.Base(output.File)
	there := filepath.Join(project, filepath.FromSlash(output.Published))
	failed := func(err error) error {
		return fmt.Errorf("output %s cannot be placed in the project: %w", output.Published, err)
	}
	_, err = os.Lstat(there)
	switch {
	case err == nil:
		digest := digestOf(there)
		if digest == output.Digest {
			return "", nil
		}
		if digest != "" && digest == published[output.Published] {
			break
		}
		// Nothing is moved aside for an output that cannot be had.
		if err := store.Verify(output.Digest, name); err != nil {
			return "", failed(err)
		}
		if note, err = displace(root, project, output.Published); err != nil {
			return "", err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return "", failed(err)
	}
	if err := store.Restore(output.Digest, name, there); err != nil {
		return note, failed(err)
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
// would not take, such as a link.
func digestOf(there string) string {
	info, err := os.Lstat(there)
	if err != nil || info.Mode()&fs.ModeSymlink != 0 {
		return ""
	}
	digest, err := blob.Digest(there)
	if err != nil {
		return ""
	}
	return digest
}

// displace moves a user's file, folder or link out of the way, durably, to a
// new folder each time.
func displace(root, project, published string) (note string, err error) {
	rel := path.Join(".flowrider", "displaced", ulid.Make().String(), published)
	aside := filepath.Join(root, filepath.FromSlash(rel))
	if err := durable.Move(filepath.Join(project, filepath.FromSlash(published)), aside); err != nil {
		return "", fmt.Errorf("%s in the project was not written by flowrider and cannot be moved aside: %w; move it away yourself", published, err)
	}
	return fmt.Sprintf("%s was not written by flowrider; it is kept as %s (displaced by an output)", published, rel), nil
}
