package eval

import (
	"fmt"
	"strconv"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// isOrderOnly says whether an argument makes an edge and no value.
func isOrderOnly(argument string) bool { return argument == "depends_on" || argument == "after" }

// FlowAddress reads an argument that names a flow or an instance. It is not
// evaluated, so that a flow may be named that is not declared any more.
func FlowAddress(argument *schema.Attribute) (schema.Address, hcl.Diagnostics) {
	traversal := schema.NamedTraversal(argument.Expr)
	if traversal != nil {
		if reference := schema.NewReference(traversal); reference.Complete() && reference.Address.Block == "flow" && len(reference.Rest()) == 0 {
			return reference.Address, nil
		}
	}
	subject := argument.Expr.Range()
	problem := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Unsuitable value", Subject: &subject}
	if address, ok := schema.NamedBy(argument.Expr).Meant("flow"); ok {
		better := schema.As(subject, address.String(), strconv.Quote(address.String()))
		problem.Detail = fmt.Sprintf("The argument %q names a flow or one of its instances: write %s.", argument.Name, better)
		problem.Extra = diag.Suggestion(better)
		return schema.Address{}, hcl.Diagnostics{problem}
	}
	problem.Detail = fmt.Sprintf("The argument %q names a flow or one of its instances, as in %s.", argument.Name, schema.As(subject, `flow.a or flow.train["forest"]`, `"flow.a" or "flow.train[\"forest\"]"`))
	return schema.Address{}, hcl.Diagnostics{problem}
}

// localReferences lists what a local value refers to, in source order. Its name may
// be that of any argument.
func localReferences(local *schema.Local) []*schema.Reference {
	return schema.Complete(local.Attribute.References)
}

// attributeReferences lists what an argument refers to, in source order.
func attributeReferences(attribute *schema.Attribute) []*schema.Reference {
	if !isOrderOnly(attribute.Name) {
		return schema.Complete(attribute.References)
	}
	var list []*schema.Reference
	for _, one := range orderReferences(attribute) {
		list = append(list, one.Reference)
	}
	return list
}

// orderReferences are those of depends_on or after, with their keys.
func orderReferences(attribute *schema.Attribute) (list []indexed) {
	items, _ := schema.NamedList(attribute.Expr)
	for _, item := range items {
		one := indexed{}
		switch {
		case item.Traversal != nil:
			one.Reference = schema.NewReference(item.Traversal)
		case item.Key != nil:
			one = indexed{schema.NewReference(item.Many), item.Key}
		}
		if one.Reference != nil && one.Complete() {
			list = append(list, one)
		}
	}
	return list
}
