package schema

import "github.com/hashicorp/hcl/v2"

// Local is one named expression of a locals block.
type Local struct {
	Address   Address
	Attribute *hcl.Attribute
}

func (c *Config) decodeLocals(block *hcl.Block) hcl.Diagnostics {
	attributes, diags := block.Body.JustAttributes()
	for _, attribute := range inSourceOrder(attributes) {
		c.Locals = append(c.Locals, &Local{Address: Address{Block: "local", Name: attribute.Name}, Attribute: attribute})
	}
	return diags
}
