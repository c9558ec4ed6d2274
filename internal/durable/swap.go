package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// swapInSteps is Swap where the system cannot exchange two names: for an
// instant nothing is at to, and what somebody else puts there in that instant
// is replaced.
func swapInSteps(root *os.Root, from, to string) (cameOut bool, err error) {
	aside := from + ".out"
	err = root.Rename(to, aside)
	if errors.Is(err, fs.ErrNotExist) {
		return false, root.Rename(from, to)
	}
	if err != nil {
		return false, err
	}
	if err := root.Rename(from, to); err != nil {
		if root.Rename(aside, to) != nil {
			err = fmt.Errorf("%w; what was there is now in %s", err, aside)
		}
		return false, err
	}
	return true, root.Rename(aside, from)
}
