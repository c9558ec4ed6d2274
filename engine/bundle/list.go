package bundle

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/index"
)

// plan is a bundle of which everything is known but the content of its files.
type plan struct {
	*compiled
	top      *folder
	files    []found // in byte order of their paths; some linked
	symlinks []Entry
	pass     *index.Pass // over the files, nil without an index
}

// prepare walks the project and judges its symlinks. The caller closes top.
func prepare(sel Selection) (*plan, error) {
	c, err := sel.compile()
	if err != nil {
		return nil, err
	}
	top, err := openRoot(c.root)
	if err != nil {
		return nil, err
	}
	p := &plan{compiled: c, top: top}
	if err := p.fill(); err != nil {
		top.close()
		return nil, err
	}
	return p, nil
}

func (p *plan) fill() error {
	all, walkErr := walkProject(p.compiled, p.top)
	if all == nil {
		return walkErr
	}
	symlinks, leaving, symlinkErr := symlinkEntries(all.symlinks)
	if err := errors.Join(walkErr, symlinkErr); err != nil {
		return err
	}
	behind, err := p.followLinks(leaving)
	if err != nil {
		return err
	}
	p.symlinks = symlinks
	p.files = append(all.files, behind...)
	slices.SortFunc(p.files, func(a, b found) int { return strings.Compare(a.path, b.path) })
	return nil
}

// listing adds the symlinks to the files that were read.
func (p *plan) listing(files []Entry) *Listing {
	l := &Listing{Entries: append(files, p.symlinks...)}
	l.seal()
	return l
}

// List digests all files of a selection. It opens no file for writing, and
// nothing that is not a regular file. The digest is equal on every machine
// and at every path with the same files, and whatever the index knows: that
// only spares the reading. Errors: *PatternError for the selection, joined
// *FileError for files that cannot be bundled, others where the machine fails.
func List(sel Selection, files *index.Index) (*Listing, error) {
	p, err := prepare(sel)
	if err != nil {
		return nil, err
	}
	defer p.top.close()
	if err := p.checkCapacity(); err != nil {
		return nil, err
	}
	p.begin(files)
	entries, old, fresh := p.recall()
	read, errs := p.read(context.Background(), old, nil)
	p.pass.Wait(statuses(fresh))
	readLast, moreErrs := p.read(context.Background(), fresh, nil)
	if err := joinErrors(append(errs, moreErrs...)); err != nil {
		return nil, err
	}
	return p.listing(slices.Concat(entries, read, readLast)), nil
}

// begin begins the pass over an index that what is read is put into. Without
// files the index is not asked, so that nothing is written.
func (p *plan) begin(files *index.Index) {
	if len(p.files) > 0 {
		p.pass = files.Begin()
	}
}

// recall gives the entries of the files that the index knows, and the others:
// the old ones, and those that were written so recently that they are read last.
func (p *plan) recall() (entries []Entry, old, fresh []found) {
	for _, f := range p.files {
		if digest, ok := p.pass.Digest(f.path, f.status.Status); ok {
			entries = append(entries, f.entry(facts{f.status, digest}))
		} else if p.pass.Fresh(f.status.Status) {
			fresh = append(fresh, f)
		} else {
			old = append(old, f)
		}
	}
	return entries, old, fresh
}

func statuses(files []found) []index.Status {
	var list []index.Status
	for _, f := range files {
		list = append(list, f.status.Status)
	}
	return list
}
