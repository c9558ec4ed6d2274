package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/internal/process"
)

// What is said at each Ctrl-C is how long flows have, all waits together.
func TestSayings(t *testing.T) {
	for _, test := range []struct {
		longest process.Grace
		first   string
		second  string
	}{
		{process.Grace{}, "up to 40s to end (30s after SIGINT, 10s after SIGTERM). Press Ctrl-C again for 10s, a", "up to 10s"},
		{process.Grace{Interrupt: 5 * time.Minute}, "up to 5m 10s to end (5m 0s after SIGINT, 10s after SIGTERM). Press Ctrl-C again for 10s, a", "up to 10s"},
		{process.Grace{Interrupt: time.Second, Terminate: 2 * time.Second}, "up to 3s to end (1s after SIGINT, 2s after SIGTERM). Press Ctrl-C again for 3s, a", "up to 3s"},
	} {
		want := [...]string{
			"Stopping: running flows have " + test.first + " third time to kill them.",
			"Stopping: running flows have " + test.second + " to end. Press Ctrl-C again to kill them.",
			"Stopping: running flows are killed.",
		}
		if diff := cmp.Diff(want, sayings(test.longest)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
