package schema

import "github.com/zclconf/go-cty/cty"

var commandTable = &table{what: `flow "command"`, blocks: flowBlocks, arguments: append([]Argument{
	{Name: "argv", Type: cty.List(cty.String), Required: true, Empty: "an empty argument", Help: "the program and its arguments"},
	{Name: "shell", Type: cty.Bool, Default: "false", Help: "whether argv is one line for the shell"},
	{Name: "workdir", Type: cty.String, Default: "the bundle's own folder", Help: "the working folder below the bundle"},
}, flowArguments...)}

var commandOutputTable = &table{what: "output", arguments: []Argument{
	{Name: "file", Type: cty.String, Help: "a file or folder below the bundle that the command writes"},
	{Name: "stdout", Type: cty.String, Help: "take what the command prints instead: json, or text, which is taken as it is"},
	{Name: "publish", Type: cty.DynamicPseudoType, Aside: true, Default: "its own path", Help: "where it is placed below the project's root; false for nowhere"},
	{Name: "description", Type: cty.String, Aside: true, Help: "what it holds"},
}}
