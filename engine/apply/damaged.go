package apply

import (
	"errors"
	"fmt"

	"github.com/flowrider/flowrider/engine/blob"
)

// damaged is the blob that an error is about, or nil.
func damaged(err error) *blob.Missing {
	var missing *blob.Missing
	if errors.As(err, &missing) {
		return missing
	}
	return nil
}

// putAside moves a damaged blob out of the store, and says where it is then.
// From then on it is missing, which plan sees, and the flow that made it runs
// again.
func (l *loop) putAside(missing *blob.Missing) string {
	if !l.tools.Blobs.Has(missing.Digest, missing.Name) {
		return "it is not there"
	}
	kept, err := l.tools.Blobs.PutAside(missing.Digest, missing.Name)
	if err != nil {
		return fmt.Sprintf("it cannot be moved aside: %v", err)
	}
	return "it is kept as " + kept
}
