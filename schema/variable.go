package schema

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/flowrider/flowrider/internal/limit"
)

// Variable is a value that whoever runs flowrider may give.
type Variable struct {
	Block
	Type        cty.Type // cty.DynamicPseudoType where none is written
	Defaults    *typeexpr.Defaults
	Sensitive   bool
	Nullable    bool
	Validations []*Block // each with a condition and an error_message
}

var variableTable = &table{what: "variable", arguments: []Argument{
	{Name: "type", Type: cty.DynamicPseudoType, Default: "any", Help: "the type of the value, such as string, list(number) or object({ k = number, tag = optional(string, \"v1\") })"},
	{Name: "default", Type: cty.DynamicPseudoType, Default: "a value is needed", Help: "the value where none is given; may call functions, refers to nothing"},
	{Name: "description", Type: cty.String, Help: "what the variable is for"},
	{Name: "sensitive", Type: cty.Bool, Default: "false", Help: "whether the value is hidden everywhere"},
	{Name: "nullable", Type: cty.Bool, Default: "true", Help: "false: null is no value, and the default takes its place"},
}, blocks: []hcl.BlockHeaderSchema{{Type: "validation"}}}

var validationTable = &table{what: "validation", arguments: []Argument{
	{Name: "condition", Type: cty.Bool, Required: true, Help: "what must be true of the value; may refer to variables"},
	{Name: "error_message", Type: cty.String, Required: true, Help: "what to tell where the condition is false"},
}}

func (c *Config) decodeVariable(block *hcl.Block) hcl.Diagnostics {
	common, blocks, diags := decodeCommon(block, "", variableTable)
	variable := &Variable{Block: common, Type: cty.DynamicPseudoType, Nullable: true}
	diags = append(diags, variable.decodeType()...)
	diags = append(diags, literalBool(common.Argument("sensitive"), &variable.Sensitive)...)
	diags = append(diags, literalBool(common.Argument("nullable"), &variable.Nullable)...)
	diags = append(diags, literalText(common.Argument("description"))...)
	if argument := common.Argument("default"); argument != nil {
		for _, traversal := range argument.Expr.Variables() {
			subject := traversal.SourceRange()
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagError, Summary: "Reference in a default",
				Detail:  fmt.Sprintf("The default of var.%s may call functions but refers to nothing. Put the expression into a locals block instead.", common.Address.Name),
				Subject: &subject,
			})
		}
	}
	for _, nested := range blocks {
		validation, _, moreDiags := decodeCommon(nested, "", validationTable)
		diags = append(diags, moreDiags...)
		if !moreDiags.HasErrors() {
			variable.Validations = append(variable.Validations, &validation)
		}
	}
	c.Variables = append(c.Variables, variable)
	return diags
}

func (v *Variable) decodeType() hcl.Diagnostics {
	argument := v.Argument("type")
	if argument == nil {
		return nil
	}
	if diags := checkTypeText(argument); diags.HasErrors() {
		return diags
	}
	t, defaults, diags := typeexpr.TypeConstraintWithDefaults(argument.Expr)
	for _, problem := range diags {
		plainType(problem, argument.Expr)
	}
	if !diags.HasErrors() {
		v.Type, v.Defaults = t, defaults
	}
	return diags
}

// literalBool reads an argument that is needed before anything is evaluated.
func literalBool(argument *Attribute, into *bool) hcl.Diagnostics {
	if argument == nil {
		return nil
	}
	value, diags := limit.Value(argument.Expr, nil)
	switch {
	case diags.HasErrors():
		return notLiteral(argument, "true or false", "")
	case value.IsNull() || value.Type() != cty.Bool:
		advice := ""
		if text, err := convert.Convert(value, cty.Bool); err == nil && !text.IsNull() {
			advice = fmt.Sprintf(": write %t", text.True())
		}
		subject := argument.Expr.Range()
		return hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "Unsuitable value", Subject: &subject,
			Detail: fmt.Sprintf("The argument %q is true or false, without quotes%s.", argument.Name, advice),
		}}
	}
	*into = value.True()
	return nil
}

// literalText holds an argument that nothing evaluates to a text.
func literalText(argument *Attribute) hcl.Diagnostics {
	if argument == nil {
		return nil
	}
	value, diags := limit.Value(argument.Expr, nil)
	switch {
	case diags.HasErrors():
		return notLiteral(argument, "a text in quotes", "%q")
	case value.IsNull() || value.Type().IsPrimitiveType():
		return nil
	}
	return wrongText(argument)
}

// checkTypeText holds a type that stands in a text of a JSON file to the
// limits, which know templates in those texts and no expressions.
func checkTypeText(argument *Attribute) hcl.Diagnostics {
	value, diags := limit.Value(argument.Expr, nil)
	if diags.HasErrors() || value.IsNull() || value.Type() != cty.String {
		return nil
	}
	diags = CheckExpression("The type", value.AsString())
	for _, problem := range diags {
		subject := argument.Expr.Range()
		problem.Subject = &subject
	}
	return diags
}
