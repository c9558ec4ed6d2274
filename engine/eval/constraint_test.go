package eval

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/testenv"
	"github.com/flowrider/flowrider/schema"
)

// A value that is made element by element of what is written is the one that is made
// as a whole, or none.
func TestValuesOfVariablesFitElementByElement(t *testing.T) {
	types := []string{
		"any", "string", "list(string)", "set(number)", "map(any)", "map(string)", "tuple([string, number])",
		`object({ a = string, b = optional(number, 7), c = optional(string) })`,
		`list(object({ a = string, b = optional(number, 7) }))`, `map(object({ a = optional(string, "x"), b = optional(list(string), ["y"]) }))`,
		`map(list(object({ a = optional(string, "x") })))`, `map(map(number))`, `set(object({ a = optional(number) }))`,
		`object({ a = optional(map(object({ b = optional(bool, true) })), {}) })`,
	}
	r := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	fit := map[string]int{}
	for range 20_000 {
		of, text := types[r.IntN(len(types))], anyLiteral(r, 4)
		variable := &schema.Variable{Nullable: true}
		variable.Type, variable.Defaults, _ = typeexpr.TypeConstraintWithDefaults(expression(t, of))
		expr := expression(t, text)
		got, ok := fitted(variable, expr)
		if !ok {
			continue
		}
		value, diags := (&Evaluator{}).evaluate(expr, cty.DynamicPseudoType, nil)
		want, err := fitVariable(variable, value)
		if diags.HasErrors() || err != nil || !got.RawEquals(want) {
			t.Fatalf("%s as %s: %#v, and as a whole %#v: %v %v", text, of, got, want, diags, err)
		}
		fit[of]++
	}
	for _, of := range types {
		if fit[of] < 20 {
			t.Errorf("only %d values fit %s", fit[of], of)
		}
	}
}

func expression(t *testing.T, text string) hclsyntax.Expression {
	t.Helper()
	expr, diags := hclsyntax.ParseExpression([]byte(text), "a.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", text, diags)
	}
	return expr
}

// anyLiteral is a value as it could be written.
func anyLiteral(r *rand.Rand, depth int) string {
	kind := r.IntN(8)
	if depth == 0 {
		kind = 0
	}
	var parts []string
	switch kind {
	case 0, 1:
		return []string{`"a"`, `"7"`, "1", "true", "null", `"${1}x"`}[r.IntN(6)]
	case 2, 3, 4:
		for range r.IntN(3) {
			parts = append(parts, anyLiteral(r, depth-1))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	for range r.IntN(4) {
		parts = append(parts, fmt.Sprintf("%c = %s", 'a'+r.IntN(4), anyLiteral(r, depth-1)))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
