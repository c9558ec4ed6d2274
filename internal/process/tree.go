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
	marker  string
	settled bool            // nothing is left of it but its leader; guarded by trees
	known   map[member]bool // Linux: seen so far; guarded by trees
}

// trees are those whose processes have not all ended, and beside them what this
// program has started that belongs to none: guards, and what it asks.
var trees = struct {
	sync.Mutex
	live []*tree
	own  map[int]bool // process IDs
}{own: map[int]bool{}}

// adopt registers a process that was just started. The caller has locked trees.
func adopt(pid int, marker string, alone bool) *tree {
	t := &tree{leader: pid, alone: alone, marker: marker, known: map[member]bool{}}
	trees.live = append(trees.live, t)
	return t
}

// last says whether of no other tree anything may be left. The caller has locked
// trees.
func (t *tree) last() bool {
	return !slices.ContainsFunc(trees.live, func(other *tree) bool { return other != t && !other.settled })
}

// settle says that nothing of the tree is left but its leader, which has ended.
// It is false where the tree is the last one, and there are orphans yet that
// nobody has asked to end.
func (t *tree) settle() bool {
	trees.Lock()
	defer trees.Unlock()
	t.settled = !t.last() || !orphansLive()
	return t.settled
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
func (t *tree) marked() map[string]bool { return map[string]bool{t.marker: true} }

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
