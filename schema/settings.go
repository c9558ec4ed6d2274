package schema

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/limit"
)

// Settings is the flowrider block.
type Settings struct {
	Block
	RequiredVersion string   // "" for any
	Runs            string   // folder of the committed records, slash path below the root
	OnFinish        []string // a program with its arguments, which reads how an apply has ended; empty for none
}

var settingsTable = &table{what: "flowrider", arguments: []Argument{
	{Name: "required_version", Type: cty.String, Default: "any", Help: "versions of flowrider that may read this configuration, such as \">= 0.1\""},
	{Name: "runs", Type: cty.String, Default: "\"runs\"", Help: "the folder of the committed records"},
	{Name: "on_finish", Type: cty.List(cty.String), Default: "none", Help: "a program with its arguments, which is run in the root folder after each apply and reads how it went, as JSON, on standard input"},
}}

func defaultSettings() *Settings { return &Settings{Runs: "runs"} }

// decodeSettings reads the block at once: settings are literals, since they
// are needed before anything is evaluated.
func (c *Config) decodeSettings(block *hcl.Block) hcl.Diagnostics {
	common, _, diags := decodeCommon(block, "", settingsTable)
	if c.Settings.DeclRange != (hcl.Range{}) {
		earlier := c.Settings.DeclRange
		return append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError, Summary: "Duplicate block",
			Detail:  fmt.Sprintf("There is a flowrider block at %s:%d already; a configuration has at most one.", earlier.Filename, earlier.Start.Line),
			Subject: &block.DefRange,
		})
	}
	c.Settings.Block = common
	diags = append(diags, literal(common.Argument("required_version"), &c.Settings.RequiredVersion)...)
	diags = append(diags, literal(common.Argument("runs"), &c.Settings.Runs)...)
	diags = append(diags, literals(common.Argument("on_finish"), &c.Settings.OnFinish)...)
	diags = append(diags, c.checkRunsFolder(common.Argument("runs"))...)
	return append(diags, checkRequiredVersion(common.Argument("required_version"), c.Settings.RequiredVersion)...)
}

func (c *Config) checkRunsFolder(argument *Attribute) hcl.Diagnostics {
	if argument == nil || validFolder(c.Settings.Runs) {
		return nil
	}
	subject := argument.Expr.Range()
	return hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: "Invalid folder",
		Detail:  fmt.Sprintf("%q cannot be the folder of the records: write a path below the root folder, with slashes, such as \"runs\".", c.Settings.Runs),
		Subject: &subject,
	}}
}

// literal reads an argument that must be a text without references.
func literal(argument *Attribute, into *string) hcl.Diagnostics {
	if argument == nil {
		return nil
	}
	value, diags := limit.Value(argument.Expr, nil)
	switch {
	case diags.HasErrors():
		return notLiteral(argument, "a text in quotes", "%q")
	case value.IsNull() || !value.Type().Equals(cty.String):
		return wrongText(argument)
	}
	*into = value.AsString()
	return nil
}

// notLiteral is the error of an argument that would have to be evaluated. form is how
// it is written, and quoted what becomes of a word without quotes, if that is meant.
func notLiteral(argument *Attribute, form, quoted string) hcl.Diagnostics {
	subject := argument.Expr.Range()
	problem := &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "Not a literal", Subject: &subject,
		Detail: fmt.Sprintf("The argument %q is read before anything is evaluated: write %s, without references or functions.", argument.Name, form),
	}
	if word := hcl.ExprAsKeyword(argument.Expr); word != "" && quoted != "" {
		better := fmt.Sprintf(quoted, word)
		problem.Detail = fmt.Sprintf("The argument %q is %s: write %s.", argument.Name, form, better)
		problem.Extra = diag.Suggestion(better)
	}
	return hcl.Diagnostics{problem}
}

func wrongText(argument *Attribute) hcl.Diagnostics {
	subject := argument.Expr.Range()
	return hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: "Unsuitable value",
		Detail: fmt.Sprintf("The argument %q is a text in quotes.", argument.Name), Subject: &subject,
	}}
}

// literals reads an argument that must be a list of texts without references.
func literals(argument *Attribute, into *[]string) hcl.Diagnostics {
	if argument == nil {
		return nil
	}
	value, diags := limit.Value(argument.Expr, nil)
	subject := argument.Expr.Range()
	if diags.HasErrors() {
		return notLiteral(argument, "a list of texts in quotes", "[%q]")
	}
	unsuitable := value.IsNull() || !value.Type().IsTupleType() || value.LengthInt() == 0
	if !unsuitable {
		for _, element := range value.AsValueSlice() {
			if unsuitable = element.IsNull() || !element.Type().Equals(cty.String); unsuitable {
				break
			}
			*into = append(*into, element.AsString())
		}
	}
	if unsuitable || (*into)[0] == "" {
		return hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "Unsuitable value",
			Detail: fmt.Sprintf("The argument %q is a list of texts in quotes, the program first, as in [\"notify\", \"--done\"].", argument.Name), Subject: &subject,
		}}
	}
	return nil
}
