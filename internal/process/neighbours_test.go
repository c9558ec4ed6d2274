package process

import (
	"testing"

	"github.com/oklog/ulid/v2"
)

// Between fork and exec a new child holds all descriptors of its parent, the
// pipes of its neighbours included. Who looks for the leftovers of one process
// must not take another that is just starting for one of them.
func TestNeighboursThatAreStartingAreNoLeftovers(t *testing.T) {
	begin := func(script string) *Process {
		t.Helper()
		p, err := Start(Command{Path: "/bin/sh", Args: []string{"-c", script}, Dir: t.TempDir(), Env: map[string]string{"PATH": "/usr/bin:/bin"}},
			Options{Marker: ulid.Make().String()})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	alone := begin("exec sleep 60")
	defer func() { alone.Stop(Now); alone.Wait() }()
	started := make(chan struct{})
	go func() {
		defer close(started)
		for range 150 {
			begin("exit 0").Wait()
		}
	}()
	for looks := 0; ; looks++ {
		select {
		case <-started:
			t.Logf("looked %d times", looks)
			return
		default:
		}
		if left := alone.tree.left(alone.output.pipes); len(left) > 0 {
			t.Fatalf("look %d found %+v, which belongs to a neighbour", looks, left)
		}
	}
}
