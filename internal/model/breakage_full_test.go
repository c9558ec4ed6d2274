//go:build full

package model_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/internal/testenv"
)

// TestEachRuleIsNoticed breaks the engine, one rule at a time, and expects that
// the model notices.
func TestEachRuleIsNoticed(t *testing.T) {
	for _, b := range breakages {
		t.Run(b.rule, func(t *testing.T) {
			t.Parallel()
			output, passed := testenv.Broken{Root: "../..", File: b.file, Old: b.old, New: b.new, Environ: []string{"FLOWRIDER_MODEL_STEPS=20000"}}.
				Test(t, "-v", "-run", "TestEngineDoesWhatTheModelSays", "./internal/model", "-rapid.shrinktime=1ns")
			step := regexp.MustCompile(failedAfter + ` (\d+)`).FindStringSubmatch(output)
			first := regexp.MustCompile(`failed after \d+ tests: (.*)`).FindStringSubmatch(output)
			switch {
			case passed:
				t.Error("nobody has noticed")
			case strings.Contains(output, "panic: "), strings.Contains(output, "[rapid] panic after"): // also in a worker
				t.Log("the engine itself has noticed: it panics")
			case step == nil:
				t.Errorf("not a failure of the comparison:\n%s", output)
			case first == nil: // what a failure needs may depend on which of two flows ends first
				t.Logf("noticed in step %s, and not again with the same steps", step[1])
			default:
				t.Logf("noticed in step %s: %s", step[1], first[1])
			}
		})
	}
}
