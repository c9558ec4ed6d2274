package durable

import (
	"errors"
	"fmt"
	"syscall"
)

// IsFull says whether an error means that the disk takes nothing more, whatever
// it is: it is full, a quota is used up, or it can only be read any more.
func IsFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}

// sized adds to the error of a full disk how much was to be written.
func sized(err error, size int) error {
	if !IsFull(err) {
		return err
	}
	return fmt.Errorf("%d bytes: %w", size, err)
}
