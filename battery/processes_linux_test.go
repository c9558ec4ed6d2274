package battery_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// atOnce makes tries, so many of them at a time. Parallel subtests would be as
// many as there are processors, and these wait most of their time.
func atOnce(t *testing.T, tries, most int, once func(t *testing.T, try int)) {
	var all sync.WaitGroup
	slots := make(chan struct{}, most)
	for try := range tries {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			t.Run(fmt.Sprint(try), func(t *testing.T) { once(t, try) })
		})
	}
	all.Wait()
}

// trace is the variable by which the processes of one project's flows are
// found here, apart from flowrider's own marker.
const trace = "BATTERY_TRACE"

// traced lists the living processes with the project's trace in their
// environment.
func (p *project) traced() (pids []int) {
	p.t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		p.t.Fatal(err)
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || !alive(pid) {
			continue
		}
		env, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "environ"))
		if bytes.Contains(env, []byte(trace+"="+p.dir+"\x00")) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// state is the letter by which /proc tells what a process does; 0 if there is
// none.
func state(pid int) byte {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	end := bytes.LastIndexByte(text, ')')
	if end < 0 || end+2 >= len(text) {
		return 0
	}
	return text[end+2]
}

func alive(pid int) bool { s := state(pid); return s != 0 && s != 'Z' && s != 'X' }

// living lists those of the processes that are alive.
func living(pids []int) (left []int) {
	for _, pid := range pids {
		if alive(pid) {
			left = append(left, pid)
		}
	}
	return left
}

// written are the process IDs that flows have written to a file.
func (p *project) written(name string) (pids []int) {
	text, _ := os.ReadFile(filepath.Join(p.dir, name)) // none yet
	for _, field := range strings.Fields(string(text)) {
		if pid, err := strconv.Atoi(field); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// until waits for something. The limit only ends a test that hangs.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	for !ok() {
		if ctx.Err() != nil {
			t.Fatalf("%s: it does not come", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// endAll ends what a test that has failed would leave behind.
func (p *project) endAll() {
	for _, pid := range append(p.traced(), living(append(p.written("pids"), p.written("pids.hidden")...))...) {
		syscall.Kill(pid, syscall.SIGKILL)
	}
}
