package schema

import "github.com/zclconf/go-cty/cty"

var commandHookTable = &table{what: `hook "command"`, arguments: append([]Argument{
	{Name: "argv", Type: cty.List(cty.String), Required: true, Empty: "an empty argument", Help: "the program that prints the value, with its arguments"},
	{Name: "shell", Type: cty.Bool, Default: "false", Help: "whether argv is one line for the shell"},
	{Name: "env", Type: cty.Map(cty.String), Nullable: true, Default: "none", Help: "environment variables of the program"},
	{Name: "stdout", Type: cty.String, Default: "\"json\"", Help: "what it prints: json, or text, which is taken without the newline at its end"},
}, hookArguments...)}
