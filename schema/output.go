package schema

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Output is a value of the whole configuration, shown after an apply.
type Output struct{ Block }

var outputTable = &table{what: "output", arguments: []Argument{
	{Name: "value", Type: cty.DynamicPseudoType, Required: true, Nullable: true, Help: "the value"},
	{Name: "description", Type: cty.String, Help: "what it is"},
	{Name: "sensitive", Type: cty.Bool, Default: "false", Help: "whether the value is hidden; it has to be where one that is sensitive is in it"},
}}

func (c *Config) decodeOutput(block *hcl.Block) hcl.Diagnostics {
	common, _, diags := decodeCommon(block, "", outputTable)
	c.Outputs = append(c.Outputs, &Output{Block: common})
	return diags
}
