package schema

import "github.com/hashicorp/hcl/v2"

// Hook is a value obtained by calling the user's code.
type Hook struct{ Block }

var hookTables = map[string]*table{"python": pythonHookTable}

func (c *Config) decodeHook(block *hcl.Block) hcl.Diagnostics {
	kind, ok := hookTables[block.Labels[0]]
	if !ok {
		return c.unknownKind(block, []string{"python"})
	}
	common, _, diags := decodeCommon(block, block.Labels[0], kind)
	c.Hooks = append(c.Hooks, &Hook{Block: common})
	return diags
}
