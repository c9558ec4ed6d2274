package durable

import "sync"

// turns lets callers that come while one of them is at work share the next
// turn: what costs, an fsync, is then made once for all of them. Nobody waits
// for others to come: where there is one caller at a time, each has a turn of
// its own, at once.
type turns[T any] struct {
	working sync.Mutex // held by whoever is at work
	mu      sync.Mutex // guards next
	next    *turn[T]
}

// turn is one turn of the work, with what its callers have brought.
type turn[T any] struct {
	brought []T
	done    bool
	err     error
}

// take brings something to the next turn and returns when that is over.
// Whoever of its callers is first to work does so for all of them.
func (t *turns[T]) take(bring T, work func(brought []T) error) error {
	t.mu.Lock()
	if t.next == nil {
		t.next = &turn[T]{}
	}
	mine := t.next
	mine.brought = append(mine.brought, bring)
	t.mu.Unlock()

	t.working.Lock()
	defer t.working.Unlock()
	if mine.done {
		return mine.err
	}
	t.mu.Lock()
	t.next = nil // who comes from now on comes too late for this turn
	t.mu.Unlock()
	mine.err, mine.done = work(mine.brought), true
	return mine.err
}

// syncFolder makes the names in the folder durable. Those that ask for the same
// folder while an fsync of it runs, which may have begun too early for them,
// share the next one.
func (d *Dir) syncFolder() error {
	known, _ := d.shared.syncs.LoadOrStore(d.path, &turns[Folder]{})
	return known.(*turns[Folder]).take(d.folder, func(folders []Folder) error {
		for i, folder := range folders {
			// Somebody may have put another folder in its place meanwhile.
			if i > 0 && folder.Same(folders[0]) {
				continue
			}
			if err := folder.Sync("."); err != nil {
				return err
			}
		}
		return nil
	})
}
