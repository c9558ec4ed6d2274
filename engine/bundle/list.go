package bundle

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// plan is a bundle of which everything is known but the content of its files.
type plan struct {
	*compiled
	top      *folder
	files    []found // to be read, in byte order of their paths; some linked
	symlinks []Entry
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
// and at every path with the same files. Errors: *PatternError for the
// selection, joined *FileError for files that cannot be bundled, others where
// the machine fails.
func List(sel Selection) (*Listing, error) {
	p, err := prepare(sel)
	if err != nil {
		return nil, err
	}
	defer p.top.close()
	if err := p.checkCapacity(); err != nil {
		return nil, err
	}
	files, err := p.read(context.Background(), nil)
	if err != nil {
		return nil, err
	}
	return p.listing(files), nil
}
