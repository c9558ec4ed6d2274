package testenv

import (
	"errors"
	"os"
	"testing"
)

// Root is for tests that mount, or trace, or become somebody else. Without the
// rights the test is skipped, loudly, and with FLOWRIDER_REQUIRE_ROOT=1 it
// fails.
func Root(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		Unable(t, errors.New("it must be run by root"))
	}
}

// Unable ends a test that this machine cannot run, though others can: as Root
// does.
func Unable(t testing.TB, err error) {
	t.Helper()
	absent(t, "FLOWRIDER_REQUIRE_ROOT", err)
}
