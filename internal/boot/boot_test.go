package boot

import (
	"os"
	"os/exec"
	"testing"
)

// A process is told from one that is gone, and from a later one of its number.
func TestAliveIsThatVeryProcess(t *testing.T) {
	born := Born(os.Getpid())
	if born == "" || !Alive(os.Getpid(), born) || Alive(os.Getpid(), born+"1") || Alive(os.Getpid(), "") {
		t.Errorf("born %q", born)
	}
	child := exec.Command("/bin/sh", "-c", "read x")
	input, err := child.StdinPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	pid := child.Process.Pid
	born = Born(pid)
	if !Alive(pid, born) {
		t.Error("a living child is taken for dead")
	}
	input.Close()
	child.Wait()
	if Alive(pid, born) {
		t.Error("a dead child is taken for alive")
	}
	if ID() == "" || ID() != ID() {
		t.Errorf("boot %q", ID())
	}
}
