package eval

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/schema"
)

// Flows are checked side by side, and their mistakes are told as if they were
// checked one after the other.
func TestMistakesOfManyFlowsAreToldInTurn(t *testing.T) {
	var text strings.Builder
	wrong := []int{3, atOnce - 1, atOnce, 2*atOnce + 1}
	for i := range 3 * atOnce {
		reference := fmt.Sprintf("flow.flow%d.run_id", (i+1)%(3*atOnce))
		if i == 3*atOnce-1 {
			reference = "path.root"
		}
		if slices.Contains(wrong, i) {
			reference = fmt.Sprintf("flow.flowx%d.run_id", i)
		}
		fmt.Fprintf(&text, "flow \"command\" \"flow%d\" {\n  argv = [\"true\", %s]\n}\n", i, reference)
	}
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, schema.FileName), []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	config, diags := schema.Load(root)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var lines []int
	for _, problem := range Check(config) {
		lines = append(lines, (problem.Subject.Start.Line-2)/3)
		if !strings.Contains(problem.Detail, "There is no flow.flowx") || !strings.Contains(problem.Detail, "Did you mean") {
			t.Error(problem.Detail)
		}
	}
	if !slices.Equal(lines, wrong) {
		t.Errorf("mistakes in flows %v, want %v", lines, wrong)
	}
}
