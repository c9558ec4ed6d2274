package schema

import "github.com/zclconf/go-cty/cty"

var pythonHookTable = &table{what: `hook "python"`, arguments: []Argument{
	{Name: "function", Type: cty.String, Required: true, Help: "the function to call, as \"package.module:name\""},
	{Name: "args", Type: cty.DynamicPseudoType, Help: "its positional arguments, a list"},
	{Name: "kwargs", Type: cty.DynamicPseudoType, Help: "its keyword arguments, an object"},
	{Name: "environment", Type: cty.DynamicPseudoType, Help: "the environment whose Python calls it"},
	{Name: "project", Type: cty.DynamicPseudoType, Help: "the project in whose folder it runs"},
	{Name: "ambient", Type: cty.Bool, Help: "whether the value is passed and recorded but not hashed"},
	{Name: "sensitive", Type: cty.Bool, Help: "whether the value is hidden everywhere"},
	{Name: "pure", Type: cty.Bool, Help: "whether the answer may be kept while code, arguments and environment are the same"},
	{Name: "timeout", Type: cty.Number, Help: "seconds after which the call is given up"},
}}
