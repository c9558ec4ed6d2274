package attempt

import (
	"errors"
	"fmt"
	"path"

	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
)

// DamagedInput is the error of a flow that is to read an output of another
// one, which is missing in the store or is not what its name says.
type DamagedInput struct {
	Read  plan.Read
	Cause *blob.Missing
}

func (d *DamagedInput) Error() string {
	return fmt.Sprintf("the output %s of %s, which it uses, is damaged in the store (%v); flowrider apply %s makes it again", d.Read.Output, d.Read.Flow, d.Cause, diag.ShellQuote(d.Read.Flow))
}

// CheckReads reads the outputs of others that a flow is about to use, each
// once. Plan believes that the store has what its names say, since to read all
// of it would take too long; a flow that runs is not given what is damaged.
func (m *Maker) CheckReads(flow *plan.Flow) error {
	for _, read := range flow.Reads {
		key := [2]string{read.Digest, path.Base(read.File)}
		if _, good := m.verified.Load(key); good {
			continue
		}
		if err := m.Blobs.Verify(read.Digest, path.Base(read.File)); err != nil {
			if missing, ok := errors.AsType[*blob.Missing](err); ok {
				return &DamagedInput{Read: read, Cause: missing}
			}
			return err
		}
		m.verified.Store(key, true)
	}
	return nil
}
