package eval

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// Input is a value that a variable is given from outside the configuration.
type Input struct {
	Name string
	From string            // "--var seed", "FLOWRIDER_VAR_seed" or "prod.vars.hcl", for messages
	Text string            // as typed, where there is no Attribute
	Line *schema.Attribute // of a file of values
	Lax  bool              // it may be meant for another configuration, which has such a variable
}

// Typed are values as they are typed after --var, by name.
func Typed(texts map[string]string) []Input {
	var list []Input
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		list = append(list, Input{Name: name, From: "--var " + name, Text: texts[name]})
	}
	return list
}

// Variables gives each declared variable its value: of the inputs the last one
// for it, else its default. A value that is wrong is unknown.
func Variables(config *schema.Config, inputs []Input) (map[string]cty.Value, hcl.Diagnostics) {
	values := map[string]cty.Value{}
	var diags hcl.Diagnostics
	last := map[string]*Input{}
	for i, input := range inputs {
		if config.Variable(input.Name) == nil {
			diags = append(diags, unknownVariable(config, input))
			continue
		}
		last[input.Name] = &inputs[i]
	}
	for _, variable := range config.Variables {
		name := variable.Address.Name
		value, moreDiags := variableValue(config, variable, last[name])
		diags = append(diags, moreDiags...)
		values[name] = value
	}
	return values, append(diags, validate(config, values, last)...)
}

func unknownVariable(config *schema.Config, input Input) *hcl.Diagnostic {
	var names []string
	for _, variable := range config.Variables {
		names = append(names, variable.Address.Name)
	}
	problem := &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "Unknown variable",
		Detail: fmt.Sprintf("A value is given for %q with %s, and the configuration has no such variable.", input.Name, input.From),
	}
	if input.Lax {
		problem.Severity = hcl.DiagWarning
	}
	if input.Line != nil {
		problem.Subject = &input.Line.NameRange
		problem.Detail = fmt.Sprintf("The configuration has no variable %q.", input.Name)
	}
	if unread := config.Unread(schema.Address{Block: "var", Name: input.Name}); unread != "" {
		problem.Detail += " " + unread
	} else if best := diag.Suggest(input.Name, names); best != "" {
		problem.Detail += fmt.Sprintf(" Did you mean %q?", best)
		problem.Extra = diag.Suggestion(best)
	} else {
		problem.Detail += fmt.Sprintf(" Declare it: variable %q {}.", input.Name)
	}
	return problem
}

const missingVariable = "Missing variable"

// IsMissingVariable says whether all that is wrong is that a variable has no
// value. It is unknown then.
func IsMissingVariable(problem *hcl.Diagnostic) bool { return problem.Summary == missingVariable }

// variableValue is a variable's value: the one that it is given, or its default.
func variableValue(config *schema.Config, variable *schema.Variable, input *Input) (cty.Value, hcl.Diagnostics) {
	name := variable.Address.Name
	unknown := cty.UnknownVal(variable.Type)
	if variable.Partial { // nobody knows whether what it is given may be seen
		_, diags := defaultOf(config, variable)
		return unknown, diags
	}
	if input != nil {
		if input.Line != nil {
			if value, ok := fitted(variable, input.Line.Expr); ok {
				return value, checkVariable(variable, value, input)
			}
		}
		value, diags := input.value(variable)
		if diags.HasErrors() {
			return unknown, diags
		}
		converted, err := fitVariable(variable, value)
		strangers := strangersIn(input.expression(), variable.Type, nil)
		if misfits := withoutMissing(misfitsOf(value, variable.Type, err), strangers); len(misfits) > 0 {
			diags = append(diags, input.misfit(variable, misfits[0])...)
		}
		if diags = append(diags, input.strange(variable, strangers)...); diags.HasErrors() {
			return unknown, diags
		}
		if !converted.IsNull() || variable.Nullable {
			return converted, checkVariable(variable, converted, input)
		}
		if variable.Argument("default") == nil {
			return unknown, input.unsuitable(variable, fmt.Sprintf("It is null, and var.%s has nullable = false.", name))
		}
	}
	if variable.Argument("default") == nil {
		return unknown, hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: missingVariable,
			Detail:  fmt.Sprintf("var.%s has no default and no value. Give one: --var %s=VALUE, or %s = … in %s.", name, name, name, schema.ValuesName),
			Subject: &variable.DeclRange,
		}}
	}
	return defaultOf(config, variable)
}

// defaultOf is what a variable's default is worth; unknown without one.
func defaultOf(config *schema.Config, variable *schema.Variable) (cty.Value, hcl.Diagnostics) {
	unknown := cty.UnknownVal(variable.Type)
	fallback := variable.Argument("default")
	if fallback == nil {
		return unknown, nil
	}
	if value, ok := fitted(variable, fallback.Expr); ok {
		return value, checkVariable(variable, value, nil)
	}
	evaluated, diags := valueIn(fallback.Expr, cty.DynamicPseudoType, &hcl.EvalContext{Functions: functions(config.Root, false)})
	if diags.HasErrors() {
		return unknown, diags
	}
	converted, err := fitVariable(variable, evaluated)
	strangers := strangersIn(fallback.Expr, variable.Type, nil)
	if err == nil && len(strangers) == 0 && (!converted.IsNull() || variable.Nullable) {
		return converted, checkVariable(variable, converted, nil)
	}
	for _, stranger := range strangers {
		diags = append(diags, stranger.problem(variable))
	}
	unsuitable := func(detail string, subject hcl.Range) {
		diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Unsuitable value", Detail: detail, Subject: &subject})
	}
	if err == nil && converted.IsNull() && !variable.Nullable {
		unsuitable(fmt.Sprintf("The value of %s is null, and it has nullable = false.", variable.Address), fallback.Expr.Range())
	}
	for _, unfit := range unfits(withoutMissing(misfitsOf(evaluated, variable.Type, err), strangers), "The value of "+variable.Address.String(), fallback.Expr) {
		unsuitable(unfit.detail, unfit.place)
	}
	return unknown, diags
}

// fitted is what a simple expression is worth as a value of a variable. It is false for
// others, and where there is something to say of it.
func fitted(variable *schema.Variable, expr hcl.Expression) (cty.Value, bool) {
	value, ok := (&simple{eval: &Evaluator{}, constant: true}).evaluate(expr, constraint{Type: variable.Type, defaults: variable.Defaults})
	if !ok || !value.single || value.Real.IsNull() && !variable.Nullable || len(strangersIn(expr, variable.Type, nil)) > 0 {
		return cty.NilVal, false
	}
	return value.Real, value.size != nil || within(value.Real) == nil // the defaults in it may be large
}

// fitVariable converts a value to a variable's type, with what is optional in
// it filled in.
func fitVariable(variable *schema.Variable, value cty.Value) (cty.Value, error) {
	if variable.Defaults != nil && !value.IsNull() {
		value = variable.Defaults.Apply(value)
	}
	converted, err := convertTo(value, variable.Type)
	if err == nil {
		err = within(converted)
	}
	return converted, err
}

// value is what an input is worth, not converted yet.
func (i *Input) value(variable *schema.Variable) (cty.Value, hcl.Diagnostics) {
	if i.Line == nil {
		return i.parse(variable)
	}
	if references := i.Line.Expr.Variables(); len(references) > 0 {
		subject := references[0].SourceRange()
		return cty.NilVal, hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "Reference in a value", Subject: &subject,
			Detail: "A file of values refers to nothing. Write the value itself; a text needs quotes.",
		}}
	}
	value, diags := valueIn(i.Line.Expr, cty.DynamicPseudoType, &hcl.EvalContext{})
	for _, problem := range diags {
		problem.Expression, problem.EvalContext = nil, nil
		if strings.Contains(problem.Summary, "unction") {
			problem.Summary, problem.Detail = "Function in a value", "A file of values calls no functions. Write the value itself, or call the function where the variable is used."
		}
	}
	return value, diags
}

// expression is an input as it is written, or nil where no other expressions can
// stand in it.
func (i *Input) expression() hcl.Expression {
	if i.Line != nil {
		return i.Line.Expr
	}
	expr, diags := hclsyntax.ParseExpression([]byte(i.Text), i.From, hcl.InitialPos)
	if diags.HasErrors() {
		return nil
	}
	return expr
}

// strange are the messages on strangers in an input.
func (i *Input) strange(variable *schema.Variable, strangers []stranger) (diags hcl.Diagnostics) {
	for _, stranger := range strangers {
		problem := stranger.problem(variable)
		if i.Line == nil { // the command line has no lines
			problem = i.unsuitable(variable, problem.Detail)[0]
		}
		diags = append(diags, problem)
	}
	return diags
}

// parse reads a value as it is typed: text as it is where the type is string,
// otherwise an expression. Without a type, what reads as a number, boolean,
// list or object is one, and all else is text.
func (i *Input) parse(variable *schema.Variable) (cty.Value, hcl.Diagnostics) {
	t, text := variable.Type, i.Text
	if err := checkText("It", text, "give a text in UTF-8"); err != nil {
		return cty.NilVal, i.unsuitable(variable, err.Error()+".")
	}
	if t == cty.String {
		return cty.StringVal(text), nil
	}
	if diags := schema.CheckExpression("The value given with "+i.From, text); diags.HasErrors() {
		if schema.IsNumberOutOfRange(diags[0]) && !strings.ContainsAny(text, "[{(") {
			return cty.StringVal(text), nil // such as 12e4567, the short name of a commit
		}
		diags[0].Subject = nil // the command line has no lines
		return cty.NilVal, diags
	}
	expr, diags := hclsyntax.ParseExpression([]byte(text), i.From, hcl.InitialPos)
	if !diags.HasErrors() && len(expr.Variables()) == 0 {
		if value, diags := valueIn(expr, cty.DynamicPseudoType, nil); !diags.HasErrors() {
			return value, i.duplicates(variable, schema.DuplicateKeys(expr))
		}
	}
	if t == cty.DynamicPseudoType && !strings.ContainsAny(text, "[{") || t.IsPrimitiveType() {
		return cty.StringVal(text), nil
	}
	if better := quotedWords(variable, text); better != "" && !variable.Sensitive {
		return cty.NilVal, i.unsuitable(variable, fmt.Sprintf("A text in a value needs double quotes: write %s.", diag.ShellQuote(better)))
	}
	if t == cty.DynamicPseudoType {
		return cty.NilVal, i.unsuitable(variable, "A list or an object is written as in the configuration, without references and functions; a text with brackets in it needs quotes.")
	}
	return cty.NilVal, i.unsuitable(variable, "It must be "+described(t)+", written as in the configuration.")
}

// duplicates is the error of a value that is typed with keys that an object in it has
// twice.
func (i *Input) duplicates(variable *schema.Variable, keys []string) hcl.Diagnostics {
	if len(keys) == 0 {
		return nil
	}
	detail := fmt.Sprintf("The value %q given with %s has an object with the key %q twice. Take one of them away.", i.Text, i.From, keys[0])
	if variable.Sensitive {
		detail = fmt.Sprintf("The value given with %s has an object with a key twice. Take one of them away.", i.From)
	}
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Duplicate key", Detail: detail}}
}

// misfit is the error of a value of which something does not fit.
func (i *Input) misfit(variable *schema.Variable, m misfit) hcl.Diagnostics {
	var expr hcl.Expression
	if i.Line != nil {
		expr = i.Line.Expr
	}
	if variable.Sensitive {
		return i.unsuitable(variable, fmt.Sprintf("It must %s.", m.all))
	}
	detail, place, _ := m.of("It", expr)
	diags := i.unsuitable(variable, detail)
	if expr != nil {
		diags[0].Subject = &place
	}
	return diags
}

// unsuitable is the error of a value that was given. One that is sensitive is
// not shown.
func (i *Input) unsuitable(variable *schema.Variable, advice string) hcl.Diagnostics {
	problem := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Unsuitable value"}
	if i.Line != nil {
		subject := i.Line.Expr.Range()
		problem.Subject = &subject
		problem.Detail = fmt.Sprintf("The value does not fit var.%s. %s", i.Name, advice)
		return hcl.Diagnostics{problem}
	}
	shown := fmt.Sprintf(" %q", i.Text)
	if variable.Sensitive {
		shown = ""
	}
	problem.Detail = fmt.Sprintf("The value%s given with %s does not fit. %s", shown, i.From, advice)
	return hcl.Diagnostics{problem}
}

// VariableText writes a variable's value as it could be typed after --var.
func VariableText(variable *schema.Variable, value cty.Value) string {
	value, _ = value.UnmarkDeep()
	if variable.Type == cty.String && value.IsKnown() && !value.IsNull() {
		return value.AsString()
	}
	return string(hclwrite.TokensForValue(value).Bytes())
}
