package battery_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/flowrider/flowrider/internal/testenv"
)

// wood is the program of a flow with 50 descendants that do all they can to
// stay: all signals are ignored, and they are in the group, in sessions of
// their own, orphans, orphans in sessions of their own, and such with an empty
// environment. Each writes its number, the last kind apart from the others.
const wood = `
trap '' HUP INT QUIT TERM USR1 USR2 PIPE ALRM TSTP TTIN TTOU
stay='trap "" HUP INT QUIT TERM USR1 USR2 PIPE ALRM TSTP TTIN TTOU; echo $$ >> "$0"; exec sleep 1000'
for i in 1 2 3 4 5 6 7 8 9 10; do
	sh -c "$stay" "$1" &
	setsid sh -c "$stay" "$1" &
	(sh -c "$stay" "$1" &)
	(setsid sh -c "$stay" "$1" > /dev/null 2>&1 &)
	(env -i PATH="$PATH" setsid sh -c "$stay" "$1.hidden" > /dev/null 2>&1 &)
done
touch "$1" "$1.hidden"
while [ "$(cat "$1" "$1.hidden" | wc -l)" -lt 50 ]; do sleep 0.02; done
echo $$ >> "$1"
[ "$2" = ends ] && exit 0
while :; do sleep 0.1; done
`

// All descendants of a flow are gone when it is: when it is stopped, within
// its grace time and two seconds, and when it ends by itself.
func TestT12DescendantsAreGone(t *testing.T) {
	t.Parallel()
	seed := testenv.Seed(t)
	var gone atomic.Int64
	var longest atomic.Int64
	atOnce(t, treeTries, 4, func(t *testing.T, try int) {
		random := rand.New(rand.NewPCG(seed, uint64(try)))
		grace := time.Duration(100+random.IntN(400)) * time.Millisecond
		p := newProject(t, t.TempDir(), fmt.Sprintf(`
					flow "command" "wood" {
						argv = ["sh", "wood.sh", "${path.root}/pids", %q]
						env  = { %s = ambient(path.root) }
						stop {
							interrupt = "%s"
							terminate = "%s"
						}
					}`, []string{"stays", "ends"}[try%2], trace, grace/2, grace/2))
		p.write("wood.sh", wood)
		defer p.endAll()
		apply := p.command("apply")
		if err := apply.Start(); err != nil {
			t.Fatal(err)
		}
		until(t, "the tree", func() bool { return len(p.written("pids")) == 41 })
		all, want := append(p.written("pids"), p.written("pids.hidden")...), 0
		if try%2 == 0 {
			want = 130
			if left := living(all); len(left) != 51 {
				t.Fatalf("only %d processes of the tree live", len(left))
			}
			apply.Process.Signal(syscall.SIGINT)
		}
		asked := time.Now()
		apply.Wait()
		took := time.Since(asked)
		if left := append(living(all), p.traced()...); len(left) > 0 {
			t.Errorf("processes %v are left", left)
		}
		if code := apply.ProcessState.ExitCode(); code != want {
			t.Errorf("exit code %d, want %d", code, want)
		}
		if try%2 == 0 && took > grace+2*time.Second {
			t.Errorf("gone after %s, with a grace time of %s", took, grace)
		}
		if try%2 == 0 {
			longest.Store(max(longest.Load(), int64(took-grace)))
		}
		if !t.Failed() {
			gone.Add(1)
		}
	})
	if gone.Load() != treeTries {
		t.Errorf("%d of %d trees were gone", gone.Load(), treeTries)
	}
	testenv.Figure(t, "T12", "%d of %d trees of 50 descendants gone, those that were stopped at most %.1f s after their grace time",
		gone.Load(), treeTries, time.Duration(longest.Load()).Seconds())
}

// A flow that has ended leaves nothing behind while others run, but what has
// hidden so well that nobody knows whose it is: that goes with the last flow.
func TestT12DescendantsAreGoneWhileOthersRun(t *testing.T) {
	t.Parallel()
	p := newProject(t, t.TempDir(), fmt.Sprintf(`
		flow "command" "wood" {
			argv = ["sh", "wood.sh", "${path.root}/pids", "ends"]
			bundle { include = ["wood.sh"] }
			env  = { %[1]s = ambient(path.root) }
		}
		flow "command" "other" {
			argv = ["sh", "-c", "read line < $%[1]s/enough"]
			env  = { %[1]s = ambient(path.root) }
			bundle { include = [] }
		}`, trace))
	p.write("wood.sh", wood)
	fifo := filepath.Join(p.dir, "enough")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	defer p.endAll()
	apply := p.command("apply", "--parallelism", "2")
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the record", func() bool { _, err := os.Stat(filepath.Join(p.dir, "runs", "wood.json")); return err == nil })
	if all := p.written("pids"); len(all) != 41 || living(all) != nil {
		t.Errorf("of %d processes are left %v while another flow runs", len(all), living(all))
	}
	if err := os.WriteFile(fifo, []byte("enough\n"), 0); err != nil {
		t.Fatal(err)
	}
	if err := apply.Wait(); err != nil {
		t.Error(err)
	}
	if hidden := p.written("pids.hidden"); len(hidden) != 10 || living(hidden) != nil {
		t.Errorf("of %d hidden processes are left %v", len(hidden), living(hidden))
	}
}
