//go:build !linux

package process

import (
	"strconv"
	"syscall"
)

// look is one straggler for each group that has members.
func (l *leftovers) look() []straggler {
	var left []straggler
	for group := range l.groups {
		if syscall.Kill(-group, 0) == nil {
			left = append(left, straggler{member{-group}, "process group " + strconv.Itoa(group), false})
		}
	}
	return left
}
