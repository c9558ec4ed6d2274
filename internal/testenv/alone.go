package testenv

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// aloneTest names the test that a process was started for.
const aloneTest = "FLOWRIDER_TEST_ALONE"

// Alone is true in a process of its own, which has only this test. A test that
// applies needs it where others beside it start processes in sessions of their
// own: an apply reaps what looks like its orphans. The test begins with
//
//	if !testenv.Alone(t) {
//		return
//	}
//
// and what comes before it is done in both processes.
func Alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(aloneTest) == t.Name() {
		return true
	}
	if err := runAlone(t, nil); err != nil {
		t.Fatal(err)
	}
	return false
}

// runAlone runs the test in a process of its own. The error is of one that
// cannot be started.
func runAlone(t *testing.T, attributes *syscall.SysProcAttr) error {
	t.Helper()
	pattern := "^" + strings.ReplaceAll(t.Name(), "/", "$/^") + "$"
	child := exec.Command(os.Args[0], "-test.run="+pattern, "-test.v", "-test.count=1")
	if end, ok := t.Deadline(); ok {
		child.Args = append(child.Args, fmt.Sprintf("-test.timeout=%v", time.Until(end)))
	}
	child.Env = append(os.Environ(), aloneTest+"="+t.Name())
	child.SysProcAttr = attributes
	out, err := child.CombinedOutput()
	if child.Process == nil {
		return err
	}
	switch text := string(out); {
	case err != nil:
		t.Errorf("in a process of its own: %v\n%s", err, text)
	case strings.Contains(text, "\n--- SKIP: "+t.Name()):
		t.Skip(text)
	case !strings.Contains(text, "--- PASS: "+t.Name()):
		t.Errorf("the test was not run in a process of its own:\n%s", text)
	default:
		t.Log(text)
	}
	return nil
}
