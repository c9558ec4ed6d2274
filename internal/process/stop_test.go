//go:build linux

package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// hard is a process tree that does all it can to stay: everything ignores INT
// and TERM; one child is in the group; one has forked twice, has its own
// session and prints nowhere; one has cleared its environment instead; one
// only has left the group. Each writes its process ID to $1; the script says
// so when all have.
const hard = `
trap '' INT TERM
stay='trap "" INT TERM; echo $$ >> "$1"; while :; do sleep 0.05; done'
echo $$ >> "$1"
sh -c "$stay" stay "$1" &
(setsid sh -c "sh -c '$stay' stay '$1' &" > /dev/null 2>&1 &)
(env -i PATH="$PATH" setsid sh -c "sh -c '$stay' stay '$1' &" &)
setsid sh -c "$stay" stay "$1" &
while [ "$(wc -l < "$1")" -lt 5 ]; do sleep 0.01; done
echo ready
`

// alive lists those of the processes that have not ended.
func alive(pids []int) (left []int) {
	for _, pid := range pids {
		if p, ok := readProcess(pid); ok && p.alive() {
			left = append(left, pid)
		}
	}
	return left
}

func TestStopEndsTheWholeTree(t *testing.T) {
	t.Parallel()
	list := filepath.Join(t.TempDir(), "pids")
	seen := newScreen()
	p := start(t, shell(hard+"while :; do sleep 0.05; done", list), Options{Log: seen})
	seen.await(t, "ready")
	all := pids(t, list)
	if len(all) != 5 || len(alive(all)) != 5 {
		t.Fatalf("of the processes %v live %v", all, alive(all))
	}
	p.Stop(Grace{Interrupt: time.Millisecond, Terminate: time.Millisecond})
	if diff := cmp.Diff(Exit{Code: -1, Signal: syscall.SIGKILL, Stopped: true}, p.Wait()); diff != "" {
		t.Errorf("exit (-want +got):\n%s", diff)
	}
	if left := alive(all); left != nil {
		t.Errorf("processes %v are left", left)
	}
}

// What was seen to belong to the tree is remembered when nothing else tells
// any more: here its parent ends first, its environment is empty, its session
// its own, and it does not print.
func TestStopRemembersDescendants(t *testing.T) {
	t.Parallel()
	list := filepath.Join(t.TempDir(), "pids")
	seen := newScreen()
	p := start(t, shell(`env -i PATH="$PATH" setsid sh -c 'trap "" INT TERM; echo $$ >> "$1"; while :; do sleep 0.05; done' sh "$1" > /dev/null 2>&1 &
		while [ ! -s "$1" ]; do sleep 0.01; done; echo ready; wait`, list), Options{Log: seen})
	seen.await(t, "ready")
	p.Stop(Grace{Interrupt: 200 * time.Millisecond, Terminate: time.Millisecond})
	if diff := cmp.Diff(Exit{Code: -1, Signal: syscall.SIGINT, Stopped: true}, p.Wait()); diff != "" {
		t.Errorf("exit (-want +got):\n%s", diff)
	}
	if left := alive(pids(t, list)); left != nil {
		t.Errorf("processes %v are left", left)
		syscall.Kill(left[0], syscall.SIGKILL)
	}
}

func TestNormalEndLeavesNothing(t *testing.T) {
	t.Parallel()
	list := filepath.Join(t.TempDir(), "pids")
	seen := newScreen()
	p := start(t, shell(hard+"exit 0", list), Options{Log: seen})
	if diff := cmp.Diff(Exit{}, p.Wait()); diff != "" {
		t.Errorf("exit (-want +got):\n%s", diff)
	}
	all := pids(t, list)
	if left := alive(all); left != nil || len(all) != 5 {
		t.Errorf("of the processes %v are left %v", all, left)
	}
	if diff := cmp.Diff([]string{"left processes behind, which were ended: sh, sleep"}, p.Notes()); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// The signals of a stop come in order, and a second stop shortens the waits
// of the first.
func TestStopInSteps(t *testing.T) {
	t.Parallel()
	seen := newScreen()
	p := start(t, shell("trap 'echo interrupted' INT; trap 'echo terminated' TERM; echo ready; while :; do sleep 0.01; done"), Options{Log: seen})
	seen.await(t, "ready\n")
	p.Stop(Grace{Interrupt: time.Hour, Terminate: time.Hour})
	seen.await(t, "interrupted\n")
	p.Stop(Grace{Interrupt: time.Millisecond, Terminate: time.Hour})
	seen.await(t, "terminated\n")
	p.Stop(Now)
	if diff := cmp.Diff(Exit{Code: -1, Signal: syscall.SIGKILL, Stopped: true}, p.Wait()); diff != "" {
		t.Errorf("exit (-want +got):\n%s", diff)
	}
	said := strings.ReplaceAll(seen.String(), "Terminated\n", "") // the shell, of its sleep
	if diff := cmp.Diff("ready\ninterrupted\nterminated\n", said); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	p.Stop(Now) // after the end: nothing happens
}

// A process that cleans up on SIGINT is given the time, keeps its own exit
// status, and gets SIGINT once.
func TestStopLetsCleanUp(t *testing.T) {
	t.Parallel()
	seen := newScreen()
	script := `trap 'echo cleaning; sleep 0.2; echo cleaned; exit 4' INT; echo ready; while :; do sleep 0.01; done`
	p := start(t, shell(script), Options{Log: seen})
	seen.await(t, "ready\n")
	p.Stop(Grace{})
	if diff := cmp.Diff(Exit{Code: 4, Stopped: true}, p.Wait()); diff != "" {
		t.Errorf("exit (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("ready\ncleaning\ncleaned\n", seen.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// What outlives the process itself while it is stopped gets its time too, and
// is not interrupted a second time.
func TestStopLetsChildrenCleanUp(t *testing.T) {
	t.Parallel()
	seen := newScreen()
	cmd := shell(`"$1" & wait`, os.Args[0])
	cmd.Env["PROCESS_TEST_HELPER"] = "cleaner"
	p := start(t, cmd, Options{Log: seen})
	seen.await(t, "ready\n")
	p.Stop(Grace{})
	if diff := cmp.Diff(Exit{Code: -1, Signal: syscall.SIGINT, Stopped: true}, p.Wait()); diff != "" {
		t.Errorf("exit (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("ready\ninterrupted\ncleaned\n", seen.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func init() {
	helpers["cleaner"] = func() {
		signals := make(chan os.Signal, 2)
		signal.Notify(signals, syscall.SIGINT)
		fmt.Println("ready")
		<-signals
		fmt.Println("interrupted")
		select {
		case <-signals:
			fmt.Println("again")
		case <-time.After(300 * time.Millisecond):
			fmt.Println("cleaned")
		}
	}
	helpers["blocked"] = func() {
		runtime.LockOSThread()
		blocked := unix.Sigset_t{}
		blocked.Val[0] = 1<<(syscall.SIGINT-1) | 1<<(syscall.SIGTERM-1)
		if err := unix.PthreadSigmask(unix.SIG_SETMASK, &blocked, nil); err != nil {
			panic(err)
		}
		own := exec.Command(os.Args[1], "^SigBlk", "/proc/self/status") // no shell: it would unblock them
		own.Stdout = os.Stdout
		again := exec.Command(os.Args[0], os.Args[1])
		again.Env = append(os.Environ(), "PROCESS_TEST_HELPER=grep")
		again.Stdout = os.Stdout
		if err := errors.Join(own.Run(), again.Run()); err != nil {
			panic(err)
		}
	}
	helpers["grep"] = func() {
		p, err := Start(Command{Path: os.Args[1], Args: []string{"^SigBlk", "/proc/self/status"}}, Options{Marker: attempt(), Log: os.Stdout})
		if err != nil {
			panic(err)
		}
		p.Wait()
	}
}

// A suspended process can be stopped too.
func TestStopSuspended(t *testing.T) {
	t.Parallel()
	seen := newScreen()
	p := start(t, shell(`trap 'exit 5' INT; echo ready; kill -STOP $$; while :; do sleep 0.01; done`), Options{Log: seen})
	seen.await(t, "ready\n")
	p.Stop(Grace{Interrupt: time.Hour})
	if diff := cmp.Diff(Exit{Code: 5, Stopped: true}, p.Wait()); diff != "" {
		t.Errorf("exit (-want +got):\n%s", diff)
	}
}

// Whoever holds the pipe after the end is ended, even if nothing but the pipe
// gives it away.
func TestHeldPipe(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"in the group":        `sleep 1000 & echo $! > "$1"; echo last words`,
		"cleared and daemon":  `env -i setsid sh -c 'echo $$ > "$1"; exec /bin/sleep 1000' sh "$1" & while [ ! -s "$1" ]; do sleep 0.01; done; echo last words`,
		"stderr of a session": `setsid sh -c 'echo $$ > "$1"; exec sleep 1000' sh "$1" >/dev/null & while [ ! -s "$1" ]; do sleep 0.01; done; echo last words`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := filepath.Join(t.TempDir(), "pids")
			seen := newScreen()
			p := start(t, shell(script, list), Options{Log: seen, Stdout: newScreen()})
			if diff := cmp.Diff(Exit{}, p.Wait()); diff != "" {
				t.Errorf("exit (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff("last words\n", seen.String()); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"left processes behind, which were ended: sleep"}, p.Notes()); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if left := alive(pids(t, list)); left != nil {
				t.Errorf("processes %v are left", left)
			}
		})
	}
}

// A process with another attempt's marker, or with ours as part of its own,
// is left alone.
func TestStrangersAreSpared(t *testing.T) {
	t.Parallel()
	id := attempt()
	stranger := exec.CommandContext(t.Context(), "/bin/sleep", "1000")
	stranger.Env = []string{marker + "=" + id + "0", "NOT_" + marker + "=" + id}
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	p := start(t, shell("sleep 1000"), Options{Marker: id})
	p.Stop(Now)
	p.Wait()
	if alive([]int{stranger.Process.Pid}) == nil {
		t.Error("a process with another marker was ended")
	}
	stranger.Process.Kill()
	stranger.Wait()
}

// A child gets SIGINT when flowrider is killed; now and then twice, since the
// kernel tells it of the end of each thread that became its parent.
func TestParentDeath(t *testing.T) {
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	// The child holds its end open from the start: a second signal in the middle
	// of an open would otherwise end it before it has spoken, and nobody would
	// ever open the other end for us. It ends by itself, should no signal come.
	script := `exec 3> "` + fifo + `"; trap 'echo interrupted >&3; exit' INT; echo ready >&3; n=0; while [ $((n += 1)) -lt 3000 ]; do sleep 0.01; done`
	helper := helperCommand(t, "run", ":", script)
	if err := helper.Start(); err != nil {
		t.Fatal(err)
	}
	child, err := os.Open(fifo)
	if err != nil {
		t.Fatal(err)
	}
	defer child.Close()
	said := bufio.NewReader(child)
	if line, err := said.ReadString('\n'); line != "ready\n" {
		t.Fatalf("the child said %q (%v)", line, err)
	}
	helper.Process.Kill()
	helper.Wait()
	last, err := io.ReadAll(said)
	if err != nil || !strings.HasPrefix(string(last), "interrupted\n") {
		t.Errorf("the child said %q (%v)", last, err)
	}
}

// A child outlives the thread of whoever asked for it.
func TestThreadOfCallerEnds(t *testing.T) {
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	seen := newScreen()
	var p *Process
	thread := os.Getpid()
	for thread == os.Getpid() { // the program's first thread never ends
		asked := make(chan struct{})
		go func() {
			defer close(asked)
			runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
			if thread = syscall.Gettid(); thread != os.Getpid() {
				p, _ = Start(shell(`trap 'echo interrupted' INT; echo ready; read line < "$1"; echo "$line"`, fifo), Options{Marker: attempt(), Log: seen})
			}
		}()
		<-asked
	}
	if p == nil {
		t.Fatal("not started")
	}
	seen.await(t, "ready\n")
	for { // until the kernel has ended the thread
		if _, err := os.Stat(fmt.Sprintf("/proc/self/task/%d", thread)); errors.Is(err, os.ErrNotExist) {
			break
		}
		runtime.Gosched()
	}
	writer, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(writer, "alive")
	writer.Close()
	p.Wait()
	if diff := cmp.Diff("ready\nalive\n", seen.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// As subreaper flowrider adopts and reaps orphans, takes no exit status from
// anybody who waits for it, and ends what has hidden itself.
func TestSubreaper(t *testing.T) {
	t.Parallel()
	list := filepath.Join(t.TempDir(), "pids")
	endsWith(t, list)
	cmd := helperCommand(t, "subreaper", ":", list)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if diff := cmp.Diff("200 right, 0 wrong, 0 zombies\n", string(out)); diff != "" {
		t.Errorf("exit statuses (-want +got):\n%s", diff)
	}
	all := pids(t, list)
	if left := alive(all); left != nil || len(all) != 31 {
		t.Errorf("of the processes %v are left %v", all, left)
	}
}

func init() {
	helpers["subreaper"] = runSubreaper
	helpers["regrouped"] = func() {
		list, err := os.OpenFile(os.Args[1], os.O_CREATE|os.O_WRONLY, 0o666)
		if err == nil {
			err = syscall.Setpgid(0, 0)
		}
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(list, os.Getpid())
		syscall.Exec("/bin/sleep", []string{"sleep", "1000"}, nil)
	}
}

// runSubreaper starts two stubborn trees, and beside them many processes that
// leave orphans behind and plain children of os/exec, all at once.
func runSubreaper() {
	if err := BecomeSubreaper(); err != nil {
		panic(err)
	}
	var right, wrong int
	var mu sync.Mutex
	count := func(ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if ok {
			right++
		} else {
			wrong++
		}
	}
	run := func(script string, want int) {
		p, err := Start(shell(script), Options{Marker: attempt()})
		count(err == nil && p.Wait() == Exit{Code: want})
	}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			for range 10 {
				run("(setsid true &); (true &); setsid sh -c 'true & exit 9' & exit 3", 3)
				_, err := Ask(context.Background(), shell("(setsid true &); exit 7"))
				var exit *exec.ExitError
				count(errors.As(err, &exit) && exit.ExitCode() == 7)
			}
		})
	}
	for range 2 {
		all.Go(func() {
			seen := newScreen()
			p, err := Start(shell(strings.ReplaceAll(hard, `-lt 5`, `-lt 10`)+"exit 0", os.Args[1]), Options{Marker: attempt(), Log: seen})
			if err != nil || p.Wait() != (Exit{}) {
				count(false)
			}
		})
	}
	all.Wait()
	// One that nothing gives away but that it has become our child.
	p, err := Start(shell(`(env -i PATH="$PATH" setsid sh -c 'sh -c "echo \$\$ >> $1; exec sleep 1000" &' sh "$1" > /dev/null 2>&1 &)
		while [ "$(wc -l < "$1")" -lt 11 ]; do sleep 0.01; done`, os.Args[1]), Options{Marker: attempt()})
	if err != nil || p.Wait() != (Exit{}) {
		count(false)
	}
	// Several that hide within this program's session, in a group of their own,
	// and whose trees end at once.
	for round := range 10 {
		var both sync.WaitGroup
		for i := range 2 {
			both.Go(func() {
				p, err := Start(shell(`(env -i PROCESS_TEST_HELPER=regrouped "$1" "$3" > /dev/null 2>&1 &)
					while [ ! -s "$3" ]; do sleep 0.01; done
					cat "$3" >> "$2"`, os.Args[0], os.Args[1], fmt.Sprint(os.Args[1], round, i)), Options{Marker: attempt()})
				if err != nil || p.Wait() != (Exit{}) {
					count(false)
				}
			})
		}
		both.Wait()
	}
	Dismiss()
	zombies := -1
	for deadline := time.Now().Add(20 * time.Second); zombies != 0 && time.Now().Before(deadline); runtime.Gosched() {
		zombies = 0 // or orphans of os/exec's children, which end by themselves
		for _, p := range processes() {
			if p.ppid == ownPID {
				zombies++
			}
		}
	}
	fmt.Printf("%d right, %d wrong, %d zombies\n", right, wrong, zombies)
}
