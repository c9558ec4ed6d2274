package plan_test

import (
	"fmt"
	"strings"
	"testing"
)

// wide is a configuration with several of everything, in which almost all
// changes with the variable v.
const wide = `
variable "v" {
  default = "1"
}

locals {
  keys = toset(["c", "a", "b"])
}

environment "pip" "one" {}
environment "pip" "two" {}

hook "python" "first" {
  function    = "m:first"
  environment = environment.one
}
hook "python" "second" {
  function    = "m:second"
  environment = environment.two
  args        = [var.v]
}
hook "python" "third" {
  function    = "m:third"
  environment = environment.one
}

flow "command" "source" {
  for_each    = local.keys
  argv        = ["source", each.key, var.v]
  environment = environment.one
  parameters  = { for i in range(4) : "p${i}" => "${i} ${var.v}" }
  env         = { for i in range(4) : "E${i}" => "${i} ${var.v}" }
  output "n" { stdout = "text" }
  output "m" { stdout = "text" }
}

flow "command" "twin" {
  for_each    = local.keys
  argv        = ["source", each.key, var.v]
  environment = environment.one
  parameters  = { for i in range(4) : "p${i}" => "${i} ${var.v}" }
  env         = { for i in range(4) : "E${i}" => "${i} ${var.v}" }
  output "n" { stdout = "text" }
  output "m" { stdout = "text" }
}

flow "command" "hooked" {
  argv        = ["hooked", var.v]
  environment = environment.two
  parameters  = { a = hook.first, b = hook.second, c = hook.third, d = flow.source["a"].run_id }
}

flow "command" "collect" {
  argv       = ["collect", var.v]
  parameters = {
    all   = { for key, run in flow.source : key => run.run_id }
    text  = join(",", [for key, run in flow.source : run.output.n.value])
    twins = [for key, run in flow.twin : run.output.m.digest]
  }
  depends_on = [flow.source, flow.twin, flow.hooked]
}

output "everything" {
  value = { a = hook.third, b = flow.collect.run_id }
}
`

// What a plan says does not depend on the order of maps: 200 of them are the
// same to the last byte.
func TestPlansAreTheSameEachTime(t *testing.T) {
	p := newProject(t)
	p.write("flowrider.hcl", wide)
	for i := range 9 {
		p.write(fmt.Sprintf("code/%d.py", i), "1")
	}
	p.locks["one"], p.locks["two"] = "python 3.11\npackage a 1\npackage b 1\npackage c 1\n", "python 3.11\n"
	p.answers = map[string]string{"first": `{"z": 1, "y": 2, "x": 3}`, "second": `[1]`, "third": `null`}
	p.apply()

	p.variables["v"] = "2"
	for i := range 5 {
		p.write(fmt.Sprintf("code/%d.py", i), "2")
		p.write(fmt.Sprintf("code/%d.py", 20+i), "2")
	}
	p.locks["one"] = "python 3.12\npackage c 2\npackage b 2\npackage d 1\n"
	delete(p.locks, "two")
	p.answers["first"] = `{"z": 2, "y": 3, "w": 4}`
	p.write("runs/undeclared.json", "<<<<<<< ours")
	p.write("flowrider.hcl", strings.Replace(wide, "depends_on = [flow.source, flow.twin, flow.hooked]", "depends_on = [flow.hooked]", 1))
	first := p.json()
	for _, want := range []string{"parameters_changed", "env_changed", "code_changed", "environment_changed", "environment_may_change",
		"hook_changed", "input_may_change", "same_inputs"} {
		if !strings.Contains(first, want) {
			t.Errorf("the plan has no %s, so that it shows nothing", want)
		}
	}
	for range 200 {
		if again := p.json(); again != first {
			equal(t, first, again)
			return
		}
	}
}

// The same holds for problems.
func TestProblemsAreTheSameEachTime(t *testing.T) {
	p := newProject(t)
	p.write("flowrider.hcl", `
environment "pip" "one" {}

flow "command" "a" {
  argv         = []
  parameters   = 3
  data_version = "some"
  env          = { A = [], B = {} }
  output "x" {
    file    = "../x"
    publish = 7
    stdout  = 1
  }
  output "y" {
    file    = [2]
    stdout  = {}
  }
  output "z" {
    stdout  = "xml"
    publish = [1]
  }
}

flow "command" "b" {
  argv        = [for x in 3 : x]
  environment = environment.one
  run_id_file = "/etc/passwd"
  output "x" { file = "a/b" }
  output "y" { file = "a" }
  bundle {
    include = ["["]
    exclude = 1
    link    = {}
  }
}
`)
	_, first := p.plan()
	if strings.Count(first, "error: ") < 5 {
		t.Errorf("there are too few problems:\n%s", first)
	}
	for range 200 {
		if _, again := p.plan(); again != first {
			equal(t, first, again)
			return
		}
	}
}
