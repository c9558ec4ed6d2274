package eval

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The origin of an argument that is not known changes with all that decides
// it, and with nothing else: not with what becomes known, either.
func TestOriginIsWhatDecidesAnUnknown(t *testing.T) {
	const config = `
variable "v" { default = 1 }
variable "secret" {
  default   = "secret"
  sensitive = true
}
variable "wrapped" { default = "wrapped" }
locals {
  sum    = var.v + 1
  hidden = "${var.wrapped}${file("secret.txt")}"
}
hook "python" "h" {
  function = "hooks:h"
  args     = [local.sum]
}
flow "command" "a" { argv = ["a"] }
flow "command" "b" {
  for_each = { k = "value", l = "other" }
  argv     = ["b", flow.a.run_id, local.sum, each.value, var.secret]
  env      = { H = hook.h, S = sensitive(local.hidden), T = sensitive(env("FLOWRIDER_SECRET")), D = env("FLOWRIDER_NO_SUCH", flow.a.run_id) }
  tags     = ["tag"]
}
`
	origins := func(source string, known bool) (argv, env string) {
		config, e := load(t, source)
		secret := filepath.Base(config.Root) // another one each time
		t.Setenv("FLOWRIDER_SECRET", secret)
		if err := os.WriteFile(filepath.Join(config.Root, "secret.txt"), []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
		instances, diags := e.Instances()
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if known {
			e.SetFlow(instances[0], Result{RunID: "1", DataVersion: "content:1"})
			e.SetHook(e.Hooks()[0], UnknownValue)
		}
		flow, instance := config.Flows[1], instances[1]
		origin := func(name string) string {
			return e.Origin(flow.Argument(name), instance.Each, flow.Argument("for_each"))
		}
		return origin("argv"), origin("env")
	}
	argv, env := origins(config, false)
	for name, c := range map[string]struct {
		old, new  string
		argv, env bool // whether that changes
	}{
		"nothing":            {"", "", false, false},
		"the expression":     {`["b", flow.a`, `["c", flow.a`, true, false},
		"a variable":         {"default = 1 ", "default = 2 ", true, true},
		"a local":            {"var.v + 1", "var.v + 2", true, true},
		"a hook":             {"hooks:h", "hooks:g", false, true},
		"the element":        {`"value"`, `"changed"`, true, false},
		"another element":    {`"other"`, `"changed"`, false, false},
		"a sensitive value":  {`"one"`, `"two"`, false, false},
		"a hidden variable":  {`default = "wrapped"`, `default = "other"`, false, false},
		"other arguments":    {`["tag"]`, `["tags"]`, false, false},
		"another flow's own": {`argv = ["a"]`, `argv = ["aa"]`, false, false},
	} {
		for _, known := range []bool{false, true} {
			gotArgv, gotEnv := origins(strings.Replace(config, c.old, c.new, 1), known)
			if (gotArgv != argv) != c.argv || (gotEnv != env) != c.env {
				t.Errorf("%s (known: %v): argv changes: %v, want %v; env changes: %v, want %v", name, known, gotArgv != argv, c.argv, gotEnv != env, c.env)
			}
		}
	}
}
