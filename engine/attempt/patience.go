package attempt

import (
	"context"
	"time"

	"github.com/flowrider/flowrider/internal/process"
)

// How often something is tried again that fails because too many files or
// processes are open, and how often even while nothing runs that could end.
const (
	crowdedPause = 100 * time.Millisecond
	crowdedTries = 20
)

// crowdedNote says of a flow that it was waited with.
const crowdedNote = "too many files or processes were open, so it had to wait for others to end; raise the limit (ulimit -n, ulimit -u) or lower --parallelism"

// patiently does something that takes files or processes. As long as there are
// too many of them, it waits for some of what runs to end: so fewer flows run
// at once. waited says whether it did.
func patiently(ctx context.Context, do func() error) (waited bool, err error) {
	for tries := 0; ; tries++ {
		if err = do(); !process.Crowded(err) || tries >= crowdedTries && process.Running() == 0 {
			return tries > 0, err
		}
		select {
		case <-ctx.Done():
			return true, err
		case <-time.After(crowdedPause):
		}
	}
}
