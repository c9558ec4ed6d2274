package durable_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/flowrider/flowrider/internal/durable"
)

// This test binary serves as the other process: it takes the lock it is told,
// says so, and holds it until it is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv("DURABLE_TEST_HOLD"); path != "" {
		if _, err := durable.Lock(path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("locked")
		io.Copy(io.Discard, os.Stdin) // until it is killed, or its parent is gone
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// holdElsewhere takes the lock in another process, and returns what kills it.
func holdElsewhere(t *testing.T, path string) (pid int, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "DURABLE_TEST_HOLD="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	kill = func() { once.Do(func() { cmd.Process.Kill(); cmd.Wait() }) }
	t.Cleanup(kill)
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "locked\n" {
		t.Fatalf("the other process said %q", line)
	}
	return cmd.Process.Pid, kill
}

func TestLockNamesItsHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".flowrider", "lock")
	pid, kill := holdElsewhere(t, path)
	_, err := durable.Lock(path)
	var held *durable.Held
	if !errors.As(err, &held) {
		t.Fatalf("err = %v", err)
	}
	equal(t, pid, held.Holder.PID)
	equal(t, filepath.Base(os.Args[0]), held.Holder.Command)
	if held.Holder.Since.IsZero() || !strings.Contains(err.Error(), fmt.Sprintf("process %d (", pid)) {
		t.Errorf("err = %v", err)
	}

	// No stale locks: the holder is killed with -9, and the lock is free.
	kill()
	l, err := durable.Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the lock file was removed: %v", err)
	}
	if _, err := os.Stat(path + ".holder"); err == nil {
		t.Error("the holder is still named")
	}
}

func TestLockExcludesWithinTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var inside, most atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				l, err := durable.LockWait(t.Context(), path, nil)
				if err != nil {
					t.Error(err)
					return
				}
				if n := inside.Add(1); n > most.Load() {
					most.Store(n)
				}
				inside.Add(-1)
				if err := l.Unlock(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	equal(t, int32(1), most.Load())
}

func TestLockIsNotInherited(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	l, err := durable.Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command("cat") // lives until its input is closed
	input, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { input.Close(); child.Wait() }()
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := durable.Lock(path)
	if err != nil {
		t.Fatalf("a child has inherited the lock: %v", err)
	}
	again.Unlock()
}

func TestLockWaitGivesUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	l, err := durable.Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Unlock()
	ctx, cancel := context.WithCancel(t.Context())
	told := 0
	_, err = durable.LockWait(ctx, path, func(held *durable.Held) {
		told++
		equal(t, os.Getpid(), held.Holder.PID)
		cancel()
	})
	var held *durable.Held
	if !errors.As(err, &held) || told != 1 {
		t.Errorf("err = %v, told %d times", err, told)
	}
}

func TestLockWaitGetsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	_, kill := holdElsewhere(t, path)
	l, err := durable.LockWait(t.Context(), path, func(*durable.Held) { go kill() })
	if err != nil {
		t.Fatal(err)
	}
	l.Unlock()
}

// A file that was removed or replaced between its opening and the lock is not
// the one that others lock.
func TestLockFileIsTheOneAtThePath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	equal(t, true, durable.IsAt(f, path))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	equal(t, false, durable.IsAt(f, path))
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	equal(t, false, durable.IsAt(f, path))
}

func TestLockOnAFileSystemWithoutLocks(t *testing.T) {
	for _, errno := range []error{syscall.ENOSYS, syscall.ENOLCK, syscall.EOPNOTSUPP} {
		err := durable.ExplainLock("lock", errno)
		var held *durable.Held
		if errors.As(err, &held) || !errors.Is(err, errno) || !strings.Contains(err.Error(), "has no locks; move the project") {
			t.Errorf("%v: %v", errno, err)
		}
	}
}

func TestLockWhereNothingCanBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(file, "lock"), filepath.Dir(file)} {
		_, err := durable.Lock(path)
		if err == nil || !strings.Contains(err.Error(), "cannot be locked") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestHolderIsShownSafely(t *testing.T) {
	for text, want := range map[string]string{
		"":            "another process",
		"{":           "another process",
		`{"pid": -1}`: "another process",
		`{"pid": 7}`:  "process 7",
		`{"pid": 7, "command": "a\u001b[2Jb\nc"}`: "process 7 (a?[2Jb?c)",
	} {
		equal(t, want, durable.ParseHolder([]byte(text)).String())
	}
}

func TestHolderHasNoArguments(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"/usr/bin/flowrider", "apply", "--var", "password=x"}, "flowrider apply"},
		{[]string{"flowrider", "--var=password=x"}, "flowrider"},
		{[]string{"flowrider", "password=x"}, "flowrider"},
		{nil, ""},
	} {
		equal(t, c.want, durable.CommandName(c.args))
	}
}

func FuzzHolder(f *testing.F) {
	f.Add([]byte(`{"pid":1,"since":"2024-01-01T00:00:00Z","command":"flowrider apply"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		text := durable.ParseHolder(data).String()
		if strings.ContainsAny(text, "\x1b\n\r\x00") || len(text) > 1000 {
			t.Errorf("%q", text)
		}
	})
}
