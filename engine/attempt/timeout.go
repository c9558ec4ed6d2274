package attempt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/flowrider/flowrider/internal/process"
)

// TimedOut is the failure of an attempt that was stopped since its process ran
// for longer than the flow may.
type TimedOut struct{ After time.Duration }

func (t *TimedOut) Error() string {
	return fmt.Sprintf("timed out: it was stopped after %s, which is its timeout", t.After)
}

// limited stops what runs in the context after a while, counted from when begin
// is called, without the time in which flowrider is suspended; 0 is never. end is to be called in the end.
func limited(parent context.Context, timeout time.Duration) (ctx context.Context, begin, end func()) {
	ctx, cancel := context.WithCancelCause(parent)
	stop := func() {}
	begin = func() {
		if timeout > 0 {
			stop = process.AfterFunc(timeout, func() { cancel(&TimedOut{timeout}) })
		}
	}
	return ctx, begin, func() { stop(); cancel(nil) }
}

// whyStopped is why a process was stopped that ran in the context.
func whyStopped(ctx context.Context) error {
	if timedOut, ok := errors.AsType[*TimedOut](context.Cause(ctx)); ok {
		return timedOut
	}
	return ErrStopped
}
