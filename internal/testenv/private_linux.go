package testenv

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"
)

// Private is true in a process of its own, as Alone is, which has a mount
// namespace that nobody else sees and that ends with it. It needs root.
func Private(t *testing.T) bool {
	t.Helper()
	if os.Getenv(aloneTest) == t.Name() {
		if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
			t.Fatal(err)
		}
		return true
	}
	Root(t)
	runtime.LockOSThread() // the thread's end would be taken for the parent's
	defer runtime.UnlockOSThread()
	err := runAlone(t, &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL})
	if err != nil {
		Unable(t, fmt.Errorf("there is no private mount namespace: %w", err))
	}
	return false
}
