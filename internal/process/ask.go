package process

import (
	"bytes"
	"context"
	"os/exec"
	"time"
)

// Ask starts a program for a short answer, such as its version, and gives what
// it prints to standard output. It belongs to no attempt, and when the context
// ends, it alone is killed. It is not for what a user has written.
//
// Nothing else in this program starts processes in another way than by Start
// and Ask: a child that nobody here knows is an orphan of some attempt, and is
// ended.
func Ask(ctx context.Context, cmd Command) ([]byte, error) {
	var said bytes.Buffer
	asked := exec.CommandContext(ctx, cmd.Path, cmd.Args...)
	asked.Dir, asked.Env, asked.Stdout, asked.WaitDelay = cmd.Dir, entries(cmd.Env), &said, time.Second
	trees.Lock()
	err := asked.Start()
	if err == nil {
		trees.own[asked.Process.Pid] = true
	}
	trees.Unlock()
	if err != nil {
		return nil, err
	}
	err = asked.Wait()
	trees.Lock()
	delete(trees.own, asked.Process.Pid)
	trees.Unlock()
	return said.Bytes(), err
}
