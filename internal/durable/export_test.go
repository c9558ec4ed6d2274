package durable

var (
	ExplainLock = explainLock
	IsAt        = isAt
	ParseHolder = parseHolder
	CommandName = command
	AppendFrame = appendFrame
)

// InSteps is OS where the system cannot exchange two names.
func InSteps() Backend { return stepsBackend{} }

type stepsBackend struct{ osBackend }

func (stepsBackend) OpenFolder(path string) (Folder, error) {
	folder, err := osBackend{}.OpenFolder(path)
	if err != nil {
		return nil, err
	}
	return stepsFolder{folder.(osFolder)}, nil
}

type stepsFolder struct{ osFolder }

func (d stepsFolder) Swap(from, to string) (bool, error) { return swapInSteps(d.root, from, to) }

// Queued is how many wait for the next turn at the folder's fsync.
func (w Writer) Queued(folder string) int {
	known, _ := w.state().syncs.Load(folder)
	return known.(*turns[Folder]).queued()
}

// Queued is how many entries wait for the next write.
func (j *Journal) Queued() int { return j.turns.queued() }

func (t *turns[T]) queued() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.next == nil {
		return 0
	}
	return len(t.next.brought)
}
