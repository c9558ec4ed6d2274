//go:build !linux

package testenv

import (
	"errors"
	"testing"
)

// Private is true in a process with a mount namespace of its own, which is had
// on Linux alone.
func Private(t *testing.T) bool {
	t.Helper()
	Unable(t, errors.New("mount namespaces are Linux's"))
	return false
}
