package schema

import "github.com/zclconf/go-cty/cty"

var pinTable = &table{what: "pin", arguments: []Argument{
	{Name: "run_id", Type: cty.String, Required: true, Nullable: true, Aside: true, Help: "the run that the flow is held to: it does not run, whatever changes; null for none"},
	{Name: "reason", Type: cty.String, Aside: true, Default: "none", Help: "why, for whoever reads the plan"},
}}
