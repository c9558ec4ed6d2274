package schema

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Import says that a run which was made elsewhere is a flow's, where that has
// no record.
type Import struct{ Block }

var importTable = &table{what: "import", arguments: []Argument{
	{Name: "to", Type: cty.DynamicPseudoType, Required: true, Help: "the flow, or the instance, that takes the run as its own where it has no record"},
	{Name: "run_id", Type: cty.String, Required: true, Nullable: true, Help: "the run, which was successful; null for none"},
}}

func (c *Config) decodeImport(block *hcl.Block) hcl.Diagnostics {
	common, _, diags := decodeCommon(block, "", importTable)
	c.Imports = append(c.Imports, &Import{Block: common})
	return diags
}
