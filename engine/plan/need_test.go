package plan_test

import (
	"fmt"
	"runtime"
	"testing"
)

// What is near to what a flow lacks is looked for in all files: once for a flow, and
// not for each of its instances.
func TestWhatIsNearIsLookedForOncePerFlow(t *testing.T) {
	const files, instances = 1000, 300
	const search = files * 16 // bytes of memory that one takes at least: a list of all names
	p := newProject(t)
	for i := range files {
		p.write(fmt.Sprintf("data_%d/tool_%03d", i, i), "")
	}
	allocated := func(arguments string) uint64 {
		p.write("flowrider.hcl", fmt.Sprintf(`
flow "command" "first" {
  argv = ["first"]
}
flow "command" "many" {
  for_each = toset([for i in range(%d) : "tool_${1000 + i}"])
  after    = [flow.first]
  %s
}`, instances, arguments))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if planned, problems := p.plan(); planned == nil {
			t.Fatal(problems)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	most := allocated(`argv = ["tool"]`) + instances*search
	for _, lacks := range []string{
		`argv = ["bin/tool"]`,
		`argv = ["bin/${each.key}"]`,
		"argv = [\"tool\"]\nworkdir = \"bin/folder\"",
		"argv = [\"tool\"]\nworkdir = \"bin/${each.key}\"",
	} {
		if bytes := allocated(lacks); bytes > most {
			t.Errorf("%s: planning takes %d bytes of memory, and should take less than %d", lacks, bytes, most)
		}
	}
}
