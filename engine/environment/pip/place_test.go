package pip

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
	"testing"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("PIP_TEST_BUILDER"); dir != "" {
		buildAsChild(dir)
	}
	os.Exit(m.Run())
}

// buildAsChild builds in a place, says so, and waits to be told to go on.
func buildAsChild(dir string) {
	_, err := place{dir}.build(context.Background(), "environment.ml", io.Discard, always, func(dir string) error {
		if err := os.WriteFile(filepath.Join(dir, "by"), []byte("child"), 0o644); err != nil {
			return err
		}
		fmt.Println("building")
		_, err := bufio.NewReader(os.Stdin).ReadString('\n')
		return err
	})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

func always(string) bool { return true }

// builder starts another process that is in the middle of a build.
func builder(t *testing.T, dir string) (cmd *exec.Cmd, goOn io.Writer) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "PIP_TEST_BUILDER="+dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "building\n" {
		t.Fatalf("builder said %q (%v)", line, err)
	}
	return cmd, in
}

func TestSecondBuilderWaitsAndSaysForWhom(t *testing.T) {
	p := place{t.TempDir()}
	child, goOn := builder(t, p.dir)
	var said string
	log := writerFunc(func(b []byte) {
		said += string(b)
		io.WriteString(goOn, "\n")
	})
	dir, err := p.build(t.Context(), "environment.ml", log, always, func(string) error { return errors.New("built twice") })
	if err != nil {
		t.Fatal(err)
	}
	if by, _ := os.ReadFile(filepath.Join(dir, "by")); string(by) != "child" {
		t.Errorf("built by %q", by)
	}
	if want := fmt.Sprintf("waiting for process %d", child.Process.Pid); !strings.HasPrefix(said, want) || !strings.Contains(said, "which is building environment.ml") {
		t.Errorf("said %q, want %q", said, want)
	}
}

func TestWaitingEndsWhenCancelled(t *testing.T) {
	p := place{t.TempDir()}
	builder(t, p.dir)
	ctx, cancel := context.WithCancel(t.Context())
	log := writerFunc(func([]byte) { cancel() })
	if _, err := p.build(ctx, "environment.ml", log, always, func(string) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
}

func TestKilledBuildStartsOver(t *testing.T) {
	p := place{t.TempDir()}
	for range 2 { // killed twice in a row, too
		child, _ := builder(t, p.dir)
		child.Process.Kill()
		child.Wait()
		if dir, ok := p.complete(); ok {
			t.Fatalf("a killed build counts as complete: %s", dir)
		}
	}
	dir, err := p.build(t.Context(), "environment.ml", io.Discard, always, func(dir string) error {
		if entries, _ := os.ReadDir(dir); len(entries) > 0 {
			t.Errorf("%s is not empty", dir)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := p.complete(); !ok || got != dir || filepath.Base(dir) != "3" {
		t.Errorf("complete is %s, %t; built %s, want folder 3, since others may still write into 1 and 2", got, ok, dir)
	}
	if left, _ := filepath.Glob(filepath.Join(p.dir, "[0-9]*")); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

func TestFailedBuildLeavesNothing(t *testing.T) {
	p := place{t.TempDir()}
	failure := errors.New("no space")
	_, err := p.build(t.Context(), "environment.ml", io.Discard, always, func(string) error { return failure })
	if !errors.Is(err, failure) {
		t.Errorf("error %v, want %v", err, failure)
	}
	if left, _ := filepath.Glob(filepath.Join(p.dir, "[0-9]*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, ok := p.complete(); ok {
		t.Error("a failed build counts as complete")
	}
}

func TestBuildersOfOneProcessTakeTurns(t *testing.T) {
	p := place{t.TempDir()}
	var mu sync.Mutex
	built := 0
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := p.build(t.Context(), "environment.ml", io.Discard, always, func(string) error {
				mu.Lock()
				defer mu.Unlock()
				built++
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if built != 1 {
		t.Errorf("built %d times", built)
	}
}

func TestDamagedStampIsNotBelieved(t *testing.T) {
	p := place{t.TempDir()}
	if _, err := p.build(t.Context(), "environment.ml", io.Discard, always, func(string) error { return nil }); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(filepath.Join(p.dir, "complete"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "flowrider place 1\n", "flowrider place 1\n7\n", "flowrider place 2\n1\n", "flowrider place 1\n../1\n"} {
		write(t, filepath.Join(p.dir, "complete"), text, 0o644)
		if dir, ok := p.complete(); ok {
			t.Errorf("stamp %q names %s", text, dir)
		}
	}
	write(t, filepath.Join(p.dir, "complete"), string(good), 0o644)
	if _, ok := p.complete(); !ok {
		t.Error("the good stamp is not believed")
	}
}
