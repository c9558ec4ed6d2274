package schema

import "github.com/zclconf/go-cty/cty"

// retryTable is what is done when a flow fails. It never counts in the config
// hash.
var retryTable = &table{what: "retry", arguments: []Argument{
	{Name: "attempts", Type: cty.Number, Required: true, Help: "how often the flow is tried in one apply, the first time included"},
	{Name: "delay", Type: cty.String, Help: "how long to wait before the next attempt, such as \"10s\"; at once without it"},
	{Name: "on", Type: cty.DynamicPseudoType, Help: "which failures: a list of exit codes, regular expressions for the end of the log or the reason, \"timeout\" and \"killed\"; any failure of the flow without it"},
}}
