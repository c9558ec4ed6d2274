package process

import (
	"slices"
	"sync"
	"syscall"
)

// tree is a started process with everything that descends from it: what is in
// its process group, what carries its marker, and what was seen to be a child
// of either. Outside Linux it is the process group alone.
type tree struct {
	leader  int  // process ID, and that of the group
	alone   bool // it is not a group of its own: its leader alone can be signalled
	attempt string
	known   map[member]bool // Linux: seen so far; guarded by trees
}

// trees are those whose processes have not all ended, and beside them the
// guards, which belong to none.
var trees = struct {
	sync.Mutex
	live   []*tree
	guards map[int]bool // process IDs
}{guards: map[int]bool{}}

// adopt registers a process that was just started.
func adopt(pid int, attempt string, alone bool) *tree {
	t := &tree{leader: pid, alone: alone, attempt: attempt, known: map[member]bool{}}
	trees.Lock()
	defer trees.Unlock()
	trees.live = append(trees.live, t)
	return t
}

// forget says that nothing of the tree is left.
func (t *tree) forget() {
	trees.Lock()
	defer trees.Unlock()
	trees.live = slices.DeleteFunc(trees.live, func(other *tree) bool { return other == t })
}

// liveTrees lists them.
func liveTrees() []*tree {
	trees.Lock()
	defer trees.Unlock()
	return slices.Clone(trees.live)
}

// signalEvery signals the group and what has left it.
func (t *tree) signalEvery(s syscall.Signal, left []straggler) {
	t.signalGroup(s)
	for _, m := range left {
		if !m.asked { // is not in the group
			m.signal(s)
		}
	}
}

// marked is what the marker of the tree's processes says.
func (t *tree) marked() map[string]bool { return map[string]bool{t.attempt: true} }

// signalGroup signals the process group. The leader is not reaped before its
// tree has ended, so the group cannot be a stranger's.
func (t *tree) signalGroup(s syscall.Signal) {
	if t.alone {
		_ = syscall.Kill(t.leader, s)
		return
	}
	_ = syscall.Kill(-t.leader, s)
}

// straggle is how long what the process leaves behind has to end by itself.
func (l *leader) straggle() Grace {
	if l.killed {
		return afterKill
	}
	return afterExit
}
