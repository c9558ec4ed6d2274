package process

import (
	"context"
	"strings"
)

// marker is the variable by which every descendant of a process is known that
// was started here. It says the process's own ID, and before it, with a full
// stop, that of the apply that it was started for.
const marker = "FLOWRIDER_ATTEMPT"

type applyKey struct{}

// ForApply is a context for what an apply does. id gives the apply's ID; it is
// asked when the first process is about to be started.
func ForApply(ctx context.Context, id func() (string, error)) context.Context {
	return context.WithValue(ctx, applyKey{}, id)
}

// Mark is the marker of a process with an ID of its own, which is of the context's
// apply if it has one. What the apply leaves behind can be found by its ID alone
// then.
func Mark(ctx context.Context, own string) (string, error) {
	id, ok := ctx.Value(applyKey{}).(func() (string, error))
	if !ok {
		return own, nil
	}
	apply, err := id()
	return apply + "." + own, err
}

// isOf says whether a marker is one of those wanted, or of one of the applies
// wanted.
func isOf(marked string, wanted map[string]bool) bool {
	apply, _, _ := strings.Cut(marked, ".")
	return wanted[marked] || wanted[apply]
}
