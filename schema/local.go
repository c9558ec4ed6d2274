package schema

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
)

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
	for _, problem := range diags {
		block := quoted(problem.Summary)
		switch {
		case block == "": // it is of an argument
		case fileTable.hasBlock(block):
			problem.Summary, problem.Detail, problem.Extra = "No block here", outside(block), outerBlock(block)
		default:
			c.loose["local"] = true // what refers to it is right
			problem.Summary, problem.Detail = "No block here", fmt.Sprintf("A locals block has only lines such as name = VALUE. For an object write %s = { … }.", block)
		}
	}
	return diags
}
