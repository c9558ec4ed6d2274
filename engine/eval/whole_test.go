package eval

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/schema"
)

const trained = `
flow "command" "clean" {
  argv = ["true"]
  output "n" { file = "a.txt" }
}
flow "command" "train" {
  for_each = toset(["x", "y"])
  argv     = ["true", each.key]
}
flow "command" "none" {
  for_each = {}
  argv     = ["true", each.key]
}
locals {
  one = flow.clean
  all = flow.train
}
`

func TestAWholeFlowIsNoValue(t *testing.T) {
	for body, column := range map[string]int{
		`parameters = { a = flow.clean }`:            20,
		`parameters = { a = [[local.one]] }`:         14,
		`parameters = flow.clean`:                    14,
		`parameters = { a = flow.train["x"] }`:       20,
		`parameters = { a = flow.train }`:            20,
		`parameters = { a = values(flow.train)[0] }`: 27,
		`env = { A = flow.clean }`:                   13,
		`salt = flow.clean`:                          8,
		`tags = [flow.clean]`:                        9,
	} {
		_, diags := flowsOf(t, trained+"flow \"command\" \"a\" {\n argv = [\"true\"]\n"+body+"\n}\n", nil)
		if len(diags) != 1 || diags[0].Summary != "A whole flow is no value" || diags[0].Subject.Start.Column != column {
			t.Errorf("%s: got %v", body, diags)
		}
	}
}

func TestExpressionsMayPassFlowsAround(t *testing.T) {
	flows, diags := flowsOf(t, trained+`
flow "command" "a" {
  argv       = ["true"]
  parameters = {
    runs   = { for k, f in flow.train : k => f.run_id }
    list   = [for f in values(local.all) : f.run_id]
    keys   = keys(flow.train)
    length = length(flow.train)
    one    = local.one.run_id
    splat  = values(flow.train)[*].run_id
    none   = { for k, f in flow.none : k => f.run_id }
    count  = length(flow.none)
  }
}
output "clean" { value = flow.clean }
`, nil)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	want := `count = 0
keys[0] = "x"
keys[1] = "y"
length = 2
list[0] = "@content:7"
list[1] = "@content:7"
none = {}
one = "@content:7"
runs.x = "@content:7"
runs.y = "@content:7"
splat[0] = "@content:7"
splat[1] = "@content:7"
`
	if diff := cmp.Diff(want, hashedOf(flows["flow.a"], "parameters")); diff != "" {
		t.Errorf("hashed form (-want +got):\n%s", diff)
	}
}

// A hook's value is of no known type until it has been called.
func TestLengthOfWhatIsNotKnownIsNotKnown(t *testing.T) {
	_, e := load(t, "hook \"python\" \"h\" { function = \"a:b\" }\n"+command(`parameters = { n = length(hook.h), m = length(ambient({ a = 1 })) }`))
	instances, _ := e.Instances()
	if got, want := manifestOf(t, e, instances[0]), "m = 1\nn = ?\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnEnvironmentInForEachIsNeeded(t *testing.T) {
	_, e := load(t, `
environment "pip" "e" { packages = { a = "" } }
flow "command" "a" {
  for_each    = { x = environment.e }
  argv        = ["true"]
  environment = each.value
}
flow "command" "none" {
  for_each = toset([])
  argv     = ["true"]
}
flow "command" "b" {
  argv       = ["true"]
  depends_on = [flow.none]
}
`)
	instances, diags := e.Instances()
	if diags.HasErrors() || len(instances) != 2 {
		t.Fatal(instances, diags)
	}
	if diff := cmp.Diff([]string{"environment.e"}, e.Graph(instances, nil).Needs(`flow.a["x"]`)); diff != "" {
		t.Errorf("what a needs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(0, len(e.Dependencies(instances[1]))); diff != "" {
		t.Errorf("dependencies on a flow without instances (-want +got):\n%s", diff)
	}
}

func TestDeclaredRoots(t *testing.T) {
	if diff := cmp.Diff([]string{"environment", "flow", "hook", "local", "project", "var"}, declared); diff != "" {
		t.Errorf("roots before the name of a block (-want +got):\n%s", diff)
	}
}

// A local value may have the name of an argument that makes order only: what it
// refers to is still what it needs.
func TestLocalsMayBeCalledAsArgumentsAre(t *testing.T) {
	config, e := load(t, `
locals {
  after      = flow.a.run_id
  depends_on = local.after
}
flow "command" "b" {
  argv = ["echo", local.depends_on]
}
flow "command" "a" {
  argv = ["echo", "a"]
}
`)
	instances, diags := e.Instances()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if needs := e.Graph(instances, nil).Needs("flow.b"); !slices.Equal(needs, []string{"flow.a"}) {
		t.Errorf("flow.b needs %v", needs)
	}
	config.Locals[0].Attribute = config.Locals[1].Attribute
	if diags := checkCycles(config); len(diags) != 1 || !strings.Contains(diags[0].Detail, "local.after -> local.after") {
		t.Errorf("the cycle of a local value is told as %v", diags)
	}
}

// A key that is settled names the one instance that is needed; any other leads to
// all of them.
func TestKeysNameInstances(t *testing.T) {
	_, e := load(t, `
locals {
  names = { a = { of = "b" }, b = { of = "a" } }
  of_a  = flow.x[var.key].run_id
}
variable "key" { default = "a" }
variable "secret" {
  default   = "secret"
  sensitive = true
}
hook "command" "h" {
  argv = ["echo", "a"]
}
flow "command" "x" {
  for_each = local.names
  argv     = ["echo", each.key]
}
flow "command" "by_key" {
  for_each   = local.names
  argv       = ["echo", flow.x[each.key].run_id]
  depends_on = [flow.by_value[each.key]]
  after      = [flow.by_text["${each.key}"], flow.x]
}
flow "command" "by_value" {
  for_each = local.names
  argv     = ["echo", upper(flow.x[each.value.of].run_id)]
}
flow "command" "by_text" {
  for_each = local.names
  argv     = ["echo", "${flow.x["${each.key}"].run_id} ${flow.x["a"].run_id}"]
}
flow "command" "by_local" { argv = ["echo", local.of_a] }
flow "command" "by_loop" { argv = ["echo", join("", [for k in ["a"] : flow.x[k].run_id])] }
flow "command" "by_shadow" {
  for_each = local.names
  argv     = ["echo", join("", [for each in [{ key = "a" }] : flow.x[each.key].run_id])]
}
flow "command" "by_file" { argv = ["echo", flow.x[fileexists("no") ? "b" : "a"].run_id] }
flow "command" "by_hook" { argv = ["echo", flow.x[hook.h].run_id] }
flow "command" "by_secret" {
  secrets = { A = flow.x[substr(var.secret, 4, 1) == "x" ? "b" : "a"].run_id }
  argv    = ["true"]
}
flow "command" "both" {
  for_each = local.names
  argv     = ["echo", join("", concat([flow.x[each.key].run_id], values(flow.x)[*].run_id))]
}
`)
	instances, diags := e.Instances()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	g := e.Graph(instances, nil)
	for node, want := range map[string][]string{
		`flow.by_key["a"]`:    {`flow.x["a"]`, `flow.by_value["a"]`},
		`flow.by_value["a"]`:  {`flow.x["b"]`},
		`flow.by_text["b"]`:   {`flow.x["a"]`, `flow.x["b"]`},
		`flow.by_local`:       {`flow.x["a"]`},
		`flow.by_loop`:        {`flow.x`},
		`flow.by_shadow["b"]`: {`flow.x`},
		`flow.by_file`:        {`flow.x`},
		`flow.by_hook`:        {`hook.h`, `flow.x`},
		`flow.by_secret`:      {`flow.x`},
		`flow.both["b"]`:      {`flow.x["b"]`, `flow.x`},
	} {
		if diff := cmp.Diff(want, g.Needs(node)); diff != "" {
			t.Errorf("what %s needs (-want +got):\n%s", node, diff)
		}
	}
	if diff := cmp.Diff([]string{`flow.x["b"]`, `flow.by_text["a"]`, `flow.x`}, g.ComesAfter(`flow.by_key["a"]`)); diff != "" {
		t.Errorf("what by_key comes after (-want +got):\n%s", diff)
	}
	want := []schema.Address{schema.FlowAddress("by_value").Instance("a")}
	for _, instance := range instances {
		if instance.Address.String() == `flow.by_key["a"]` {
			if diff := cmp.Diff(want, e.Dependencies(instance)); diff != "" {
				t.Errorf("what it depends on (-want +got):\n%s", diff)
			}
		}
	}
}

// The keys of environments are found in the order in which they need one another,
// wherever they are declared.
func TestEnvironmentsOfEnvironments(t *testing.T) {
	_, e := load(t, `
locals {
  keys = [for key, one in environment.c : key]
}
environment "pip" "a" { for_each = toset(keys(environment.b)) }
environment "pip" "b" { for_each = toset(local.keys) }
environment "pip" "c" { for_each = toset(["x", "y"]) }
flow "command" "a" {
  for_each = environment.a
  argv     = concat([each.value.address], local.keys)
}
`)
	instances, diags := e.Instances()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var addresses []string
	for _, environment := range e.Environments() {
		addresses = append(addresses, environment.Address.String())
	}
	want := []string{`environment.a["x"]`, `environment.a["y"]`, `environment.b["x"]`, `environment.b["y"]`, `environment.c["x"]`, `environment.c["y"]`}
	if diff := cmp.Diff(want, addresses); diff != "" {
		t.Errorf("environments (-want +got):\n%s", diff)
	}
	for i, key := range []string{"x", "y"} {
		flow, diags := e.Flow(instances[i])
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if diff := cmp.Diff([]string{fmt.Sprintf("environment.a[%q]", key), "x", "y"}, flow.Arguments["argv"].Texts()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", instances[i].Address, diff)
		}
	}
}
