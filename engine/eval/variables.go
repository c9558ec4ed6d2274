package eval

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// Variables gives each declared variable its value: from texts by name, as
// given with --var, else its default.
func Variables(config *schema.Config, given map[string]string) (map[string]cty.Value, hcl.Diagnostics) {
	values := map[string]cty.Value{}
	var diags hcl.Diagnostics
	var names []string
	for _, variable := range config.Variables {
		names = append(names, variable.Address.Name)
		text, ok := given[variable.Address.Name]
		value, moreDiags := variableValue(config, variable, text, ok)
		diags = append(diags, moreDiags...)
		values[variable.Address.Name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if slices.Contains(names, name) {
			continue
		}
		detail := fmt.Sprintf("A value is given for %q with --var, and the configuration has no such variable.", name)
		problem := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Unknown variable", Detail: detail}
		if best := diag.Suggest(name, names); best != "" {
			problem.Detail += fmt.Sprintf(" Did you mean %q?", best)
			problem.Extra = diag.Suggestion(best)
		} else {
			problem.Detail += fmt.Sprintf(" Declare it: variable %q {}.", name)
		}
		diags = append(diags, problem)
	}
	return values, diags
}

const missingVariable = "Missing variable"

// IsMissingVariable says whether all that is wrong is that a variable has no
// value. It is unknown then.
func IsMissingVariable(problem *hcl.Diagnostic) bool { return problem.Summary == missingVariable }

func variableValue(config *schema.Config, variable *schema.Variable, text string, given bool) (cty.Value, hcl.Diagnostics) {
	name := variable.Address.Name
	unknown := cty.UnknownVal(variable.Type)
	var value cty.Value
	var subject *hcl.Range
	switch fallback := variable.Argument("default"); {
	case given:
		parsed, diags := parseVariable(variable, text)
		if diags.HasErrors() {
			return unknown, diags
		}
		value = parsed
	case fallback != nil:
		context := &hcl.EvalContext{Functions: functions(config.Root, false)}
		evaluated, diags := fallback.Expr.Value(context)
		if diags.HasErrors() {
			return unknown, diags
		}
		where := fallback.Expr.Range()
		value, subject = evaluated, &where
	default:
		return unknown, hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: missingVariable,
			Detail:  fmt.Sprintf("var.%s has no default and no value. Give one: --var %s=VALUE.", name, name),
			Subject: &variable.DeclRange,
		}}
	}
	if variable.Defaults != nil && !value.IsNull() {
		value = variable.Defaults.Apply(value)
	}
	converted, err := convert.Convert(value, variable.Type)
	if err != nil && given {
		return unknown, unsuitable(variable, text, "It must be "+misfit(variable.Type, err))
	}
	if err != nil {
		return unknown, hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "Unsuitable value",
			Detail:  fmt.Sprintf("The value of var.%s must be %s", name, misfit(variable.Type, err)),
			Subject: subject,
		}}
	}
	return converted, checkVariable(variable, converted)
}

// parseVariable reads a value as it is typed after --var: text as it is where
// the type is string, otherwise an expression. Without a type, what reads as
// a number, boolean, list or object is one, and all else is text.
func parseVariable(variable *schema.Variable, text string) (cty.Value, hcl.Diagnostics) {
	t := variable.Type
	if err := checkText("It", text, "give a text in UTF-8"); err != nil {
		return cty.NilVal, unsuitable(variable, text, err.Error()+".")
	}
	if t == cty.String {
		return cty.StringVal(text), nil
	}
	if diags := schema.CheckExpression("The value given with --var "+variable.Address.Name, text); diags.HasErrors() {
		diags[0].Subject = nil // the command line has no lines
		return cty.NilVal, diags
	}
	expr, diags := hclsyntax.ParseExpression([]byte(text), "--var", hcl.InitialPos)
	if !diags.HasErrors() && len(expr.Variables()) == 0 {
		if value, diags := expr.Value(nil); !diags.HasErrors() {
			return value, nil
		}
	}
	if t == cty.DynamicPseudoType && !strings.ContainsAny(text, "[{") || t.IsPrimitiveType() {
		return cty.StringVal(text), nil
	}
	if t == cty.DynamicPseudoType {
		return cty.NilVal, unsuitable(variable, text, "A list or an object is written as in the configuration, without references and functions; a text with brackets in it needs quotes.")
	}
	return cty.NilVal, unsuitable(variable, text, "It must be "+described(t)+", written as in the configuration.")
}

// unsuitable is the error of a value from the command line. One that is
// sensitive is not shown.
func unsuitable(variable *schema.Variable, text, advice string) hcl.Diagnostics {
	shown := fmt.Sprintf(" %q", text)
	if variable.Sensitive {
		shown = ""
	}
	return hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: "Unsuitable value",
		Detail: fmt.Sprintf("The value%s given with --var %s does not fit. %s", shown, variable.Address.Name, advice),
	}}
}
