package schema

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func TestWhichTypeIsMeant(t *testing.T) {
	for written, want := range map[string]string{
		`dict(string)`: "map(string)", `array(int)`: "list(number)", `List(List(str))`: "list(list(string))", `list[string]`: "list(string)",
		`list(string, number)`: "tuple([string, number])", `tuple(string)`: "tuple([string])", `map(string, number)`: "map(number)",
		`["string"]`: "list(string)", `{ a = str, b = optional(int, 3) }`: "object({ a = string, b = optional(number, 3) })",
		`null`: "", `var.x`: "", `3`: "", `object`: "", `list(null)`: "", `optional(string)`: "",
		`list("` + strings.Repeat("(", 100_000) + `")`: "", // which a parser would follow to the end of its stack
	} {
		expr, diags := hclsyntax.ParseExpression([]byte(written), "x", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if got, _, _ := betterType(expr, hcl.Range{}); got != want {
			t.Errorf("%.40s: got %q, want %q", written, got, want)
		}
	}
}
