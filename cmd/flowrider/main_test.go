package main

import "testing"

// Exit 2 is what plan --detailed-exitcode gives for changes that are pending.
func TestAFaultOfOursIsNoPendingChange(t *testing.T) {
	if code := guarded(func() int { panic("on purpose") }); code != exitError {
		t.Errorf("exit code %d, want %d", code, exitError)
	}
}
