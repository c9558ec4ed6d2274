//go:build linux

package process_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/internal/testenv"
)

// What a process does to its pipe keeps nobody: one whose grandchild holds it,
// in the group or out of it; one that never ends, until its time is over; one
// that writes on and on into it; and one of whose output nobody reads more.
func TestT15PipesKeepNobody(t *testing.T) {
	t.Parallel()
	const limit = 300 * time.Millisecond
	grace := process.Grace{Interrupt: 100 * time.Millisecond, Terminate: 100 * time.Millisecond}
	for name, test := range map[string]struct {
		script string
		bound  time.Duration // what it may take: 100 ms for its last words, its time if it has one, and what a stop takes
		ends   bool          // by itself
		log    func() *slow
	}{
		"its grandchild keeps it":           {script: `(sleep 1000 &); exit 0`, bound: 900 * time.Millisecond, ends: true},
		"a deaf daemon keeps it":            {script: `trap '' INT TERM; setsid sleep 1000 & exit 0`, bound: 900 * time.Millisecond, ends: true},
		"it never ends":                     {script: `trap '' INT TERM; while :; do sleep 0.05; done`, bound: limit + 300*time.Millisecond},
		"it never ends and never is silent": {script: `trap '' INT TERM; while :; do echo word; done`, bound: limit + 300*time.Millisecond},
		"nobody reads for a while":          {script: `yes | head -c 300000; exit 0`, bound: 100*time.Millisecond + time.Second, ends: true, log: newSlow},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mutex sync.Mutex
			right, longest := 0, time.Duration(0)
			t.Run("tries", func(t *testing.T) {
				slots := make(chan struct{}, 4)
				for try := range pipeTries {
					t.Run(fmt.Sprint(try), func(t *testing.T) {
						t.Parallel()
						slots <- struct{}{}
						defer func() { <-slots }()
						options := process.Options{Marker: ulid.Make().String()}
						if test.log != nil {
							options.Log = test.log()
						}
						begun := time.Now()
						p, err := process.Start(process.Command{
							Path: "/bin/sh", Args: []string{"-c", test.script}, Env: map[string]string{"PATH": os.Getenv("PATH")},
						}, options)
						if err != nil {
							t.Fatal(err)
						}
						if !test.ends {
							defer process.AfterFunc(limit, func() { p.Stop(grace) })()
						}
						exit, took := p.Wait(), time.Since(begun)
						if exit.Stopped == test.ends || test.ends && exit.Code != 0 {
							t.Errorf("exit is %+v", exit)
						}
						if took > test.bound+pipeSlack {
							t.Errorf("it took %s, at most %s was expected", took, test.bound)
						}
						mutex.Lock()
						defer mutex.Unlock()
						longest = max(longest, took)
						if !t.Failed() {
							right++
						}
					})
				}
			})
			if right != pipeTries {
				t.Errorf("%d of %d were right", right, pipeTries)
			}
			testenv.Figure(t, "T15", "%s: %d of %d ended in time, after at most %.1f s where %.1f s are due", name, right, pipeTries, longest.Seconds(), test.bound.Seconds())
		})
	}
}

// slow is a log that takes nothing for a while.
type slow struct{ until time.Time }

func newSlow() *slow { return &slow{time.Now().Add(500 * time.Millisecond)} }

func (s *slow) Write(data []byte) (int, error) {
	time.Sleep(time.Until(s.until))
	return len(data), nil
}
