package eval

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/schema"
)

// checkVersions refuses versions of an environment that are numbers: as one,
// 3.10 is 3.1.
func (e *Evaluator) checkVersions(block *schema.Block) (diags hcl.Diagnostics) {
	for _, name := range []string{"python", "packages"} {
		argument := block.Argument(name)
		if argument == nil {
			continue
		}
		value, moreDiags := e.Evaluate(argument.Expr, cty.DynamicPseudoType, e.eachOf[block.Address])
		if moreDiags.HasErrors() {
			continue // which is told where it is converted
		}
		versions := map[string]cty.Value{"": value.Unmarked()}
		if t := versions[""].Type(); (t.IsObjectType() || t.IsMapType()) && versions[""].IsKnown() && !versions[""].IsNull() {
			versions = versions[""].AsValueMap()
		}
		for _, element := range slices.Sorted(maps.Keys(versions)) {
			if versions[element].Type() == cty.Number {
				diags = append(diags, e.numberAsVersion(block.Element(name, element)))
			}
		}
	}
	return diags
}

func (e *Evaluator) numberAsVersion(subject hcl.Range) *hcl.Diagnostic {
	example := "3.10"
	if file := e.config.Sources[subject.Filename]; file != nil && subject.CanSliceBytes(file.Bytes) {
		if written := string(subject.SliceBytes(file.Bytes)); written != "" && written[0] >= '0' && written[0] <= '9' {
			example = written
		}
	}
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: "Version without quotes", Subject: &subject,
		Detail: fmt.Sprintf("This is a number, and numbers lose their last zeros: 3.10 is 3.1. Write the version in quotes: \"%s\".", example),
	}
}
