package schema

import "github.com/hashicorp/hcl/v2"

// Local is one named expression of a locals block.
type Local struct {
	Address   Address
	Attribute *Attribute
}

func (c *Config) decodeLocals(block *hcl.Block) hcl.Diagnostics {
	found, diags := block.Body.JustAttributes()
	for _, attribute := range attributes(found) {
		c.Locals = append(c.Locals, &Local{Address: Address{Block: "local", Name: attribute.Name}, Attribute: attribute})
	}
	return diags
}
