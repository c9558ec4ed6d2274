package apply_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/internal/process"
)

// Whoever starts processes adopts what they leave behind. No goroutine is left
// of any apply: only those of the process package, which live as long as a
// program does.
func TestMain(m *testing.M) {
	if err := process.BecomeSubreaper(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/flowrider/flowrider/internal/process.serveThread"),
		goleak.IgnoreAnyFunction("github.com/flowrider/flowrider/internal/process.BecomeSubreaper.func1.1"))
}

// Each of these flows has children, and says their numbers when all are there:
// a quiet one, one that ignores the first two signals, and one whose child has
// left its group.
var stubborn = map[string]string{
	"flow.quiet":   `sleep 1000 & echo $$ $! > "$0"; wait`,
	"flow.deaf":    `trap '' INT TERM; sleep 1000 & echo $$ $! > "$0"; wait; wait; wait`,
	"flow.strayed": `setsid sleep 1000 & echo $$ $! > "$0"; wait`,
}

// The context ends while flows run: they are stopped with all their children,
// none has a record, and what waited is not started.
func TestInterruptedFlowsLeaveNothingBehind(t *testing.T) {
	config := ""
	for address := range stubborn {
		name := strings.TrimPrefix(address, "flow.")
		config += fmt.Sprintf(`
			flow "command" %q {
				argv = [%q]
				bundle { include = [] }
				stop {
					interrupt = "100ms"
					terminate = "100ms"
				}
			}
			flow "command" "after_%s" {
				argv       = ["after"]
				depends_on = [flow.%s]
				bundle { include = [] }
			}`+"\n", name, name, name, name)
	}
	ctx, interrupt := context.WithCancelCause(context.Background())
	defer interrupt(nil)
	folder, runner := t.TempDir(), newFake()
	runner.began = func(address string) []string {
		return []string{"/bin/sh", "-c", stubborn[address], filepath.Join(folder, address)}
	}
	for address := range stubborn { // a flow is running when it has written into its pipe
		if err := syscall.Mkfifo(filepath.Join(folder, address), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	numbers := make(chan []int)
	go func() {
		var all []int
		for address := range stubborn {
			text, err := os.ReadFile(filepath.Join(folder, address))
			if err != nil {
				t.Error(err)
			}
			for _, word := range strings.Fields(string(text)) {
				number, _ := strconv.Atoi(word)
				all = append(all, number)
			}
		}
		interrupt(errors.New("enough"))
		numbers <- all
	}()

	p := newProject(t, config, runner)
	p.parallelism = len(stubborn)
	result := p.apply(ctx, nil)

	if result.err == nil || result.err.Error() != "enough" {
		t.Errorf("got the error %v", result.err)
	}
	all := <-numbers
	if len(all) != 2*len(stubborn) {
		t.Errorf("process IDs %v", all)
	}
	for _, number := range all {
		if alive(number) {
			t.Errorf("process %d lives", number)
		}
	}
	states := map[string]apply.State{}
	for address := range stubborn {
		states[address] = apply.Cancelled
		states["flow.after_"+strings.TrimPrefix(address, "flow.")] = apply.Cancelled
	}
	equal(t, states, result.states())
	equal(t, 2*len(stubborn), result.summary.Cancelled)
	equal(t, map[string]string{}, p.recorded())
	checkCounts(t, len(states), result)
}

// alive says whether a process is there and has not ended.
func alive(number int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", number))
	if errors.Is(err, os.ErrNotExist) && syscall.Kill(number, 0) == nil {
		return true // a system without /proc
	}
	_, after, _ := bytes.Cut(status, []byte(") "))
	return err == nil && !bytes.HasPrefix(after, []byte("Z"))
}

// A context that has ended before starts nothing.
func TestNothingStartsAfterAnInterrupt(t *testing.T) {
	runner := newFake()
	p := newProject(t, `
		flow "command" "a" {
			argv = ["a"]
			bundle { include = [] }
		}
		flow "command" "b" {
			argv       = ["b"]
			depends_on = [flow.a]
			bundle { include = [] }
		}`, runner)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	result := p.apply(ctx, nil)
	equal(t, map[string]apply.State{"flow.a": apply.Cancelled, "flow.b": apply.Cancelled}, result.states())
	equal(t, map[string]int{}, runner.runs)
	if !errors.Is(result.err, context.Canceled) {
		t.Errorf("got the error %v", result.err)
	}
}

// An interrupt while a flow is prepared, and one while its finished run is
// judged: the first never starts, the second is recorded, since it ran.
func TestInterruptBeforeAndAfterTheProcess(t *testing.T) {
	for _, test := range []struct {
		name string
		when func(interrupt func(), runner *fake) (watch func(apply.Event))
		want apply.State
		runs int
	}{
		{"prepared", func(interrupt func(), _ *fake) func(apply.Event) {
			return func(event apply.Event) {
				if event.State == apply.Preparing {
					interrupt()
				}
			}
		}, apply.Cancelled, 0},
		{"judged", func(interrupt func(), runner *fake) func(apply.Event) {
			runner.judging = func(string) { interrupt() }
			return nil
		}, apply.Succeeded, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			runner := newFake()
			p := newProject(t, `
				flow "command" "a" {
					argv = ["a"]
				}`, runner)
			p.write("code.py", "") // copying it is given up
			result := p.apply(ctx, test.when(cancel, runner))
			equal(t, map[string]apply.State{"flow.a": test.want}, result.states())
			equal(t, test.runs, len(p.recorded()))
			if !errors.Is(result.err, context.Canceled) {
				t.Errorf("got the error %v", result.err)
			}
		})
	}
}
