package schema

import "github.com/zclconf/go-cty/cty"

var pipTable = &table{what: `environment "pip"`, arguments: []Argument{
	{Name: "for_each", Type: cty.DynamicPseudoType, Default: "one environment", Help: "a map or a set of texts: one environment for each, as in environment.NAME[\"key\"]"},
	{Name: "python", Type: cty.String, Default: "any", Help: "versions of Python that fit, such as \">=3.10\""},
	{Name: "packages", Type: cty.Map(cty.String), Empty: "any version", Default: "none", Help: "package names with their version specifiers; \"\" takes any version"},
	{Name: "requirements", Type: cty.List(cty.String), Default: "none", Help: "requirement files below the root folder"},
	{Name: "install_project", Type: cty.Bool, Default: "false", Help: "whether the bundled project itself is importable"},
}}
