package eval

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/schema"
)

// What a local value leads to is looked for once, and not for each environment whose
// for_each it is: twice as many of both are twice the work.
func TestForEachOfALongLocalIsExpandedInLinearWork(t *testing.T) {
	work := func(count int) uint64 {
		var text strings.Builder
		fmt.Fprint(&text, "locals { all = [")
		for i := range count {
			fmt.Fprintf(&text, "environment.e%d, ", i)
		}
		fmt.Fprintln(&text, "] }")
		for i := range count {
			fmt.Fprintf(&text, "environment \"pip\" \"e%d\" {}\nenvironment \"pip\" \"y%d\" { for_each = local.all[3] }\n", i, i)
		}
		config, e := load(t, text.String())
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if diags := checkCycles(config); diags.HasErrors() {
			t.Fatal(diags)
		}
		x := &expansion{eval: e, known: map[schema.Address][]*Each{}, failed: map[schema.Address]bool{}, lost: map[string]bool{}}
		for _, block := range config.Environments {
			x.expandBehind(allReferences(block.Arguments))
			if source := e.later.source(allReferences(block.Arguments)); source != "" {
				t.Fatal(source)
			}
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	if once, twice := work(500), work(1000); twice > 3*once {
		t.Errorf("%d bytes are taken for 500 environments, and %d for 1000", once, twice)
	}
}

// A local value that is a part of a cycle leads to a flow all the same, whichever is
// asked for first.
func TestWhatLocalValuesLeadTo(t *testing.T) {
	config, _ := load(t, `
locals {
  none  = [var.x, local.plain]
  plain = 1
  a     = local.b
  b     = [local.none, local.flow]
  flow  = [flow.f.run_id, hook.h]
}
variable "x" { default = 1 }
hook "command" "h" { argv = ["true"] }
flow "command" "f" { argv = ["true"] }
`)
	plain := config.Local("plain")
	plain.Attribute = config.Local("a").Attribute // plain -> b -> none -> plain
	want := map[string]string{"none": "flow.f", "plain": "flow.f", "a": "flow.f", "b": "flow.f", "flow": "flow.f"}
	for _, first := range config.Locals {
		l := newLater(config)
		for _, local := range append([]*schema.Local{first}, config.Locals...) {
			if got := l.source(localReferences(local)); got != want[local.Address.Name] {
				t.Errorf("%s leads to %q, not to %q, when %s is asked for first", local.Address, got, want[local.Address.Name], first.Address)
			}
		}
	}
}
