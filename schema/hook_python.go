package schema

import "github.com/zclconf/go-cty/cty"

var pythonHookTable = &table{what: `hook "python"`, arguments: append([]Argument{
	{Name: "function", Type: cty.String, Required: true, Help: "the function to call, as \"package.module:name\""},
	{Name: "args", Type: cty.DynamicPseudoType, Default: "none", Help: "its positional arguments, a list"},
	{Name: "kwargs", Type: cty.DynamicPseudoType, Default: "none", Help: "its keyword arguments, an object"},
}, hookArguments...)}
