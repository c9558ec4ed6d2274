//go:build full

package battery_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/internal/testenv"
)

// concurrent are the packages that start goroutines.
var concurrent = []string{
	"./engine", "./engine/apply", "./engine/attempt", "./engine/blob", "./engine/bundle", "./engine/hook", "./engine/index", "./engine/record",
	"./engine/runner/command", "./internal/durable", "./internal/process", "./internal/redact", "./internal/screen",
}

// Tests of what happens at once run five times in random order, with the
// detector of races.
func TestT37RacesInAnyOrder(t *testing.T) {
	const shuffled = 5
	test := exec.Command("go", append([]string{"test", "-race", "-shuffle=on", "-count=5", "-timeout=60m"}, concurrent...)...)
	test.Dir = repository
	out, err := test.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	testenv.Figure(t, "T37", "%d packages, %d runs in random order with the detector of races: %d races",
		len(concurrent), shuffled, strings.Count(string(out), "WARNING: DATA RACE"))
}
