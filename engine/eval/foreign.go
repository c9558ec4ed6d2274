package eval

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// advice is what to write instead of something.
type advice struct{ detail, suggestion string }

// foreignRoot says what to write for a name that other languages have, and
// those of Terraform.
func foreignRoot(traversal hcl.Traversal) (advice, bool) {
	name, next := traversal.RootName(), ""
	if names := attributes(traversal[1:]); len(names) > 0 {
		next = names[0].Name
	}
	switch name {
	case "True", "TRUE", "yes", "on":
		return advice{"Write true.", "true"}, true
	case "False", "FALSE", "no", "off":
		return advice{"Write false.", "false"}, true
	case "None", "none", "nil", "NULL", "Null", "undefined":
		return advice{"Write null.", "null"}, true
	case "count":
		return advice{"Instances have names here, not numbers: write each.key or each.value, in a flow with for_each.", "each.key"}, true
	case "self":
		return advice{"A block cannot refer to itself. Put what is used twice into a locals block.", ""}, true
	case "pool":
		return advice{"A pool is named where a flow takes of it: pools = { NAME = 1 }.", ""}, true
	case "output":
		return advice{"Outputs cannot be referred to: write the expression of its value again, or put that into a locals block for both.", ""}, true
	case "data":
		return advice{"A value from outside is a hook: write hook.NAME.", ""}, true
	case "module":
		return advice{"There are no modules; all *.flow.hcl files of the folder are one configuration: write flow.NAME or local.NAME.", ""}, true
	case "resource":
		return advice{"What is run is a flow: write flow.NAME.", ""}, true
	case "terraform":
		return advice{"The selected workspace is workspace.", "workspace"}, true
	case "env", "ENV", "environ":
		if next == "" {
			next = "NAME"
		}
		text := fmt.Sprintf("env(%q)", next)
		return advice{fmt.Sprintf("The caller's environment is read with a function: write %s, with a default as its second argument.", text), text}, true
	case "vars", "variable", "variables", "locals", "flows", "hooks", "environments", "envs", "projects":
		block := map[string]string{"variable": "var", "variables": "var", "envs": "environment"}[name]
		if block == "" {
			block = strings.TrimSuffix(name, "s")
		}
		if next == "" {
			next = "NAME"
		}
		return advice{fmt.Sprintf("Did you mean %s.%s?", block, next), block + "." + next}, true
	}
	return advice{}, false
}
