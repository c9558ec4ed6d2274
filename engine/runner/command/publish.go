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

// Check says whether every output of a recorded run is in the store, or at
// its place in the project: then the run exists. A run without outputs exists
// as long as its record does.
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
// flowrider placed there last, by path.
func (Runner) Restore(root, project string, rec *record.Record, published map[string]string) (notes []string, err error) {
	store := blob.Open(root)
	for _, name := range slices.Sorted(maps.Keys(rec.Outputs)) {
		moreNotes, err := place(root, project, rec.Outputs[name], store, published)
		if err != nil {
			return notes, err
		}
		notes = append(notes, moreNotes...)
	}
	return notes, nil
}

// place puts one output at its place in the project. What stands there
// already is replaced only if flowrider has placed it; else it is the user's,
// and is moved aside and named.
func place(root, project string, output record.Output, store *blob.Store, published map[string]string) (notes []string, err error) {
	if output.Published == "" {
		return nil, nil
	}
	there := filepath.Join(project, filepath.FromSlash(output.Published))
	if err := checkFolders(project, output.Published); err != nil {
		return nil, err
	}
	_, err = os.Lstat(there)
	switch {
	case err == nil:
		digest := digestOf(there)
		if digest == output.Digest {
			return nil, nil
		}
		if before, ok := published[output.Published]; !ok || digest != before {
			note, err := displace(root, project, output.Published)
			if err != nil {
				return nil, err
			}
			notes = append(notes, note)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if err := store.Restore(output.Digest, path.Base(output.File), there); err != nil {
		return notes, fmt.Errorf("output %s cannot be placed in the project: %w", output.Published, err)
	}
	return notes, nil
}

// checkFolders refuses a place behind a link: what is written must not leave
// the project.
func checkFolders(project, published string) error {
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
		return "", fmt.Errorf("%s in the project is not flowrider's and cannot be moved aside: %w", published, err)
	}
	return fmt.Sprintf("%s was not written by flowrider; it is kept as %s (displaced by an output)", published, rel), nil
}
