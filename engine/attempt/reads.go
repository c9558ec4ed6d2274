package attempt

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"

	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
)

// DamagedInput is the error of a flow that is to read an output of another
// one, which is missing in the store or is not what its name says.
type DamagedInput struct {
	Read  plan.Read
	Cause *blob.Missing
	aside string // what has become of it
}

func (d *DamagedInput) Error() string {
	return fmt.Sprintf("the output %s of %s, which it uses, is damaged in the store (%v): %s; flowrider apply %s makes it again",
		d.Read.Output, d.Read.Flow, d.Cause, d.aside, diag.ShellQuote(d.Read.Flow))
}

// ChangedInput is the error of a flow during whose run an output of another
// one has changed in the store: nobody can tell what it has read.
type ChangedInput struct {
	Read  plan.Read
	aside string // what has become of it; "" if its content is what it was
}

func (c *ChangedInput) Error() string {
	text := fmt.Sprintf("it changed the output %s of %s in the store, which is read-only; copy it first", c.Read.Output, c.Read.Flow)
	if c.aside != "" {
		text += " (what is changed: " + c.aside + ")"
	}
	return text
}

// CheckReads reads the outputs of others that a flow is about to use, unless
// they are as they were when another one did. Plan believes that the store has
// what its names say, since to read all of it would take too long; a flow that
// runs is not given what is damaged. That is put aside, which the notes say, and
// the flow gets the copy in the project, if that stands.
func (m *Maker) CheckReads(flow *plan.Flow, made *Place) (notes []string, err error) {
	made.looks = make([]blob.Look, len(flow.Reads))
	for i, read := range flow.Reads {
		made.looks[i], err = m.look(read)
		cause, damaged := errors.AsType[*blob.Missing](err)
		if damaged {
			aside, mended := m.mend(read)
			if !mended {
				return notes, &DamagedInput{read, cause, aside}
			}
			notes = append(notes, fmt.Sprintf("%s: the output %s of %s was damaged in the store (%v): %s", flow.Address, read.Output, read.Flow, cause, aside))
			made.looks[i], err = m.look(read)
		}
		if err != nil {
			return notes, err
		}
	}
	return notes, nil
}

// CheckReadsAgain says whether a flow that has ended was given what it was to
// read until its end. What is damaged by then is put aside.
func (m *Maker) CheckReadsAgain(flow *plan.Flow, made *Place) error {
	for i, read := range flow.Reads {
		now, err := m.look(read)
		if _, damaged := errors.AsType[*blob.Missing](err); damaged {
			aside, _ := m.mend(read)
			return &ChangedInput{read, aside}
		}
		if err != nil {
			return err
		}
		if made.looks[i].Rewritten(now) {
			return &ChangedInput{Read: read}
		}
	}
	return nil
}

// look looks at an output in the store, and reads it if it is not as it was
// when it was read last. The error of one that is damaged is a *blob.Missing.
// It looks first: what changes while it is read shows the next time.
func (m *Maker) look(read plan.Read) (blob.Look, error) {
	key := [2]string{read.Digest, path.Base(read.File)}
	now := m.Blobs.Look(key[0], key[1])
	if good, ok := m.verified.Load(key); ok && good.(blob.Look).Same(now) {
		return now, nil
	}
	if err := m.Blobs.Verify(key[0], key[1]); err != nil {
		return now, err
	}
	m.verified.Store(key, now)
	return now, nil
}

// PutAside moves a damaged blob out of the store, from where it is missing, so
// that plan sees it and the flow that made it runs again. said is what was
// done; ok is false where the blob is in the store still.
func (m *Maker) PutAside(digest, name string) (said string, ok bool) {
	switch kept, err := m.Blobs.PutAside(digest, name); {
	case err == nil:
		return "it is kept as " + kept, true
	case !m.Blobs.Has(digest, name):
		return "it is not there", true
	default:
		return fmt.Sprintf("it cannot be moved aside: %v", err), false
	}
}

// mend puts a damaged output aside, and stores it anew from its place in the
// project, if it stands there as it was. said is what was done.
func (m *Maker) mend(read plan.Read) (said string, mended bool) {
	name := path.Base(read.File)
	said, ok := m.PutAside(read.Digest, name)
	if !ok {
		return said, false
	}
	if read.Published == "" {
		return said, false
	}
	digest, err := blob.Digest(filepath.Join(read.Project, filepath.FromSlash(read.Published)), nil)
	if err != nil || digest != read.Digest {
		return said, false
	}
	if stored, err := m.Blobs.PutFrom(read.Project, read.Published, name); err != nil || stored != read.Digest {
		return said, false // a link on the way, or changed just now
	}
	return fmt.Sprintf("%s; it was stored again from %s", said, read.Published), true
}
