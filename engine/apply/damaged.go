package apply

import (
	"errors"
	"fmt"

	"github.com/flowrider/flowrider/engine/attempt"
	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/plan"
)

// Plan believes that the store has what its names say, since to read all of it
// would take too long. Before anything is read from the store it is checked,
// and what is damaged there is moved aside: from then on it is missing, which
// plan sees, and the flow that made it runs again.

// checkReads reads the outputs of others that a flow is about to use.
func (l *loop) checkReads(decision *plan.Flow) error {
	err := l.maker.CheckReads(decision)
	if input, ok := errors.AsType[*attempt.DamagedInput](err); ok {
		return fmt.Errorf("%w: %s; apply again has it from the project or makes it anew", err, l.putAside(input.Cause))
	}
	return err
}

// damaged is the blob that an error is about, or nil.
func damaged(err error) *blob.Missing {
	var missing *blob.Missing
	if errors.As(err, &missing) {
		return missing
	}
	return nil
}

// putAside moves a damaged blob out of the store, and says where it is then.
func (l *loop) putAside(missing *blob.Missing) string {
	if !l.tools.Blobs.Has(missing.Digest, missing.Name) {
		return "it is not there"
	}
	kept, err := blob.Displace(l.session.Config.Root, l.tools.Blobs.Path(missing.Digest, missing.Name), missing.Name)
	if err != nil {
		return fmt.Sprintf("it cannot be moved aside: %v", err)
	}
	return "it is kept as " + kept
}
