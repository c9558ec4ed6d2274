package schema

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Hook is a value obtained by calling the user's code.
type Hook struct{ Block }

var hookTables = map[string]*table{"command": commandHookTable, "python": pythonHookTable}

// hookArguments is what every hook has, whatever its kind.
var hookArguments = []Argument{
	{Name: "for_each", Type: cty.DynamicPseudoType, Default: "one hook", Help: "a map or a set of texts: one hook for each, as in hook.NAME[\"key\"]"},
	{Name: "environment", Type: cty.DynamicPseudoType, Default: "python3 and programs of the caller's PATH", Help: "the environment whose Python and programs are used"},
	{Name: "project", Type: cty.DynamicPseudoType, Default: "the only project, else the root folder", Help: "the project in whose folder it runs"},
	{Name: "ambient", Type: cty.Bool, Default: "false", Help: "whether the value is passed and recorded but not hashed"},
	{Name: "sensitive", Type: cty.Bool, Default: "false", Help: "whether the value is hidden everywhere"},
	{Name: "pure", Type: cty.Bool, Default: "false", Help: "whether the answer may be kept while code, arguments and environment are the same"},
	{Name: "timeout", Type: cty.Number, Seconds: true, Default: "60", Help: "seconds after which the call is given up"},
}

func (c *Config) decodeHook(block *hcl.Block) hcl.Diagnostics {
	common, _, diags := c.decodeKind(block)
	if common.Kind != "" {
		c.Hooks = append(c.Hooks, &Hook{Block: common})
	}
	return diags
}
