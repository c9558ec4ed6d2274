package schema

import "github.com/hashicorp/hcl/v2"

// Environment is what flows run in.
type Environment struct{ Block }

var environmentTables = map[string]*table{"pip": pipTable}

func (c *Config) decodeEnvironment(block *hcl.Block) hcl.Diagnostics {
	kind, ok := environmentTables[block.Labels[0]]
	if !ok {
		return c.kindError(block, []string{"pip"})
	}
	common, _, diags := decodeCommon(block, block.Labels[0], kind)
	c.Environments = append(c.Environments, &Environment{Block: common})
	return diags
}
