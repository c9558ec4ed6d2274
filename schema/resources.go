package schema

import "github.com/zclconf/go-cty/cty"

// resourcesTable is what a flow takes of the machine that it runs on. It never
// counts in the config hash.
var resourcesTable = &table{what: "resources", arguments: []Argument{
	{Name: "cpu", Type: cty.Number, Aside: true, Default: "none", Help: "processors, such as 4 or 0.5"},
	{Name: "memory", Type: cty.String, Aside: true, Default: "none", Help: "memory, such as \"500MB\" or \"8GiB\""},
	{Name: "gpu", Type: cty.Number, Aside: true, Default: "none", Help: "graphics processors"},
}}
