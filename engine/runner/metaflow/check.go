package metaflow

import (
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/record"
)

// Check says whether a recorded run is still in the datastore below root and
// was successful, by its files only: the end task, and the stored bytes of
// what that task has. missing is a path below root.
//
// It does not look at the record's store: a run of another store is simply
// not there.
func (Runner) Check(root, _ string, rec *record.Record) (missing string, err error) {
	flow, id, _ := strings.Cut(rec.Pathspec, "/")
	r, err := runAt(root, flow, id)
	if err != nil || id != rec.RunID {
		return path.Join(datastoreFolder, flow, rec.RunID), nil // no run can be there
	}
	end, missing, err := r.endTask()
	if broken, ok := errors.AsType[*damaged](err); ok {
		return broken.path, nil
	}
	if err != nil || missing != "" {
		return missing, err
	}
	return r.missingBlob(end)
}

// missingBlob is the path of the first artifact of a task, by name, whose
// bytes are not in the store, or "".
func (r run) missingBlob(a *attempt) (string, error) {
	for _, name := range slices.Sorted(maps.Keys(a.Objects)) {
		if !counts(name) {
			continue
		}
		blob := r.blob(r.flow, a.Objects[name])
		if there, err := r.exists(blob); err != nil || !there {
			return blob, err
		}
	}
	return "", nil
}
