package battery_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/flowrider/flowrider/internal/testenv"
)

// stubborn is the program of a flow with descendants in the group and out of
// it. Every third one goes when it is asked to; the others ignore that. Each
// process of an attempt holds a lock: where one is held, another attempt runs.
// In the second apply the flows end at once. Some clear their environment, with
// flowrider's marker, and are known by their own process then. One that has ended
// would be out of reach, so they ignore signals and leave no orphan out of the
// group.
const stubborn = `
if [ -e "$1/hide" ] && [ $(($2 % 6)) -eq 1 ] && [ -z "$3" ]; then
	exec env -i PATH="$PATH" sh "$0" "$1" "$2" hidden
fi
exec 9> "$1/locks/$2"
flock -n 9 || echo "$2" >> "$1/overlaps"
[ -e "$1/enough" ] && exit 0
[ $(($2 % 3)) -gt 0 ] && trap '' INT TERM HUP
echo $$ >> "$1/pids"
setsid sleep 1000 &
echo $! >> "$1/pids"
[ -n "$3" ] || (setsid sleep 1000 &)
sleep 1000 &
echo $! >> "$1/pids"
while :; do wait; sleep 0.1; done
`

const flowsAtOnce = 16

// deaths are the ways to die.
var deaths = []string{"apply", "its guard, then apply", "both at once"}

// Whatever is killed, nothing stays: when apply is, its guard ends everything
// within 8 s; when its guard is, it gets another one; when both are, the next
// apply ends everything. No attempt runs beside another one of the same flow,
// and the next apply converges.
func TestT13NothingOutlivesAKilledApply(t *testing.T) {
	t.Parallel()
	seed := testenv.Seed(t)
	var mutex sync.Mutex
	right, longest := map[string]int{}, time.Duration(0)
	atOnce(t, killTries, 6, func(t *testing.T, try int) {
		death := deaths[try%len(deaths)]
		k := newKill(t, rand.New(rand.NewPCG(seed, uint64(try))))
		defer k.endAll()
		k.begin()
		k.kill(death)
		took := time.Duration(0)
		if death != deaths[2] && try%4 > 0 { // else the next apply comes at once
			took = k.gone()
		}
		k.converges()
		if !t.Failed() {
			mutex.Lock()
			defer mutex.Unlock()
			right[death]++
			longest = max(longest, took)
		}
	})
	all := 0
	for _, n := range right {
		all += n
	}
	if all != killTries {
		t.Errorf("%d of %d kills left nothing: %v", all, killTries, right)
	}
	testenv.Figure(t, "T13", "%d of %d kills of an apply with 16 flows (%d of apply, %d of its guard first, %d of both at once) left nothing; with a guard it took at most %.1f s; no attempt ran beside another one",
		all, killTries, right[deaths[0]], right[deaths[1]], right[deaths[2]], longest.Seconds())
}

// kill is one apply that is killed.
type kill struct {
	*project
	random *rand.Rand
	apply  *exec.Cmd
	died   time.Time
	early  bool // killed at any time, and not when all flows run
}

func newKill(t *testing.T, random *rand.Rand) *kill {
	p := newProject(t, t.TempDir(), fmt.Sprintf(`
		flow "command" "f" {
			for_each = toset([for n in range(%d) : tostring(n)])
			argv     = ["sh", "stubborn.sh", path.root, each.key]
			env      = { %s = ambient(path.root) }
		}`, flowsAtOnce, trace))
	p.write("stubborn.sh", stubborn)
	p.write(".flowriderignore", "*\n!stubborn.sh\n")
	if err := os.Mkdir(filepath.Join(p.dir, "locks"), 0o777); err != nil {
		t.Fatal(err)
	}
	return &kill{project: p, random: random}
}

// begin starts the apply, and waits until all flows run or for any time.
func (k *kill) begin() {
	k.t.Helper()
	k.apply = k.command("apply", "--parallelism", fmt.Sprint(flowsAtOnce))
	// Whoever hides before its number is written down is found by nobody.
	if k.early = k.random.IntN(4) == 0; !k.early {
		k.write("hide", "")
	}
	if err := k.apply.Start(); err != nil {
		k.t.Fatal(err)
	}
	if k.early {
		time.Sleep(time.Duration(k.random.Int64N(int64(time.Second))))
		return
	}
	until(k.t, "all flows", func() bool { return len(k.written("pids")) >= 3*flowsAtOnce })
}

// guard is the process ID of apply's guard, 0 as long as there is none.
func (k *kill) guard() int {
	children, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", k.apply.Process.Pid))
	for _, path := range children {
		text, _ := os.ReadFile(path)
		for _, field := range strings.Fields(string(text)) {
			pid, _ := strconv.Atoi(field)
			line, _ := os.ReadFile(filepath.Join("/proc", field, "cmdline"))
			if alive(pid) && bytes.Contains(line, []byte("\x00guard-")) {
				return pid
			}
		}
	}
	return 0
}

func (k *kill) kill(death string) {
	k.t.Helper()
	guard := k.guard()
	switch {
	case guard == 0: // killed before anything has started
	case death == "both at once":
		if k.random.IntN(2) == 0 {
			syscall.Kill(guard, syscall.SIGKILL)
			break
		}
		k.apply.Process.Kill()
		syscall.Kill(guard, syscall.SIGKILL)
	case death == "its guard, then apply":
		syscall.Kill(guard, syscall.SIGKILL)
		until(k.t, "another guard", func() bool { again := k.guard(); return again != 0 && again != guard })
	}
	k.apply.Process.Kill()
	k.died = time.Now()
	k.apply.Wait()
}

// gone waits until nothing is left, and says how long that has taken.
func (k *kill) gone() (took time.Duration) {
	k.t.Helper()
	for left := k.left(); len(left) > 0; left = k.left() {
		if time.Since(k.died) > 8*time.Second {
			k.t.Errorf("processes %v are left 8 s after apply was killed", left)
			return 0
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(k.died)
}

func (k *kill) left() []int { return append(k.traced(), living(k.written("pids"))...) }

// converges runs the next apply.
func (k *kill) converges() {
	k.t.Helper()
	before := k.left()
	k.write("enough", "")
	k.must("apply", "--parallelism", fmt.Sprint(flowsAtOnce))
	if left := append(living(before), k.traced()...); len(left) > 0 {
		k.t.Errorf("processes %v are left after the next apply", left)
	}
	if overlaps, err := os.ReadFile(filepath.Join(k.dir, "overlaps")); err == nil {
		k.t.Errorf("there were two attempts at once of %q", strings.Fields(string(overlaps)))
	}
	if runs, problems := recorded(k.dir); len(runs) != flowsAtOnce || len(problems) > 0 {
		k.t.Errorf("%d flows are recorded (%v)", len(runs), problems)
	}
}
