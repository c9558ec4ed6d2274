package battery_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/flowrider/flowrider/internal/testenv"
)

// wood is the program of a flow with 50 descendants that do all they can to
// stay: all signals are ignored, and they are in the group, in sessions of
// their own, orphans, orphans in sessions of their own, and such with an empty
// environment. Each writes its number.
const wood = `
trap '' HUP INT QUIT TERM USR1 USR2 PIPE ALRM TSTP TTIN TTOU
stay='trap "" HUP INT QUIT TERM USR1 USR2 PIPE ALRM TSTP TTIN TTOU; echo $$ >> "$0"; exec sleep 1000'
for i in 1 2 3 4 5 6 7 8 9 10; do
	sh -c "$stay" "$1" &
	setsid sh -c "$stay" "$1" &
	(sh -c "$stay" "$1" &)
	(setsid sh -c "$stay" "$1" > /dev/null 2>&1 &)
	(env -i PATH="$PATH" setsid sh -c "$stay" "$1" > /dev/null 2>&1 &)
done
while [ "$(wc -l < "$1")" -lt 50 ]; do sleep 0.02; done
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
	t.Run("trees", func(t *testing.T) {
		for try := range treeTries {
			t.Run(fmt.Sprint(try), func(t *testing.T) {
				t.Parallel()
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
				until(t, "the tree", func() bool { return len(p.written("pids")) == 51 })
				all, want := p.written("pids"), 0
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
		}
	})
	if gone.Load() != treeTries {
		t.Errorf("%d of %d trees were gone", gone.Load(), treeTries)
	}
	testenv.Figure(t, "T12", "%d of %d trees of 50 descendants gone, those that were stopped at most %.1f s after their grace time",
		gone.Load(), treeTries, time.Duration(longest.Load()).Seconds())
}
