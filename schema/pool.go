package schema

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Pool is something of which flows use only so much at once: a licence, a
// graphics card, a server that bears no more.
type Pool struct{ Block }

var poolTable = &table{what: "pool", arguments: []Argument{
	{Name: "size", Type: cty.Number, Required: true, Help: "how much of it there is, a whole number"},
	{Name: "description", Type: cty.String, Help: "what it is"},
}}

func (c *Config) decodePool(block *hcl.Block) hcl.Diagnostics {
	common, _, diags := decodeCommon(block, "", poolTable)
	c.Pools = append(c.Pools, &Pool{Block: common})
	return diags
}
