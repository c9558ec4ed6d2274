package metaflow

import (
	"slices"
	"strings"

	"github.com/flowrider/flowrider/internal/pysource"
)

// plainCalls are functions of Python's own that make no parameters.
var plainCalls = map[string]bool{
	"dict": true, "list": true, "set": true, "tuple": true, "frozenset": true, "str": true, "int": true, "float": true, "bool": true,
	"bytes": true, "len": true, "max": true, "min": true, "sum": true, "range": true, "sorted": true, "object": true, "open": true,
	"property": true, "staticmethod": true, "classmethod": true, "round": true,
}

// positional are the names of the arguments in the order in which they may be
// given without.
var positional = map[string][]string{
	"Parameter":   {"name", "default", "type", "help", "required"},
	"IncludeFile": {"name", "required", "is_text", "encoding", "help"},
	"Config":      {"name", "default", "default_value", "help", "required"},
}

// parameter reads a call of Parameter, IncludeFile or Config; ok is false where
// its name is not known.
func parameter(kind string, call pysource.Expr, module *pysource.Module) (p Parameter, ok bool) {
	argument := func(name string) (pysource.Expr, bool) {
		value, given := call.Keyword(name)
		if at := slices.Index(positional[kind], name); !given && at >= 0 && at < len(call.Items) {
			value, given = call.Items[at], true
		}
		if value.Kind == pysource.Name {
			if constant, ok := module.Constant(value.Text); ok {
				value = constant
			}
		}
		return value, given && value.Kind != pysource.None
	}
	name, _ := argument("name")
	if name.Kind != pysource.String || name.Text == "" || call.Spread() {
		return p, false
	}
	p = Parameter{Name: name.Text, Kind: kind}
	if help, given := argument("help"); given && help.Kind == pysource.String {
		p.Help = strings.Join(strings.Fields(help.Text), " ")
	}
	p.Default, p.Defaults = argument("default")
	if !p.Defaults && kind == "Config" {
		p.Default, p.Defaults = argument("default_value")
	}
	required, _ := argument("required")
	p.Required = !p.Defaults && required.Text == "True"
	_, p.Separator = argument("separator")
	t, typed := argument("type")
	p.Type = typeOf(t, typed, p)
	return p, true
}

// typeOf is the type of a parameter, as Metaflow takes it: what is said, else
// that of the default.
func typeOf(said pysource.Expr, typed bool, p Parameter) string {
	switch full := strings.Split(said.Text, "."); {
	case p.Kind != "Parameter":
		return ""
	case typed && slices.Contains([]string{"str", "int", "float", "bool", "JSONType"}, full[len(full)-1]) && said.Kind == pysource.Name:
		return full[len(full)-1]
	case typed:
		return ""
	case !p.Defaults:
		return "str"
	}
	switch p.Default.Kind {
	case pysource.String:
		return "str"
	case pysource.Bool:
		return "bool"
	case pysource.Number:
		if p.Default.Whole() {
			return "int"
		}
		return "float"
	}
	return ""
}
