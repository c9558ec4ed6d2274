package schema

import "github.com/hashicorp/hcl/v2"

// Environment is what flows run in.
type Environment struct{ Block }

var environmentTables = map[string]*table{"pip": pipTable}

func (c *Config) decodeEnvironment(block *hcl.Block) hcl.Diagnostics {
	kind, diags := c.knownKind(block, environmentKinds)
	if kind == "" {
		return diags
	}
	common, _, moreDiags := decodeCommon(block, kind, environmentTables[kind])
	c.Environments = append(c.Environments, &Environment{Block: common})
	return append(diags, moreDiags...)
}
