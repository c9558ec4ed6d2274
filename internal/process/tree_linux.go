package process

import (
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Limits says what of a process that is stopped may stay; "" if nothing does.
const Limits = ""

// member is one process of a tree. Process IDs are used again; together with
// the start time one means the same process for as long as the machine runs.
type member struct {
	pid   int
	start uint64
}

// straggler is a living member of a tree whose leader has ended.
type straggler struct {
	member
	name  string
	asked bool // to end, already: with its group, or by the death of its parent
}

// left lists who is alive of the tree, the leader apart. Whoever holds the
// pipes for writing is taken for a member; pipes may be nil.
func (t *tree) left(pipes []*os.File) []straggler {
	all := processes()
	in := holdersOf(pipes, all)
	in[t.leader] = true
	marked, begun := t.marked(), startOf(t.leader, all)
	for _, p := range all {
		// To read what is older than the tree would take most of the time.
		if p.pgrp == t.leader || p.start >= begun && !p.kernel() && carries(p.pid, marked) {
			in[p.pid] = true
		}
	}
	trees.Lock()
	defer trees.Unlock()
	// An orphan that hid well belongs to some attempt: to the last one at the
	// latest.
	last := t.last()
	for _, p := range all {
		if t.known[p.member()] || last && p.adopted() && p.still() {
			in[p.pid] = true
		}
	}
	grow(in, all)
	var left []straggler
	for _, p := range all {
		if in[p.pid] && p.pid != t.leader && p.pid != ownPID {
			t.known[p.member()] = true
			if p.alive() {
				left = append(left, straggler{p.member(), p.name, p.pgrp == t.leader})
			}
		}
	}
	return left
}

// grow puts in what descends from what is in.
func grow(in map[int]bool, all []proc) {
	for grown := true; grown; {
		grown = false
		for _, p := range all {
			if !in[p.pid] && in[p.ppid] {
				in[p.pid], grown = true, true
			}
		}
	}
}

// suspicious says whether something of the tree may be left. As subreaper
// this program is the parent of whatever an ended process leaves behind, so
// looking at its own children is enough, and far quicker than a scan.
func (t *tree) suspicious() bool {
	if !subreaper.Load() {
		return true
	}
	children, ok := ownChildren()
	if !ok {
		return true
	}
	trees.Lock()
	defer trees.Unlock()
	for _, pid := range children {
		if startedHere(pid) {
			continue
		}
		p, ok := readProcess(pid)
		if ok && p.alive() && (t.last() && p.adopted() || p.pgrp == t.leader || p.session != ownSession || carries(pid, t.marked())) {
			return true
		}
	}
	return false
}

// guards says whether a straggler is the guard of another flowrider, that runs as
// a flow does.
func (s straggler) guards() bool {
	line, err := os.ReadFile("/proc/" + strconv.Itoa(s.pid) + "/cmdline")
	words := strings.Split(string(line), "\x00") // each is ended by one
	return err == nil && len(words) == 3 && words[1] == guardArgument
}

// signal signals a member if it still is the one that was seen: the handle is
// opened first, then its identity is looked at again, then it is signalled
// through the handle.
func (s straggler) signal(sig syscall.Signal) {
	fd, err := unix.PidfdOpen(s.pid, 0)
	if err == unix.ENOSYS { // Linux before 5.3
		if p, ok := readProcess(s.pid); ok && p.start == s.start {
			_ = syscall.Kill(s.pid, sig)
		}
		return
	}
	if err != nil {
		return
	}
	defer unix.Close(fd)
	if p, ok := readProcess(s.pid); ok && p.start == s.start {
		_ = unix.PidfdSendSignal(fd, sig, nil, 0)
	}
}
