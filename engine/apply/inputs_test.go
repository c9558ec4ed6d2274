package apply_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// A flow that depends on many has one input for each, and not each of them in
// each place of the list: that would be megabytes for some hundred.
func TestDependsOnHasOneInputForEachFlow(t *testing.T) {
	var text strings.Builder
	var all []string
	for i := range 30 {
		fmt.Fprintf(&text, "flow \"command\" \"f%d\" {\n  argv = [\"true\", \"%d\"]\n  bundle { include = [] }\n}\n", i, i)
		all = append(all, fmt.Sprintf("flow.f%d", i))
	}
	fmt.Fprintf(&text, "flow \"command\" \"last\" {\n  argv = [\"true\"]\n  depends_on = [%s]\n  bundle { include = [] }\n}\n", strings.Join(all, ", "))
	p := newProject(t, text.String(), newFake())
	p.apply(context.Background(), nil)
	records, _ := p.records().All()
	seen := map[string]int{}
	for _, selected := range records {
		for _, input := range selected.Record.Inputs {
			seen[input.Flow]++
		}
	}
	want := map[string]int{}
	for _, address := range all {
		want[address] = 1
	}
	equal(t, want, seen)
}
