package plan

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/hook"
	"github.com/flowrider/flowrider/schema"
)

// passProgram says which program a hook runs, and with what.
func passProgram(call *hook.Call, values map[string]eval.Value, block *schema.Hook) (known bool, diags hcl.Diagnostics) {
	for _, name := range []string{"argv", "shell", "env", "stdout"} {
		if value, ok := values[name]; ok && !value.Unmarked().IsWhollyKnown() {
			return false, nil
		}
	}
	call.Argv = values["argv"].Texts()
	if diags = checkArgv(values["argv"], values["shell"].True(), block.Argument("argv")); !diags.HasErrors() && values["shell"].True() {
		call.Argv = []string{"/bin/sh", "-c", call.Argv[0]}
	}
	if value, ok := values["env"]; ok {
		call.Env = map[string]string{}
		for it := value.Unmarked().ElementIterator(); it.Next(); {
			if name, text := it.Element(); !text.IsNull() {
				call.Env[name.AsString()] = text.AsString()
			}
		}
	}
	switch form, ok := values["stdout"].Text(); {
	case ok && form == "text":
		call.Text = true
	case ok && form != "json":
		diags = append(diags, problemAt(block.Argument("stdout"), "Unsuitable value", fmt.Sprintf("stdout is \"json\" or \"text\", not %q.", form)))
	}
	return true, diags
}
