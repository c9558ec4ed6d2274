package schema

import "github.com/hashicorp/hcl/v2"

// Environment is what flows run in.
type Environment struct{ Block }

var environmentTables = map[string]*table{"pip": pipTable}

func (c *Config) decodeEnvironment(block *hcl.Block) hcl.Diagnostics {
	common, _, diags := c.decodeKind(block)
	if common.Kind != "" {
		c.Environments = append(c.Environments, &Environment{Block: common})
	}
	return diags
}
