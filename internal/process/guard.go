package process

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/flowrider/flowrider/internal/fault"
)

// guarding is the one guard of this program: a process that ends what this
// program has started when this one dies. It learns of that by the end of a
// pipe, of which nobody but this program holds the other side.
var guarding guard

// guard is this program's side of it.
type guard struct {
	mu      sync.Mutex
	able    bool            // this program serves as its own guard, see ServeGuard
	process *os.Process     // nil without one
	pipe    *os.File        // what it is told; nil without one
	gone    chan struct{}   // closed when the process has ended
	last    int             // number of what was watched last
	watched map[int]watched // what runs, by number
}

// watched is a started process as the guard knows it.
type watched struct {
	marker string
	leader int  // process ID; 0 as long as it is not known
	alone  bool // it is not a group of its own
}

// guardArgument is what tells a guard from any other start of the program.
const guardArgument = "guard-the-processes-of-a-flowrider"

const (
	guardStart  = 30 * time.Second // how long a guard may take to be ready
	guardListen = 10 * time.Second // how long it may take to read what it is told
	guardEnd    = 20 * time.Second // how long it may take to end everything
)

// start starts a guard that knows everything.
func (g *guard) start() error {
	theirs, ours, err := os.Pipe()
	if err == nil {
		defer theirs.Close()
		g.pipe = ours
		// It finds in the pipe what runs: this program may be killed before the
		// guard has come so far that it could listen.
		widen(ours)
		for number, w := range g.watched {
			if err == nil {
				err = g.tell(w.told(number))
			}
		}
	}
	if err == nil {
		err = g.launch(theirs)
	}
	if err != nil {
		g.drop()
		return fmt.Errorf("nothing is started without a guard, which ends it should flowrider be killed: %w", err)
	}
	return nil
}

// launch starts the process, which reads from the pipe, and waits until it is
// ready.
func (g *guard) launch(theirs *os.File) error {
	ready, word, err := os.Pipe()
	if err != nil {
		return err
	}
	defer ready.Close()
	defer word.Close()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	program, err := guardProgram()
	if err != nil {
		return err
	}
	onThread(func() {
		closeOnExec()
		resetIgnoredSignals()
		// Until it is known nobody may judge it.
		trees.Lock()
		defer trees.Unlock()
		g.process, err = os.StartProcess(program, []string{os.Args[0], guardArgument}, &os.ProcAttr{
			Dir: "/", Env: []string{}, Files: []*os.File{theirs, word, null}, Sys: &syscall.SysProcAttr{Setsid: true},
		})
		if err == nil {
			trees.own[g.process.Pid] = true
		}
	})
	if err != nil {
		g.process = nil
		return err
	}
	g.gone = make(chan struct{})
	awaited, gone := g.process, g.gone
	fault.Go(func() { g.await(awaited, gone) })
	word.Close()
	if err := ready.SetReadDeadline(time.Now().Add(guardStart)); err != nil {
		return err
	}
	if _, err := ready.Read(make([]byte, 1)); err != nil {
		return fmt.Errorf("the guard does not start: %w", err)
	}
	return nil
}

// guardProgram is the file that this program was started from, also where
// another one has taken its place since.
var guardProgram = func() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(program)
}

// await follows a guard to its end. One that dies while it is needed is
// replaced at once; where that fails, the next process to be started tries
// again.
func (g *guard) await(process *os.Process, gone chan struct{}) {
	_, _ = process.Wait()
	trees.Lock()
	delete(trees.own, process.Pid)
	trees.Unlock()
	close(gone)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.process == process {
		g.drop()
		if len(g.watched) > 0 {
			_ = g.start()
		}
	}
}

// drop gives a guard up, dead or deaf. It must not end anything.
func (g *guard) drop() {
	if g.process != nil {
		_ = g.process.Kill()
	}
	if g.pipe != nil {
		g.pipe.Close()
	}
	g.process, g.pipe = nil, nil
}

// tell writes a line to the guard.
func (g *guard) tell(line string) error {
	if err := g.pipe.SetWriteDeadline(time.Now().Add(guardListen)); err != nil {
		return err
	}
	_, err := g.pipe.WriteString(line)
	return err
}

// watch lets the guard know that a process with the marker is about to be
// started. Where no guard can be had, nothing may be.
func (g *guard) watch(marker string, alone bool) (number int, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.able {
		return 0, nil
	}
	g.last++
	number = g.last
	if g.watched == nil {
		g.watched = map[int]watched{}
	}
	w := watched{marker: marker, alone: alone}
	g.watched[number] = w
	if g.pipe != nil && g.tell(w.told(number)) == nil {
		return number, nil
	}
	g.drop()
	if err := g.start(); err != nil {
		delete(g.watched, number)
		return 0, err
	}
	return number, nil
}

// started lets the guard know a process's ID.
func (g *guard) started(number, leader int) {
	g.change(number, func(w watched) {
		w.leader = leader
		g.watched[number] = w
		g.mustTell(w.told(number))
	})
}

// ended lets the guard know that nothing is left of a process.
func (g *guard) ended(number int) {
	g.change(number, func(watched) {
		delete(g.watched, number)
		g.mustTell(toldEnd(number))
	})
}

func (g *guard) change(number int, how func(watched)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if w, ok := g.watched[number]; ok {
		how(w)
	}
}

// mustTell tells the guard something, or another guard everything.
func (g *guard) mustTell(line string) {
	if g.pipe == nil || g.tell(line) != nil {
		g.drop()
		if len(g.watched) > 0 {
			_ = g.start() // or when the next process is started
		}
	}
}

// Dismiss sends the guard away. What still runs it ends before: this program
// is about to end, in whatever state it is.
func Dismiss() {
	g := &guarding
	g.mu.Lock()
	gone := g.gone
	if g.pipe != nil {
		g.pipe.Close()
	}
	dismissed := g.process
	g.process, g.pipe = nil, nil
	g.mu.Unlock()
	if dismissed == nil {
		return
	}
	select {
	case <-gone:
	case <-time.After(guardEnd):
	}
}
