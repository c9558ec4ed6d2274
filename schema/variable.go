package schema

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
)

// Variable is a value that whoever runs flowrider may give.
type Variable struct {
	Block
	Type      cty.Type // cty.DynamicPseudoType where none is written
	Defaults  *typeexpr.Defaults
	Sensitive bool
}

var variableTable = &table{what: "variable", arguments: []Argument{
	{Name: "type", Type: cty.DynamicPseudoType, Help: "the type of the value, such as string or list(number)"},
	{Name: "default", Type: cty.DynamicPseudoType, Help: "the value where none is given; may call functions, refers to nothing"},
	{Name: "description", Type: cty.String, Help: "what the variable is for"},
	{Name: "sensitive", Type: cty.Bool, Help: "whether the value is hidden everywhere"},
}}

func (c *Config) decodeVariable(block *hcl.Block) hcl.Diagnostics {
	common, _, diags := decodeCommon(block, "", variableTable)
	variable := &Variable{Block: common, Type: cty.DynamicPseudoType}
	if argument := common.Argument("type"); argument != nil {
		if diags := checkTypeText(argument); diags.HasErrors() {
			return diags
		}
		t, defaults, moreDiags := typeexpr.TypeConstraintWithDefaults(argument.Expr)
		diags = append(diags, moreDiags...)
		if !moreDiags.HasErrors() {
			variable.Type, variable.Defaults = t, defaults
		}
	}
	if argument := common.Argument("sensitive"); argument != nil {
		value, moreDiags := argument.Expr.Value(nil)
		if moreDiags.HasErrors() || value.IsNull() || value.Type() != cty.Bool {
			subject := argument.Expr.Range()
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagError, Summary: "Unsuitable value",
				Detail: "The argument \"sensitive\" is true or false, without references.", Subject: &subject,
			})
		} else {
			variable.Sensitive = value.True()
		}
	}
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
	c.Variables = append(c.Variables, variable)
	return diags
}

// checkTypeText holds a type that stands in a text of a JSON file to the
// limits, which know templates in those texts and no expressions.
func checkTypeText(argument *hcl.Attribute) hcl.Diagnostics {
	value, diags := argument.Expr.Value(nil)
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
