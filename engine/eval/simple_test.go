package eval

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/testenv"
)

// Whatever an expression is made of, it is worth the same whether it is taken
// member by member or given to HCL as a whole.
func TestSimpleExpressionsAreWorthWhatHCLSays(t *testing.T) {
	_, e := load(t, `
variable "n" { default = 3 }
variable "s" { default = "text" }
variable "list" { default = ["a", "b"] }
variable "secret" {
  default   = "a-long-secret"
  sensitive = true
}
variable "object" { default = { x = "y", n = 1, amb = ambient("z") } }
locals {
  plain   = "p"
  amb     = ambient("here")
  object  = { a = 1, b = ["c", var.s], secret = var.secret }
  run     = flow.known.run_id
  runs    = { id = flow.known.run_id, path = flow.known.output.f.path, new = flow.changes.run_id }
  nothing = null
}
flow "command" "known" {
  argv       = ["true"]
  parameters = { n = 1 }
  output "f" { file = "f.txt" }
  output "v" { stdout = "json" }
}
flow "command" "unknown" { argv = ["true"] }
flow "command" "changes" { argv = ["true"] }
flow "command" "each" {
  for_each = { p = { n = 1 }, q = { n = 2 } }
  argv     = ["true", each.key]
}
`)
	instances, diags := e.Instances()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	known := runOf("1712", "aa")
	known.Outputs = map[string]ResultOutput{
		"f": {Path: "/home/jane/blobs/f.txt", Name: "f.txt", Digest: "h1:aa", DataVersion: "content:h1:aaf"},
		"v": {Digest: "h1:bb", DataVersion: "content:h1:bb", Value: cty.ObjectVal(map[string]cty.Value{"a": cty.NumberIntVal(1), "b": cty.StringVal("c")})},
	}
	var each *Each
	for _, instance := range instances {
		result := map[string]Result{"flow.known": known, "flow.unknown": {}, "flow.changes": {Changes: true}}[instance.Address.String()]
		result.Parameters = Plain(cty.ObjectVal(map[string]cty.Value{"n": cty.NumberIntVal(1)}))
		if instance.Each != nil {
			each = instance.Each
			result.Known, result.RunID, result.DataVersion = true, "run-"+instance.Each.Key, "content:"+instance.Each.Key
		}
		e.SetFlow(instance, result)
	}
	r := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	wants := []cty.Type{cty.DynamicPseudoType, cty.DynamicPseudoType, cty.String, cty.Number, cty.List(cty.String), cty.Map(cty.String), cty.List(cty.DynamicPseudoType),
		cty.Map(cty.List(cty.String)), cty.List(cty.Map(cty.String)), cty.Map(cty.ObjectWithOptionalAttrs(map[string]cty.Type{"k": cty.String, "k1": cty.String}, []string{"k1"}))}
	count := 0
	for range 20_000 {
		text, want := anyExpression(r, 3), wants[r.IntN(len(wants))]
		expr, diags := hclsyntax.ParseExpression([]byte(text), "a.hcl", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatalf("%s: %v", text, diags)
		}
		if _, ok := (&simple{eval: e, each: each}).evaluate(expr, constraint{Type: want}); ok {
			count++
		}
		got, diags := e.Evaluate(expr, want, each)
		expected, moreDiags := e.general(expr, want, each)
		if fmt.Sprint(diags) != fmt.Sprint(moreDiags) {
			t.Fatalf("%s as %#v: %v; of HCL %v", text, want, diags, moreDiags)
		}
		if !got.Real.RawEquals(expected.Real) || !got.Hashed.RawEquals(expected.Hashed) {
			t.Fatalf("%s as %#v:\n%#v\n%#v\nof HCL\n%#v\n%#v", text, want, got.Real, got.Hashed, expected.Real, expected.Hashed)
		}
		_, marks := got.Real.UnmarkDeep()
		if got.single && len(marks) > 0 {
			t.Fatalf("%s is marked, and said to have one form", text)
		}
		if got.marks != nil && !maps.Equal(got.marks, marks) {
			t.Fatalf("%s has the marks %v, and is said to have %v", text, marks, got.marks)
		}
		if address := wholeFlow(got.Real); address != "" && !got.mayHaveFlow() {
			t.Fatalf("%s has the flow %s, and is said to have none", text, address)
		}
	}
	if count < 3000 {
		t.Errorf("only %d of them are simple", count)
	}
}

// What is counted while a value is made is what is found in it.
func TestSizesAreThoseOfTheValues(t *testing.T) {
	r := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	sized := 0
	for range 2000 {
		text := strings.Replace(anyLiteral(r, 4), "}", strings.Repeat(" ", short+1)+"}", 1)
		for _, want := range []cty.Type{cty.DynamicPseudoType, cty.Map(cty.String), cty.Map(cty.Map(cty.String)), cty.Set(cty.Map(cty.Bool))} {
			value, ok := (&simple{eval: &Evaluator{}, constant: true}).evaluate(expression(t, text), constraint{Type: want})
			if !ok || value.size == nil {
				continue
			}
			sized++
			if size := sizeOf(value.Real); *value.size != *size {
				t.Fatalf("%s as %#v is of the size %+v, and said to be of %+v", text, want, *size, *value.size)
			}
		}
	}
	if sized < 500 {
		t.Errorf("the size of only %d values is known", sized)
	}
}

func anyExpression(r *rand.Rand, depth int) string {
	atoms := []string{
		`"a"`, `"7"`, `1`, `1.50`, `true`, `null`, `var.n`, `var.s`, `var.list`, `var.secret`, `var.object`, `var.object.x`, `var.object.amb`, `var.list[0]`, `var.list[7]`,
		`local.plain`, `local.amb`, `local.object`, `local.object.b[1]`, `local.object.secret`, `local.run`, `local.runs`, `local.runs.path`, `local.runs.new`, `local.nothing`,
		`flow.known.run_id`, `flow.known.name`, `flow.known.pathspec`, `flow.known.parameters`, `flow.known.parameters.n`, `flow.known.output.f.path`, `flow.known.output.f.digest`,
		`flow.known.output.v.value`, `flow.known.output.v.value.b`, `flow.unknown.run_id`, `flow.changes.run_id`, `flow.changes`, `flow.each["p"].run_id`, `each.key`, `each.value`, `each.value.n`,
		`git.commit`, `git`, `path.root`, `workspace`, `upper(var.s)`, `substr(flow.known.run_id, 0, 2)`, `1 + var.n`,
	}
	if depth == 0 || r.IntN(3) == 0 {
		return atoms[r.IntN(len(atoms))]
	}
	one := func() string { return anyExpression(r, depth-1) }
	switch r.IntN(8) {
	case 0, 1:
		var list []string
		for range r.IntN(4) {
			list = append(list, one())
		}
		return "[" + strings.Join(list, ", ") + "]"
	case 2, 3, 4:
		var list []string
		for i := range r.IntN(4) {
			key := []string{"k", `"q"`, `"a b"`, "(var.s)", `"${var.s}x"`, "null", "7"}[r.IntN(7)]
			if i > 0 && r.IntN(4) > 0 {
				key = fmt.Sprint("k", i)
			}
			list = append(list, key+" = "+one())
		}
		return "{ " + strings.Join(list, ", ") + " }"
	case 5:
		return `"` + []string{"", "x", "$${a} "}[r.IntN(3)] + "${" + one() + "}" + []string{"", "y", "${" + one() + "}"}[r.IntN(3)] + `"`
	case 6:
		return "(" + one() + ")"
	default:
		return "[for x in [" + one() + "] : x]"
	}
}

// What is known of the members of an object is not taken for those of an object in
// it.
func TestConstantsOfAnObjectAreItsOwn(t *testing.T) {
	_, e := load(t, `
flow "command" "a" {
  argv       = ["echo"]
  for_each   = toset(["k"])
  parameters = { a = 1, b = { c = each.key, d = 2 }, e = [each.key] }
}
`)
	instances, diags := e.Instances()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	flow, diags := e.Flow(instances[0])
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if diff := cmp.Diff(`{"a":1,"b":{"c":"k","d":2},"e":["k"]}`, CanonicalJSON(flow.Parameters.Unmarked())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A set that for_each alone goes through is not made; its keys are those that it
// would have.
func TestKeysOfTextsAreThoseOfTheirSet(t *testing.T) {
	lists := []string{`["b", "a", "b", "", "é", "e\u0301"]`, `[]`, `tolist(["b", "a"])`, `["a", 1]`, `[null]`, `["a", null]`, `[true]`, `var.hidden`, `[[]]`, `"a"`, `range(3)`, `[for i in range(12) : "k${i}"]`}
	for _, list := range lists {
		keysOf := func(forEach string) (keys []string, values string, summary string) {
			_, e := load(t, "variable \"hidden\" {\n  default   = [\"not to be seen\"]\n  sensitive = true\n}\nlocals {\n  set = toset("+list+")\n}\nflow \"command\" \"a\" {\n  for_each = "+forEach+"\n  argv     = [\"true\"]\n}\n")
			instances, diags := e.Instances()
			for _, instance := range instances {
				keys = append(keys, instance.Each.Key)
				values += fmt.Sprintf("%#v %#v\n", instance.Each.Value.Real, instance.Each.Value.Hashed)
			}
			if diags.HasErrors() {
				summary = diags[0].Summary
			}
			return keys, values, summary
		}
		keys, values, summary := keysOf("toset(" + list + ")")
		wantKeys, wantValues, wantSummary := keysOf("local.set")
		if diff := cmp.Diff(wantKeys, keys); diff != "" || values != wantValues || summary != wantSummary {
			t.Errorf("%s: %s, %s, want %s, %s (-want +got)\n%s", list, values, summary, wantValues, wantSummary, diff)
		}
	}
}
