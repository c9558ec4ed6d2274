package eval

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/schema"
)

func hiddenIn(config *schema.Config) string {
	var names []string
	for address := range maps.Keys(Hidden(config)) {
		names = append(names, address.String())
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestHiddenIsWhatSensitiveIsCalledOn(t *testing.T) {
	for name, c := range map[string]struct{ env, want string }{
		"itself":            {`{ T = sensitive(var.token), V = var.plain }`, "var.token"},
		"inside of a text":  {`{ T = "Bearer ${sensitive("x${var.token}")}" }`, "var.token"},
		"through a local":   {`{ T = sensitive(local.second) }`, "local.first local.second var.token"},
		"of a list":         {`{ for i, x in var.list : "T${i}" => sensitive(x) }`, "var.list"},
		"of a hook":         {`{ T = sensitive(hook.h.token) }`, "hook.h"},
		"of one of many":    {`{ T = sensitive(hook.many["a"]) }`, "hook.many"},
		"through for_each":  {`{ T = sensitive(each.value) }`, "var.list"},
		"in no call at all": {`{ T = var.token }`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			config, _ := load(t, `
variable "token" { default = "t" }
variable "plain" { default = "p" }
variable "list" { default = ["a"] }
locals {
  first  = var.token
  second = "${local.first}!"
}
hook "python" "h" { function = "hooks:h" }
hook "command" "many" {
  for_each = toset(["a"])
  argv     = ["echo", each.key]
}
flow "command" "f" {
  for_each = toset(var.list)
  argv     = ["true"]
  env      = `+c.env+`
}
`)
			if diff := cmp.Diff(c.want, hiddenIn(config)); diff != "" {
				t.Errorf("hidden (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHiddenIsFoundInJSONToo(t *testing.T) {
	config, diags := loadJSON(t, `{
  "variable": {"token": {"default": "t"}},
  "flow": {"command": {"f": {"argv": ["true"], "env": {"T": "${sensitive(var.token)}"}}}}
}`)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if diff := cmp.Diff("var.token", hiddenIn(config)); diff != "" {
		t.Errorf("hidden (-want +got):\n%s", diff)
	}
}
