package testenv

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// privateTest names the test that a process was started for by Private.
const privateTest = "FLOWRIDER_TEST_PRIVATE"

// Private is true in a process of its own, which has only this test and a
// mount namespace that nobody else sees and that ends with it. The test begins
// with
//
//	if !testenv.Private(t) {
//		return
//	}
//
// and what comes before it is done in both processes. It needs root.
func Private(t *testing.T) bool {
	t.Helper()
	if os.Getenv(privateTest) == t.Name() {
		if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
			t.Fatal(err)
		}
		return true
	}
	Root(t)
	runtime.LockOSThread() // the thread's end would be taken for the parent's
	defer runtime.UnlockOSThread()
	pattern := "^" + strings.ReplaceAll(t.Name(), "/", "$/^") + "$"
	child := exec.Command(os.Args[0], "-test.run="+pattern, "-test.v", "-test.count=1")
	if end, ok := t.Deadline(); ok {
		child.Args = append(child.Args, fmt.Sprintf("-test.timeout=%v", time.Until(end)))
	}
	child.Env = append(os.Environ(), privateTest+"="+t.Name())
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	out, err := child.CombinedOutput()
	if child.Process == nil {
		Unable(t, fmt.Errorf("there is no private mount namespace: %w", err))
	}
	switch text := string(out); {
	case err != nil:
		t.Errorf("in a private mount namespace: %v\n%s", err, text)
	case strings.Contains(text, "\n--- SKIP: "+t.Name()):
		t.Skip(text)
	case !strings.Contains(text, "--- PASS: "+t.Name()):
		t.Errorf("the test was not run in a private mount namespace:\n%s", text)
	default:
		t.Log(text)
	}
	return false
}
