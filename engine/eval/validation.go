package eval

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/schema"
)

// checkValidations holds what a validation block refers to to variables: they
// alone have values then.
func (c *checker) checkValidations(variable *schema.Variable) {
	for _, validation := range variable.Validations {
		for _, attribute := range validation.Arguments {
			c.checkFunctions(attribute.Expr)
			for _, reference := range attribute.References {
				if reference.Address.Block == "var" {
					c.checkReference(reference, anywhere)
					continue
				}
				c.report(reference.Range(), "Reference not possible here",
					fmt.Sprintf("Variables are settled before anything else, so that a validation refers to variables alone, as in var.%s.", variable.Address.Name), "")
			}
		}
	}
}

// validate holds the values of all variables to their validation blocks.
func validate(config *schema.Config, values map[string]cty.Value, inputs map[string]*Input) hcl.Diagnostics {
	all := map[string]cty.Value{}
	for name, value := range values {
		if all[name] = value; config.Variable(name).Sensitive {
			all[name] = value.Mark(Sensitive)
		}
	}
	context := &hcl.EvalContext{Variables: map[string]cty.Value{"var": cty.ObjectVal(all)}, Functions: functions(config.Root, false)}
	var diags hcl.Diagnostics
	for _, variable := range config.Variables {
		holds := true // all of them
		for _, validation := range variable.Validations {
			if !isSettled(validation, values) {
				continue // it is told what is wrong with the value
			}
			moreDiags := validateOne(variable, validation, context, inputs[variable.Address.Name])
			diags, holds = append(diags, moreDiags...), holds && !moreDiags.HasErrors()
		}
		if !holds {
			values[variable.Address.Name] = cty.UnknownVal(variable.Type)
		}
	}
	return diags
}

// isSettled says whether all variables that a validation refers to have values.
func isSettled(validation *schema.Block, values map[string]cty.Value) bool {
	for _, reference := range schema.References(validation.Argument("condition").Expr) {
		if value, ok := values[reference.Address.Name]; ok && !value.IsKnown() {
			return false
		}
	}
	return true
}

func validateOne(variable *schema.Variable, validation *schema.Block, context *hcl.EvalContext, input *Input) hcl.Diagnostics {
	condition := validation.Argument("condition")
	holds, diags := valueIn(condition.Expr, cty.Bool, context)
	if diags.HasErrors() {
		return diags
	}
	switch holds, _ = holds.UnmarkDeep(); {
	case holds.IsNull():
		return hcl.Diagnostics{validation.Null(condition)}
	case !holds.IsKnown() || holds.True():
		return nil
	}
	told := validation.Argument("error_message")
	message, diags := valueIn(told.Expr, cty.String, context)
	if diags.HasErrors() {
		return diags
	}
	text := "Its error_message is not shown, since a sensitive value is in it."
	switch known, marks := message.UnmarkDeep(); {
	case known.IsNull():
		return hcl.Diagnostics{validation.Null(told)}
	case known.IsKnown() && !marked(marks, Sensitive):
		text = known.AsString()
	}
	if text = strings.TrimSpace(text); !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "!") && !strings.HasSuffix(text, "?") {
		text += "."
	}
	problem := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Value not valid"}
	rule := condition.Expr.Range()
	switch fallback := variable.Argument("default"); {
	case input != nil && input.Line != nil:
		subject := input.Line.Expr.Range()
		problem.Subject = &subject
	case input != nil: // the command line has no lines
		problem.Subject = &rule
		value := "The value"
		if !variable.Sensitive {
			value += fmt.Sprintf(" %q", input.Text)
		}
		text += fmt.Sprintf(" %s is given with %s.", value, input.From)
	case fallback != nil:
		subject := fallback.Expr.Range()
		problem.Subject = &subject
	}
	if problem.Subject != &rule {
		text += fmt.Sprintf(" The rule is at %s:%d.", rule.Filename, rule.Start.Line)
	}
	problem.Detail = fmt.Sprintf("var.%s: %s", variable.Address.Name, text)
	return hcl.Diagnostics{problem}
}

// valueIn evaluates an expression in a context that is complete.
func valueIn(expr hcl.Expression, want cty.Type, context *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	e := &Evaluator{}
	if value, ok := (&simple{eval: e, constant: true}).evaluate(expr, constraint{Type: want}); ok && value.single {
		return value.Real, nil
	}
	return e.evaluate(expr, want, context)
}
