package eval

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/manifest"
)

// flowsOf evaluates every flow of a configuration, those named upstream with
// the result that is given.
func flowsOf(t *testing.T, source string, results map[string]Result) (map[string]*Flow, hcl.Diagnostics) {
	t.Helper()
	_, e := load(t, source)
	instances, diags := e.Instances()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	flows := map[string]*Flow{}
	for _, instance := range instances {
		result, ok := results[instance.Address.String()]
		if !ok {
			result = Result{Known: true, RunID: "1", DataVersion: "content:7"}
		}
		result.Parameters = Plain(cty.EmptyObjectVal)
		e.SetFlow(instance, result)
	}
	for _, instance := range instances {
		flow, moreDiags := e.Flow(instance)
		flows[instance.Address.String()], diags = flow, append(diags, moreDiags...)
	}
	return flows, diags
}

// hashedOf is what is hashed of one argument, a leaf a line.
func hashedOf(flow *Flow, argument string) string {
	var text strings.Builder
	for _, fact := range Facts(manifest.At(argument), flow.Arguments[argument].Hashed) {
		if fact.Unknown {
			fact.Value = "?"
		}
		text.WriteString(fact.Path.Below() + " = " + fact.Value + "\n")
	}
	return text.String()
}

func command(body string) string {
	return "flow \"command\" \"a\" {\n argv = [\"true\"]\n" + body + "\n}\n"
}

func TestTheHashedFormOfParametersIsWhatItShouldBe(t *testing.T) {
	for name, test := range map[string]struct{ source, want string }{
		"ambient default":             {`variable "v" { default = ambient({ a = "x", n = [1] }) }` + "\n" + command(`parameters = { a = var.v.a, n = var.v.n }`), "a = \"(ambient)\"\nn = \"(ambient)\"\n"},
		"ambient member of a default": {`variable "v" { default = { a = ambient("x"), b = "y" } }` + "\n" + command(`parameters = { v = var.v }`), "v.a = \"(ambient)\"\nv.b = \"y\"\n"},
		"ambient and typed":           {"variable \"v\" {\n type = number\n default = ambient(\"3\")\n}\n" + command(`parameters = { v = var.v }`), "v = 0\n"},

		"all ambient":            {command(`parameters = ambient({ a = 1, b = ["x"], c = "y" })`), "a = 0\nb = \"(ambient)\"\nc = \"(ambient)\"\n"},
		"chosen by the branch":   {command(`parameters = git.branch == "main" ? { a = 1 } : { a = 2 }`), "a = 0\n"},
		"chosen map":             {command(`parameters = git.branch != "main" ? tomap({ a = "1" }) : tomap({ b = "2" })`), "a = \"(ambient)\"\n"},
		"nested ambient objects": {command(`parameters = { p = ambient({ a = 1 }) }`), "p = \"(ambient)\"\n"},

		"set of numbers":     {command(`parameters = { s = toset([1.2, 1.7]) }`), "s[0] = 1.2\ns[1] = 1.7\n"},
		"set of booleans":    {command(`parameters = { s = toset([true, false]) }`), "s[0] = false\ns[1] = true\n"},
		"set of objects":     {command(`parameters = { s = toset([{ a = [1] }, { a = [2] }]) }`), "s[0].a[0] = 1\ns[1].a[0] = 2\n"},
		"ambient beside set": {command(`parameters = { s = toset([true, false]), t = toset([{ a = 1 }]), g = ambient([1]) }`), "g = \"(ambient)\"\ns[0] = false\ns[1] = true\nt[0].a = 1\n"},
		"ambient set":        {command(`parameters = { s = toset([true, ambient(false)]), t = toset([{ a = [ambient(1)] }]) }`), "s = \"(ambient)\"\nt = \"(ambient)\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			flows, diags := flowsOf(t, test.source, nil)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			if diff := cmp.Diff(test.want, hashedOf(flows["flow.a"], "parameters")); diff != "" {
				t.Errorf("hashed form (-want +got):\n%s", diff)
			}
		})
	}
}

func TestASetWithAnUnknownElementIsOneUnknown(t *testing.T) {
	source := twoFlows + `
flow "command" "c" {
  argv       = ["true"]
  parameters = { s = toset([flow.a.run_id, "x", flow.b.run_id]) }
}
`
	flows, diags := flowsOf(t, source, map[string]Result{"flow.a": {Changes: true}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	want := []manifest.Fact{{Path: manifest.At("parameters").With(manifest.Key("s")), Unknown: true, Changes: true}}
	if diff := cmp.Diff(want, Facts(manifest.At("parameters"), flows["flow.c"].Arguments["parameters"].Hashed)); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

func TestASensitiveDefaultIsNeverHashedInTheClear(t *testing.T) {
	flows, diags := flowsOf(t, `variable "v" { default = sensitive("hush-hush") }`+"\n"+command(`env = { T = var.v }`), nil)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if got, want := hashedOf(flows["flow.a"], "env"), "T = \"(sensitive)\"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := flows["flow.a"].Arguments["env"]; !Has(got.Real, Sensitive) || CanonicalJSON(got.Unmarked()) != `{"T":"hush-hush"}` {
		t.Errorf("what is passed: %#v", got.Real)
	}
}

func TestASensitiveValueIsRefusedWhereverItWouldBeSeen(t *testing.T) {
	for body, line := range map[string]int{
		`output "o" { file = sensitive("secret.txt") }`:       3,
		`bundle { include = [sensitive("secret.txt")] }`:      3,
		`tags = [sensitive("secret")]`:                        3,
		"env = { A = \"a\" }\nsalt = sensitive(\"secret\")\n": 4,
	} {
		_, diags := flowsOf(t, command(body), nil)
		if len(diags) != 1 || diags[0].Summary != "Sensitive value would be seen" || diags[0].Subject.Start.Line != line {
			t.Errorf("%s: got %v", body, diags)
		}
	}
}

func TestElementsOfAnAmbientForEachAreAmbient(t *testing.T) {
	for name, test := range map[string]struct{ forEach, want string }{
		"object": {`ambient({ k = { n = 1 } })`, "k = \"k\"\nn = 0\nv = \"(ambient)\"\n"},
		"set":    {`ambient(toset(["k"]))`, "k = \"(ambient)\"\nn = \"none\"\nv = \"(ambient)\"\n"},
		"member": {`{ k = { n = ambient(1), m = 2 } }`, "k = \"k\"\nn = 0\nv.m = 2\nv.n = 0\n"},
		"branch": {`git.branch == "main" ? { l = { n = 1 } } : { k = { n = 2 } }`, "k = \"k\"\nn = 0\nv = \"(ambient)\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			flows, diags := flowsOf(t, command("for_each = "+test.forEach+"\nparameters = { k = each.key, n = try(each.value.n, \"none\"), v = each.value }"), nil)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			if diff := cmp.Diff(test.want, hashedOf(flows[`flow.a["k"]`], "parameters")); diff != "" {
				t.Errorf("hashed form (-want +got):\n%s", diff)
			}
		})
	}
}
