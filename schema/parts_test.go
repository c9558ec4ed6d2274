package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// wholeFile has all that makes it hard to find where a file can be parted.
func wholeFile(blocks int) []byte {
	pieces := []string{
		"flow \"command\" \"a%[1]d\" {\n  argv = [\n    \"echo\", # }\n    \"${\n  1 }\",\n  ]\n}\n",
		"locals {\n  b%[1]d = <<-EOT\n    }\n\n    flow \"x\" \"y\" {\n  EOT\n}\n\n",
		"/* a comment\n} that goes\n\non */ variable \"c%[1]d\" {}\n",
		"// größer }\r\nflow \"command\" \"d%[1]d\" {\r\n  argv = [\"ä\", \"%%{ if true }}%%{ endif }\"]\r\n}\r\n",
		"  output \"e%[1]d\" { value = 1 }\n\n\n",
		"locals {\n\tobject%[1]d = {\n\t\ta = { x = \"ß\", # }\n\t\t}, \"b c\" = [\n\t\t 1,\n\t\t 2 ]\r\n # b {\n (d) : <<E\n  }\nE\n\n  for = [for x in y :\n x]\n}\n  next%[1]d = {}\n}\n",
		"locals {\n  list%[1]d = [ 1, # ,\n\n {\n a = 1 }\n, \"x${\n1\n}\",\n 2\n - 1, // ]\n -1, 7\n\n  , [],\n]\n}\n",
		"locals {\n  for%[1]d = { for x in [\n1,\n2] :\n x\n => y ...\n if\n true\n}\n sum%[1]d = [\n 1,\n 2,\n 3,\n][\n2]\n}\n",
		"profile \"command\" \"f%[1]d\" {\n retry {\n times = 1\n max_delay = \"1s\"\n }\n env = merge({\n a = 1\n b = 2\n },\n {\n c = 3\n })\n}\n",
	}
	var text strings.Builder
	for i := range blocks {
		fmt.Fprintf(&text, pieces[i%len(pieces)], i)
	}
	return []byte(text.String())
}

// A file that is parsed in parts gives the same blocks, at the same places, wherever it
// is parted.
func TestPartsAreTheWhole(t *testing.T) {
	source := wholeFile(1000)
	whole, diags := hclsyntax.ParseConfig(source, "a.flow.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	want := nodes(whole.Body.(*hclsyntax.Body))
	for _, size := range []int{1, 2, 3, 7, 10, 25, 50, 100, partBytes} {
		parted, seams := inParts(t, source, size)
		if len(seams.blocks) < 10 || size <= 10 && len(seams.items) < 10 {
			t.Errorf("in parts of %d bytes: only %d seams between blocks, and %d lists", size, len(seams.blocks), len(seams.items))
		}
		if diff := gocmp.Diff(want, parted); diff != "" {
			t.Errorf("in parts of %d bytes (-whole +in parts)\n%s", size, diff)
		}
	}
}

// A block that is as large as a part is one, however large the lists in it are.
func TestEachLargeBlockIsAPart(t *testing.T) {
	var text strings.Builder
	for i := range 50 {
		fmt.Fprintf(&text, "flow \"command\" \"a%d\" {\n  argv = [\n%s  ]\n}\n", i, strings.Repeat("    \"an argument\",\n", partBytes/18*(1+i%4)))
	}
	parted, seams := inParts(t, []byte(text.String()), partBytes)
	if len(seams.blocks) != 50 || parted == nil {
		t.Errorf("%d of 50 blocks are parts", len(seams.blocks))
	}
}

// inParts lists all that is in a file in parts of so many bytes at least; nothing of
// one that has to be parsed as a whole.
func inParts(t *testing.T, source []byte, size int) ([]string, seams) {
	s := &scanner{meter: newMeter(), source: source, partBytes: size}
	if s.check("a.flow.hcl").HasErrors() {
		return nil, seams{}
	}
	bodies, ok := parts("a.flow.hcl", source, s.seams)
	if !ok {
		return nil, seams{}
	}
	var list []string
	for body := range bodies {
		if body == nil {
			return nil, seams{}
		}
		list = append(list, nodes(body)...)
	}
	return list, s.seams
}

// Whatever a file holds, its parts are those of the whole, or it has none.
func FuzzParts(f *testing.F) {
	f.Add(string(wholeFile(9)), uint8(1))
	f.Add(string(wholeFile(9)), uint8(30))
	f.Add("a {\n b = {\n c = 1,\n d = 2\n e = <<A\n }\nA\n f = [\n1,\n2,\n3,\n]\n}\n c = [\n1,\n2\n,\n{\n},\n [],\n for]\n}\n", uint8(0))
	f.Fuzz(func(t *testing.T, source string, size uint8) {
		if !utf8.ValidString(source) || strings.ContainsRune(source, 0) {
			t.Skip()
		}
		parted, _ := inParts(t, []byte(source), 1+int(size))
		if parted == nil {
			return
		}
		whole, diags := hclsyntax.ParseConfig([]byte(source), "a.flow.hcl", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatalf("it has parts, and mistakes as a whole: %v", diags)
		}
		if diff := gocmp.Diff(nodes(whole.Body.(*hclsyntax.Body)), parted); diff != "" {
			t.Errorf("(-whole +in parts)\n%s", diff)
		}
	})
}

// Where a part is wrong, or is none, the whole file is parsed.
func TestPartsOfWrongFiles(t *testing.T) {
	block := "flow \"command\" \"a\" { argv = [\"a\"] }\n"
	many := strings.Repeat(block, 300)
	for _, wrong := range []string{"a = 1\n", "flow {\n", "}\n", "flow \"command\" \"a\"\n{}\n", "/*\n", "a {\n b = <<E\n"} {
		source := []byte(many + wrong + many)
		seams, _ := newMeter().checkLimits("a.flow.hcl", source)
		seams.blocks = append([]int{len(block) * 100}, seams.blocks...)
		file := &configFile{name: "a.flow.hcl", source: source, seams: seams, part: newPart()}
		if file.decodeParts() || len(file.part.Flows) > 0 || len(file.diags) > 0 {
			t.Errorf("with %q it is taken in parts", wrong)
		}
	}
}

// nodes lists all that is in some blocks, with its place, in its order.
func nodes(body *hclsyntax.Body) (list []string) {
	begin := map[string]int{}
	for _, block := range body.Blocks {
		hclsyntax.VisitAll(block, func(node hclsyntax.Node) hcl.Diagnostics {
			switch node.(type) {
			case hclsyntax.Attributes, hclsyntax.Blocks:
				return nil // have the place of one of them, or none
			}
			at := node.Range()
			text := fmt.Sprintf("%T %s %d-%d", node, at, at.Start.Byte, at.End.Byte)
			if literal, ok := node.(*hclsyntax.LiteralValueExpr); ok {
				text += " " + literal.Val.GoString()
			}
			begin[text] = at.Start.Byte
			list = append(list, text)
			return nil
		})
	}
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(begin[a], begin[b]) })
	return list
}
