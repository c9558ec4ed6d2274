//go:build full

package metaflow

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/runner"
)

// A resumed run has the configs of the run that it goes on with, also where a
// newer one had others. Written as --origin-run-id=ID, Metaflow's decorators would
// get those of the newer.
func TestResumeHasTheConfigsOfItsOrigin(t *testing.T) {
	ready := filepath.Join(t.TempDir(), "ready")
	configured := func(x int64) *runner.Job {
		job := shared().job(t, "configured.py")
		job.Env["READY"] = ready
		value := cty.ObjectVal(map[string]cty.Value{"settings": cty.ObjectVal(map[string]cty.Value{"x": cty.NumberIntVal(x)})})
		job.Args["config_values"], job.Hashed["config_values"] = value, value
		return job
	}
	first := configured(1)
	for _, job := range []*runner.Job{first, configured(2)} {
		if exit, log := start(t, job); exit.Code == 0 {
			t.Fatalf("it has not failed:\n%s", log)
		}
	}
	if err := os.WriteFile(ready, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	origin := Runner{}.Started(first.Scratch)
	if step, ok := (Runner{}).Resumable(first, origin); step != "end" || !ok {
		t.Fatalf("Resumable: %q, %v", step, ok)
	}
	first.Resume = origin
	exit, log := start(t, first)
	if _, err := (Runner{}).Outcome(first, exit); err != nil || !strings.Contains(log, "SEEN 1 1") {
		t.Errorf("%v\n%s", err, log)
	}
}
