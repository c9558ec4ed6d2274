package eval

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/redact"
	"github.com/flowrider/flowrider/schema"
)

// fuzzed loads and evaluates a configuration of one file, whatever is in it:
// with messages that stand in it, and never a crash.
func fuzzed(t *testing.T, name, source string) {
	root := t.TempDir()
	for file, text := range map[string]string{schema.FileName: "", name: source} {
		if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	config, diags := schema.Load(root)
	for _, local := range config.Locals {
		parsedAgain(t, source, local.Attribute)
	}
	for _, flow := range config.Flows {
		for _, attribute := range expressions(flow) {
			parsedAgain(t, source, attribute)
		}
	}
	diags = append(diags, Check(config)...)
	if !diags.HasErrors() {
		values, moreDiags := Variables(config, nil)
		if diags = append(diags, moreDiags...); !moreDiags.HasErrors() {
			e := New(config, Given{Variables: values, Secrets: &redact.Secrets{}})
			_, moreDiags = e.Instances()
			if diags = append(diags, moreDiags...); !moreDiags.HasErrors() {
				for _, local := range config.Locals {
					for _, reference := range e.references(local.Attribute.Expr, nil) {
						if reference.Address.Block == "flow" || reference.Address.Block == "hook" {
							return // they have no values here
						}
					}
				}
				for _, local := range config.Locals {
					_, moreDiags = e.local(local.Address.Name)
					diags = append(diags, moreDiags...)
				}
			}
		}
	}
	for _, problem := range diag.Problems(diags, config.Sources) {
		if problem.Range != nil && (problem.Range.Start.Byte < 0 || problem.Range.Start.Byte > len(source)+len("\ufeff") || problem.Range.Start.Line < 1) {
			t.Errorf("%q: %s stands at %v", source, problem.Summary, problem.Range.Start)
		}
	}
}

// parsedAgain holds a simple expression, of which HCL's tree was dropped, to what
// it is when it is parsed again.
func parsedAgain(t *testing.T, source string, attribute *schema.Attribute) {
	t.Helper()
	simple := attribute.Simple()
	if simple == nil {
		return
	}
	again := schema.SimpleOf(hcl.UnwrapExpression(simple))
	switch {
	case again == nil:
		t.Errorf("%q: %s is not simple when it is parsed again", source, attribute.Name)
	case again.Range() != simple.Range() || !reflect.DeepEqual(again.Term, simple.Term) || !reflect.DeepEqual(again.References, simple.References):
		t.Errorf("%q: %s is\n%#v at %v, and parsed again\n%#v at %v", source, attribute.Name, simple.Term, simple.Range(), again.Term, again.Range())
	}
}

// Whatever is in the file, in native syntax.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"flow \"command\" \"a\" {\n  argv = [\"true\", var.b]\n  output \"o\" {\n    file = \"f\"\n  }\n}\nvariable \"b\" {\n  type = object({ a = optional(list(string), []) })\n  default = {}\n}\n",
		"locals {\n  a = [for k, v in { b = 1 } : \"${k}-${v}\" if v > 0]\n  c = local.a[*]\n}\n", "profile \"a\" {\n  inherits = [profile.b]\n}\n", "flow \"metaflow\" \"a\" {\n  for_each = toset([\"x\"])\n  file = each.key\n}\n",
		"flowrider {\n  runs = <<-A\n  x\n  A\n}\n", "hook \"command\" \"a\" {\n  argv = [", "moved {\n  from = flow.a\n  to = flow.b[\"x\"]\n}\n", "\ufeff/* a */ x = 1e5 # b\r\n",
		"\ufefflocals {\n  a = [\"x\", \"é\", { b = 1 }]\n}\n",
		"flow \"command\" \"a\" {\n  A\n  env = {\"\"}\n}\n",
		"/*=a;*/ x",
		"flow \"command\" \"a\" {\n  argv = [\"é\", \"${var.b}\", \"a${each.key}\\n\", # c\n    <<A\n  x\nA\n  ]\n  env = {\r\n    \"B C\" = null, \"D\": 1.50\r\n  }\n  salt = <<-E\n    a\n  E\n}\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) { fuzzed(t, "a.flow.hcl", source) })
}

// Whatever stands in an expression.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{
		`"${1 + 2}"`, `[for x in range(3) : x...]`, `{ a = try(1, 2), (upper("b")) = null }`, `format("%[1]s %05.2f %q", "a", 1.5, [])`, `replace("aaa", "/a(b)?/", "$1")`, `jsondecode("[1, {}]")[1]`, `sensitive("abcdefgh")`,
		`true ? [1] : ["a"]`, `setproduct(["a"], [1, 2])`, `"%{ for x in [1, 2] ~} ${x} %{ endfor }"`, "<<-A\n  ${1}\n  A\n", `merge({ a = 1 }, null)`, `regexall("a*", "baaa")`, `1e400 * 1e400`, `local.a`, `formatdate("YYYY", "2020-01-01T00:00:00Z")`,
		`cidrsubnet("10.0.0.0/8", 8, 1)`, `yamldecode("a: &a [1]\nb: *a")`, `substr("héllo", -3, 2)`, `[1, 2][*].a`, `parseint("zz", 36)`, `log(8, 2) / 0`, `chunklist([1, 2, 3], 2)`, `zipmap(["a"], [1])`, `ambient(1) + 1`, `templatefile("x", {})`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) { fuzzed(t, "a.flow.hcl", "locals {\n  a = "+source+"\n}\n") })
}

// Whatever is in the file, in JSON.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"locals": {"a": "${[for x in [1] : x]}", "b": [1, null, "%{if true}x%{endif}"]}}`, `{"flow": {"command": {"a": {"argv": ["true"], "depends_on": ["flow.b"]}, "b": [{"argv": []}]}}}`, `{"variable": {"a": {"type": "list(string)", "default": []}}}`,
		`[{"output": {"o": {"value": "$${x}"}}}]`, `{"flow": 1}`, `{"a": "\ud800\u0024{"}`, `{"//": "c", "locals": [{}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) { fuzzed(t, "a.flow.hcl.json", source) })
}
