package eval

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// checkKeys holds every literal key of the configuration, as in
// flow.train["knn"], to the keys that for_each has given, and those in
// depends_on and after that are none. References to flows whose own for_each is
// wrong are left alone.
func (e *Evaluator) checkKeys(instances []*Instance, unexpanded map[schema.Address]bool) hcl.Diagnostics {
	var diags hcl.Diagnostics
	if len(e.keys) == 0 {
		return nil // nothing has instances, as Check has told
	}
	check := func(attributes []*schema.Attribute) {
		for _, attribute := range attributes {
			if !isOrderOnly(attribute.Name) && !slices.ContainsFunc(attribute.References, isToOne) {
				continue
			}
			diags = append(diags, e.checkKeysOf(attributeReferences(attribute), unexpanded)...)
		}
	}
	for _, local := range e.config.Locals {
		diags = append(diags, e.checkKeysOf(localReferences(local), unexpanded)...)
	}
	for _, environment := range e.config.Environments {
		check(environment.Arguments)
	}
	for _, hook := range e.config.Hooks {
		check(hook.Arguments)
	}
	for _, flow := range e.config.Flows {
		check(expressions(flow))
	}
	for _, output := range e.config.Outputs {
		check(output.Arguments)
	}
	told := map[hcl.Range]bool{} // what is wrong in one instance is in most
	for _, instance := range instances {
		for _, argument := range instance.Flow.Arguments {
			if !isOrderOnly(argument.Name) {
				continue
			}
			for _, one := range orderReferences(argument) {
				if one.key == nil || unexpanded[one.Address] || told[one.key.Range()] {
					continue
				}
				moreDiags := e.checkOrderKey(one, instance.Each)
				told[one.key.Range()] = moreDiags.HasErrors()
				diags = append(diags, moreDiags...)
			}
		}
	}
	return diags
}

// checkOrderKey checks a key in depends_on or after that is no literal: nothing else
// evaluates it.
func (e *Evaluator) checkOrderKey(one indexed, each *Each) hcl.Diagnostics {
	value, diags := e.Evaluate(one.key, cty.String, each)
	if diags.HasErrors() {
		return diags
	}
	subject := one.key.Range()
	key, ok := value.Text()
	switch {
	case value.Has(Sensitive):
		return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Sensitive key", Detail: "Keys are shown in addresses and file names, so they cannot be sensitive.", Subject: &subject}}
	case !ok:
		return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Unsuitable value", Detail: fmt.Sprintf("This is no key of %s: keys are texts, and this has no value.", one.Address), Subject: &subject}}
	}
	return e.checkKey(one.Address.Instance(key), subject)
}

func isToOne(reference *schema.Reference) bool { return reference.Address.Keyed }

// CheckKeys does the same for an expression that stands nowhere in the
// configuration.
func (e *Evaluator) CheckKeys(expr hcl.Expression) hcl.Diagnostics {
	return e.checkKeysOf(schema.References(expr), nil)
}

func (e *Evaluator) checkKeysOf(references []*schema.Reference, unexpanded map[schema.Address]bool) (diags hcl.Diagnostics) {
	for _, reference := range references {
		if reference.Address.Keyed && schema.IsKeyed(reference.Address.Block) && !unexpanded[reference.Address.Whole()] {
			diags = append(diags, e.checkKey(reference.Address, reference.Range())...)
		}
	}
	return diags
}

func (e *Evaluator) checkKey(address schema.Address, subject hcl.Range) hcl.Diagnostics {
	keys := e.keys[address.Whole()]
	if _, found := slices.BinarySearch(keys, address.Key); found {
		return nil
	}
	var instances []string
	for _, key := range keys {
		instances = append(instances, address.Instance(key).String())
	}
	problem := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Unknown instance", Subject: &subject}
	problem.Detail = fmt.Sprintf("There is no %s.", address)
	const shown = 20
	best := diag.Suggest(address.Key, keys)
	switch {
	case best != "":
		suggestion := address.Instance(best).String()
		problem.Detail += fmt.Sprintf(" Did you mean %s?", suggestion)
		problem.Extra = diag.Suggestion(suggestion)
	case len(instances) == 0:
		problem.Detail += fmt.Sprintf(" The for_each of %s is empty, so it has no instances.", address.Whole())
	case len(instances) > shown:
		problem.Detail += fmt.Sprintf(" The for_each of %s has %d keys, of which the first are: ", address.Whole(), len(instances)) + diag.Listing("", instances[:shown])[1:]
	default:
		problem.Detail += " " + diag.There(instances)
	}
	return hcl.Diagnostics{problem}
}
