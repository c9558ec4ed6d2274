package schema

import "github.com/zclconf/go-cty/cty"

var metaflowTable = &table{what: `flow "metaflow"`, blocks: flowBlocks, arguments: append([]Argument{
	{Name: "file", Type: cty.String, Required: true, Help: "the flow's file below the project's root"},
	{Name: "options", Type: cty.DynamicPseudoType, Object: true, Default: "none", Help: "options before Metaflow's run command; a list repeats the option"},
	{Name: "run_options", Type: cty.DynamicPseudoType, Object: true, Default: "none", Help: "options after it"},
	{Name: "configs", Type: cty.Map(cty.String), Default: "none", Help: "files for the flow's Config objects, below the project's root"},
	{Name: "resume", Type: cty.Bool, Aside: true, Default: "true", Help: "false: a run that failed is never gone on with, and the next apply begins from the beginning"},
	{Name: "config_values", Type: cty.DynamicPseudoType, Object: true, Default: "none", Help: "values for the flow's Config objects"},
}, flowArguments...)}

var metaflowOutputTable = &table{what: "output", arguments: []Argument{
	{Name: "artifact", Type: cty.String, Required: true, Aside: true, Help: "the artifact of the end step"},
	{Name: "description", Type: cty.String, Aside: true, Help: "what it holds"},
}}
