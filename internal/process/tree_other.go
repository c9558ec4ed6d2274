//go:build !linux

package process

import (
	"os"
	"strconv"
	"syscall"
)

// Outside Linux a tree is its process group: who leaves the group escapes.

// Limits says what of a process that is stopped may stay; "" if nothing does.
const Limits = "on this system a flow that is stopped is ended with its process group alone; what has left that stays (docs/processes.md)"

type member struct{ pid int }

type straggler struct {
	member
	name  string
	asked bool // to end, already
}

// left is one straggler that stands for the whole group, if it has members.
// The leader has been reaped by then, and zombies answer with EPERM.
func (t *tree) left([]*os.File) []straggler {
	if syscall.Kill(-t.leader, 0) != nil {
		return nil
	}
	return []straggler{{member{-t.leader}, "process group " + strconv.Itoa(t.leader), true}}
}

func (t *tree) suspicious() bool { return len(t.left(nil)) > 0 }

// guards is never so: a guard is in a group of its own, and not looked at.
func (s straggler) guards() bool { return false }

func (s straggler) signal(sig syscall.Signal) { _ = syscall.Kill(s.pid, sig) }

// BecomeSubreaper does nothing: only Linux has subreapers.
func BecomeSubreaper() error { return nil }

func reapOrphans() {}

func orphansLive() bool { return false }
