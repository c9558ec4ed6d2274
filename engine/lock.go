package engine

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/schema"
)

// Locking says how the apply lock is taken.
type Locking struct {
	Wait time.Duration     // for another holder
	Note func(text string) // receives what a person should know of the wait, and of applies that died
}

func (l Locking) note(text string) {
	if l.Note != nil {
		l.Note(text)
	}
}

// lock takes the apply lock, where what is done could be recorded, and finishes
// what applies that died have left. A lock that somebody else holds is a
// *durable.Held.
func (p *Project) lock(ctx context.Context) (recovered *record.Recovered, unlock func() error, err error) {
	if err := unrecorded(p.Records.CheckWritable()); err != nil {
		return nil, nil, err
	}
	if unlock, err = p.hold(ctx); err != nil {
		return nil, nil, err
	}
	recovered, err = p.Records.Recover(sweep)
	if recovered != nil {
		for _, note := range recovered.Notes {
			p.Locking.note(note)
		}
	}
	if err != nil {
		unlock()
		return nil, nil, fmt.Errorf("what an apply that died has left cannot be finished: %w", err)
	}
	return recovered, unlock, nil
}

// sweep ends what still runs of applies that died.
func sweep(left []record.Left) (ended string, err error) {
	lost := make([]process.Lost, 0, len(left))
	for _, l := range left {
		dead := process.Lost{Apply: l.Apply}
		for _, p := range l.Processes {
			dead.Leaders = append(dead.Leaders, process.Leader(p))
		}
		lost = append(lost, dead)
	}
	return process.Sweep(lost)
}

// checkReplaceable finds out, before any flow starts, whether each that may run
// could be recorded.
func (p *Project) checkReplaceable(planned *plan.Plan) error {
	var pending []schema.Address
	for _, flow := range planned.Flows {
		if flow.Pending() {
			pending = append(pending, flow.Instance.Address)
		}
	}
	return unrecorded(p.Records.CheckReplaceable(pending))
}

// unrecorded is the error of what could not be written down afterwards.
func unrecorded(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("nothing could be recorded, so nothing is done: %w", err)
}

func (p *Project) lockPath() string { return filepath.Join(p.Config.Root, record.Local, "lock") }

// Locker says who has the apply lock, as far as can be seen without taking it.
// ok is false where nobody is seen to have it.
func (p *Project) Locker() (holder durable.Holder, ok bool) { return durable.HolderOf(p.lockPath()) }

// hold takes the apply lock, for what records nothing. It waits for another
// holder for as long as it may, and says so.
func (p *Project) hold(ctx context.Context) (unlock func() error, err error) {
	if err := p.Records.Prepare(); err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, p.Locking.Wait)
	defer cancel()
	lock, err := durable.LockWait(waiting, p.lockPath(), func(held *durable.Held) {
		if p.Locking.Wait > 0 {
			p.Locking.note(fmt.Sprintf("waiting up to %s for the lock, which is held by %s", p.Locking.Wait.Round(time.Millisecond), held.Holder))
		}
	})
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, err
	}
	return lock.Unlock, nil
}
