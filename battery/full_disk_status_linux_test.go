package battery_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/internal/testenv"
)

// After an apply that a full disk has stopped, status says so and what to do,
// until there was another one.
func TestT05StatusAfterAFullDisk(t *testing.T) {
	program(t, "")
	if !testenv.Private(t) {
		return
	}
	dir := mountDisk(t, "size=12m")
	p := newProject(t, dir, `
		flow "command" "a" {
			argv = ["sh", "-c", "cat /dev/zero > $FILL 2> /dev/null; true"]
			env  = { FILL = ambient("${path.root}/fill") }
			output "o" { stdout = "text" }
			bundle { include = [] }
		}
		flow "command" "b" {
			argv  = ["true"]
			after = [flow.a]
			bundle { include = [] }
		}
	`)
	if ended := p.run("apply"); ended.code == 0 {
		t.Fatalf("the disk was not full:\n%s%s", ended.out, ended.errors)
	}
	stopped := p.run("status")
	if !strings.Contains(stopped.out, "was stopped: nothing more was started: ") || !strings.Contains(stopped.out, "make room, and apply again.") {
		t.Errorf("status says %s%s", stopped.out, stopped.errors)
	}
	if err := os.Remove(filepath.Join(dir, "fill")); err != nil {
		t.Fatal(err)
	}
	p.must("apply", "--replace", "flow.b")
	if after := p.must("status"); strings.Contains(after.out, "was stopped") {
		t.Errorf("after another apply status still says %s", after.out)
	}
}
