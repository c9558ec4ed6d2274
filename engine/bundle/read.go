package bundle

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync/atomic"
)

// batch is some files of one folder, for one worker.
type batch struct {
	folder string
	behind bool // the folder lies behind a symlink and is not opened
	files  []found
}

// maxBatch is small enough to keep all cores busy and large enough to make
// opening the folder cheap.
const maxBatch = 256

// batches takes files apart.
func batches(files []found) []batch {
	type key struct {
		folder string
		behind bool
	}
	var list []batch
	last := map[key]int{}
	for _, f := range files {
		k := key{folderOf(f.path), f.behind}
		i, ok := last[k]
		if !ok || len(list[i].files) == maxBatch {
			i = len(list)
			last[k] = i
			list = append(list, batch{folder: k.folder, behind: k.behind})
		}
		list[i].files = append(list[i].files, f)
	}
	return list
}

// folderOf is the slash path of the folder that a file lies in; "" for the
// top.
func folderOf(name string) string {
	dir, _ := path.Split(name)
	return strings.TrimSuffix(dir, "/")
}

// reading is one pass over the content of files.
type reading struct {
	*plan
	ctx     context.Context
	dest    *folder // to copy to; nil to digest only
	stopped atomic.Bool
}

// read digests files of the plan on all cores, and copies them to dest if that
// is not nil. A file that was removed since the walk is as if it had never been
// there.
func (p *plan) read(ctx context.Context, files []found, dest *folder) ([]Entry, []error) {
	r := &reading{plan: p, ctx: ctx, dest: dest}
	batches := batches(files)
	entries := make([][]Entry, len(batches))
	errs := make([][]error, len(batches))
	inParallel(len(batches), func(i int, s *scratch) {
		entries[i], errs[i] = r.readBatch(batches[i], s)
	})
	return slices.Concat(entries...), slices.Concat(errs...)
}

func (r *reading) readBatch(b batch, s *scratch) (entries []Entry, errs []error) {
	var from, to *folder
	var err error
	if !b.behind {
		if from, err = r.top.open(b.folder); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		} else if err != nil {
			return nil, []error{unreadable(b.folder, "cannot be opened", err)}
		}
		defer from.close()
	}
	if r.dest != nil {
		if to, err = r.dest.open(b.folder); err != nil {
			return nil, []error{r.stop(&destError{b.folder, err})}
		}
		defer to.close()
	}
	for _, f := range b.files {
		if r.stopped.Load() {
			break
		}
		e, err := r.readFile(f, from, to, s)
		var failed *destError
		switch {
		case err == nil:
			entries = append(entries, e)
		case errors.As(err, &failed) || r.ctx.Err() != nil:
			return entries, append(errs, r.stop(err))
		case errors.Is(err, fs.ErrNotExist):
		case errors.Is(err, errChanging):
			errs = append(errs, changing(f.path))
		default:
			errs = append(errs, unreadable(f.path, "cannot be read", err))
		}
	}
	return entries, errs
}

// stop ends the pass: the machine failed, and not one file.
func (r *reading) stop(err error) error {
	r.stopped.Store(true)
	return err
}

// readFile digests one file and, where there is a folder to copy to, copies
// or links it.
func (r *reading) readFile(f found, from, to *folder, s *scratch) (Entry, error) {
	name := path.Base(f.path)
	var got facts
	var err error
	switch {
	case r.ctx.Err() != nil:
		return Entry{}, r.ctx.Err()
	case f.digest != "":
		got = facts{f.status, f.digest}
	case f.behind:
		got, err = s.digestOriginal(r.original(f.path))
	case f.linked || to == nil:
		got, err = s.digestFile(from, name)
	default:
		got, err = s.copyFile(r.ctx, from, to, f.path)
	}
	if err != nil {
		return Entry{}, err
	}
	r.pass.Put(f.path, got.status.Status, got.digest)
	if f.linked && to != nil {
		err = to.symlink(r.original(f.path), f.path)
	}
	return f.entry(got), err
}

// entry is the file in a listing.
func (f *found) entry(got facts) Entry {
	e := Entry{Path: f.path, Executable: got.status.executable(), Size: got.status.Size, Digest: got.digest}
	if f.linked {
		e.Type = Link
	}
	return e
}
