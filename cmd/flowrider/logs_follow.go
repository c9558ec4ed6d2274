package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/schema"
)

// lookAgain is how often a log that is followed is looked at.
const lookAgain = 100 * time.Millisecond

// pause waits until it is time to look again.
func pause(ctx context.Context) {
	select {
	case <-time.After(lookAgain):
	case <-ctx.Done():
	}
}

// followFlow copies the logs of a flow's attempts in the apply that runs now,
// from the latest one on, until the flow has come to its end there. It waits for
// an apply that has not started the flow yet. followed is false where that has
// not been: no apply runs, or it has ended without an attempt.
func followFlow(ctx context.Context, out io.Writer, project *engine.Project, address schema.Address) (followed bool, err error) {
	course := awaitStart(ctx, project, address)
	if course == nil {
		return false, nil
	}
	shown := len(course.Tried) - 1
	for {
		for ; shown < len(course.Tried); shown++ {
			if followed {
				fmt.Fprintf(os.Stderr, "note: %s is tried again; this is attempt %d\n", address, shown+1)
			}
			err := copyLog(ctx, out, project, &course.Tried[shown].Attempt, true)
			if errors.Is(err, fs.ErrNotExist) {
				fmt.Fprintf(os.Stderr, "note: attempt %s has no log, since nothing was started\n", course.Tried[shown].ID)
			} else if err != nil {
				return followed, err
			}
			followed = true
		}
		if ctx.Err() != nil || !course.More() {
			return followed, nil
		}
		pause(ctx)
		if course = project.Records.Course(course.Apply, address); course == nil {
			return followed, nil
		}
	}
}

// awaitStart waits until the apply that runs now has started a flow. Nil if it
// has ended without, or if there is none. Whoever waits is told for whom.
func awaitStart(ctx context.Context, project *engine.Project, address schema.Address) *record.Course {
	apply, told := "", false
	for {
		course := project.Records.Course(apply, address)
		holder, held := project.Locker()
		switch {
		case course != nil && len(course.Tried) > 0:
			return course
		case course != nil && !course.Alive, course == nil && !held, ctx.Err() != nil:
			if told {
				fmt.Fprintf(os.Stderr, "note: that has ended, and has not run %s\n", address)
			}
			return nil
		case course != nil:
			apply = course.Apply
		}
		if !told {
			fmt.Fprintf(os.Stderr, "note: %s has not been started yet by %s; waiting for that\n", address, holder)
			told = true
		}
		pause(ctx)
	}
}
