package schema

import (
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Stop is a flow's stop block: how long the flow may take to end when it is
// asked to. Zero is the default.
type Stop struct {
	Block
	Interrupt time.Duration
	Terminate time.Duration
}

var stopTable = &table{what: "stop", arguments: []Argument{
	{Name: "interrupt", Type: cty.String, Aside: true, Default: "\"30s\"", Help: "how long it may take to end after SIGINT, such as \"5m\""},
	{Name: "terminate", Type: cty.String, Aside: true, Default: "\"10s\"", Help: "how long after SIGTERM, which follows; then everything that it has started is killed"},
}}

// decodeStop reads a stop block; in is what it is nested in, for messages.
func decodeStop(block *hcl.Block, earlier *Stop, in string) (*Stop, hcl.Diagnostics) {
	common, _, diags := decodeCommon(block, "", stopTable)
	if earlier != nil {
		return earlier, append(diags, duplicate(block, in, "a stop block", earlier.DeclRange))
	}
	interrupt, moreDiags := duration(common.Argument("interrupt"))
	diags = append(diags, moreDiags...)
	terminate, moreDiags := duration(common.Argument("terminate"))
	return &Stop{Block: common, Interrupt: interrupt, Terminate: terminate}, append(diags, moreDiags...)
}
