package schema

import "github.com/zclconf/go-cty/cty"

// retryTable is what is done when a flow fails. It never counts in the config
// hash.
var retryTable = &table{what: "retry", arguments: []Argument{
	{Name: "attempts", Type: cty.Number, Required: true, Aside: true, Help: "how often the flow is tried in one apply, the first time included"},
	{Name: "delay", Type: cty.String, Aside: true, Default: "none", Help: "how long to wait before the next attempt, such as \"10s\""},
	{Name: "on", Type: cty.DynamicPseudoType, Aside: true, Default: "any failure of the flow", Help: "which failures: a list of exit codes, regular expressions for the end of the log or the reason, \"timeout\" and \"killed\""},
}}
