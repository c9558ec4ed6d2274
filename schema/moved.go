package schema

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Moved says that a flow had another name: its record goes on under the new
// one.
type Moved struct{ Block }

var movedTable = &table{what: "moved", arguments: []Argument{
	{Name: "from", Type: cty.DynamicPseudoType, Required: true, Help: "the flow's name before, or an instance's, as in flow.a"},
	{Name: "to", Type: cty.DynamicPseudoType, Required: true, Help: "its name now, as in flow.a2 or flow.train[\"forest\"]"},
}}

func (c *Config) decodeMoved(block *hcl.Block) hcl.Diagnostics {
	common, _, diags := decodeCommon(block, "", movedTable)
	c.Moved = append(c.Moved, &Moved{Block: common})
	return diags
}
