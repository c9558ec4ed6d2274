package eval

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/schema"
)

// Instance is a flow that can be run: the flow itself, or one for each key of
// its for_each.
type Instance struct {
	Address schema.Address
	Flow    *schema.Flow
	Each    *Each // nil without for_each
}

// Each is what each.key and each.value are in one instance.
type Each struct {
	Key   string
	Value Value
}

func (each *Each) object() Value {
	return object(map[string]Value{"key": Plain(cty.StringVal(each.Key)), "value": each.Value})
}

// Instances expands for_each: all instances, flows in source order and keys
// sorted. It must be called before anything refers to a flow.
func (e *Evaluator) Instances() ([]*Instance, hcl.Diagnostics) {
	var list []*Instance
	var diags hcl.Diagnostics
	for _, flow := range e.config.Flows {
		argument := flow.Argument("for_each")
		if argument == nil {
			list = append(list, &Instance{Address: flow.Address, Flow: flow})
			continue
		}
		elements, moreDiags := e.forEach(argument)
		diags = append(diags, moreDiags...)
		keys := []string{}
		for _, each := range elements {
			keys = append(keys, each.Key)
			list = append(list, &Instance{Address: flow.Address.Instance(each.Key), Flow: flow, Each: each})
		}
		e.keys[flow.Address.Name] = keys
	}
	return list, diags
}

func (e *Evaluator) forEach(argument *hcl.Attribute) ([]*Each, hcl.Diagnostics) {
	subject := argument.Expr.Range()
	refuse := func(summary, detail string) hcl.Diagnostics {
		return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &subject}}
	}
	if source := e.unknownSource(argument.Expr, map[string]bool{}); source != "" {
		return nil, refuse("Unknown for_each", fmt.Sprintf("The keys must be known before anything runs, and %s is not. Use a variable or a local value.", source))
	}
	value, diags := e.Evaluate(argument.Expr, cty.DynamicPseudoType, nil)
	if diags.HasErrors() {
		return nil, diags
	}
	if Has(value.Real, Sensitive) {
		return nil, refuse("Sensitive for_each", "Keys are shown in addresses and file names, so they cannot be sensitive.")
	}
	real, _ := value.Real.Unmark()
	hashed, _ := value.Hashed.Unmark()
	t := real.Type()
	isMap, isSet := t.IsMapType() || t.IsObjectType(), t.IsSetType() && t.ElementType() == cty.String
	if real.IsNull() || !isMap && !isSet {
		hint := ""
		if t.IsListType() || t.IsTupleType() {
			hint = " Wrap the list in toset()."
		}
		return nil, refuse("Unsuitable for_each", "for_each takes a map, an object or a set of texts."+hint)
	}
	var elements []*Each
	for it := real.ElementIterator(); it.Next(); {
		key, element := it.Element()
		if isSet {
			key, _ = element.Unmark()
		}
		each := &Each{Key: key.AsString(), Value: Plain(element)}
		if isMap {
			each.Value.Hashed = at(hashed, key.AsString(), element)
		}
		elements = append(elements, each)
	}
	slices.SortFunc(elements, func(a, b *Each) int {
		if a.Key < b.Key {
			return -1
		}
		return 1
	})
	return elements, diags
}

// at is the hashed form of an element; a hashed form without that key means
// that keys themselves are ambient, and then the element stands for itself.
func at(hashed cty.Value, key string, element cty.Value) cty.Value {
	if !hashed.IsKnown() || hashed.IsNull() {
		element, _ = element.UnmarkDeep()
		return element
	}
	for it := hashed.ElementIterator(); it.Next(); {
		if k, v := it.Element(); k.AsString() == key {
			return v
		}
	}
	element, _ = element.UnmarkDeep()
	return element
}

// unknownSource names the hook or flow that an expression depends on, through
// local values too; "" if there is none.
func (e *Evaluator) unknownSource(expr hcl.Expression, seen map[string]bool) string {
	for _, reference := range e.references(expr) {
		switch reference.Address.Block {
		case "flow", "hook":
			return reference.Address.String()
		case "local":
			if local := e.config.Local(reference.Address.Name); local != nil && !seen[local.Address.Name] {
				seen[local.Address.Name] = true
				if source := e.unknownSource(local.Attribute.Expr, seen); source != "" {
					return source
				}
			}
		}
	}
	return ""
}
