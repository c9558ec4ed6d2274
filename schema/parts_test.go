package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// A file that is parsed in parts gives the same blocks, at the same places.
func TestPartsAreTheWhole(t *testing.T) {
	pieces := []string{
		"flow \"command\" \"a%d\" {\n  argv = [\n    \"echo\", # }\n    \"${\n  1 }\",\n  ]\n}\n",
		"locals {\n  b%d = <<-EOT\n    }\n\n    flow \"x\" \"y\" {\n  EOT\n}\n\n",
		"/* a comment\n} that goes\n\non */ variable \"c%d\" {}\n",
		"// größer }\r\nflow \"command\" \"d%d\" {\r\n  argv = [\"ä\", \"%%{ if true }}%%{ endif }\"]\r\n}\r\n",
		"output \"e%d\" { value = 1 }\n\n\n",
	}
	var text strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&text, pieces[i%len(pieces)], i)
	}
	source := []byte(text.String())
	cuts, diags := newMeter().checkLimits("a.flow.hcl", source)
	if diags.HasErrors() || len(cuts) < 10 {
		t.Fatalf("%d cuts: %v", len(cuts), diags)
	}
	whole, diags := hclsyntax.ParseConfig(source, "a.flow.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	bodies, ok := parts("a.flow.hcl", source, cuts)
	if !ok {
		t.Fatal("it has no parts")
	}
	var parted []string
	for body := range bodies {
		parted = append(parted, nodes(body)...)
	}
	if diff := cmp.Diff(nodes(whole.Body.(*hclsyntax.Body)), parted); diff != "" {
		t.Errorf("(-whole +in parts)\n%s", diff)
	}
}

// Where a part is wrong, or is none, the whole file is parsed.
func TestPartsOfWrongFiles(t *testing.T) {
	block := "flow \"command\" \"a\" { argv = [\"a\"] }\n"
	many := strings.Repeat(block, 300)
	for _, wrong := range []string{"a = 1\n", "flow {\n", "}\n", "flow \"command\" \"a\"\n{}\n", "/*\n", "a {\n b = <<E\n"} {
		source := []byte(many + wrong + many)
		cuts, _ := newMeter().checkLimits("a.flow.hcl", source)
		file := &configFile{name: "a.flow.hcl", source: source, cuts: append([]int{len(block) * 100}, cuts...), part: newPart()}
		if file.decodeParts() || len(file.part.Flows) > 0 || len(file.diags) > 0 {
			t.Errorf("with %q it is taken in parts", wrong)
		}
	}
}

// nodes lists all that is in some blocks, with its place.
func nodes(body *hclsyntax.Body) (list []string) {
	for _, block := range body.Blocks {
		hclsyntax.VisitAll(block, func(node hclsyntax.Node) hcl.Diagnostics {
			at := node.Range()
			list = append(list, fmt.Sprintf("%T %s %d-%d", node, at, at.Start.Byte, at.End.Byte))
			return nil
		})
	}
	return list
}
