package eval

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/schema"
)

// checkNull finds null where a value is needed: as that of a required argument, and
// in lists and maps. What is sensitive may be told nothing of, and is refused there.
func checkNull(block *schema.Block, attribute *schema.Attribute, value Value) (diags hcl.Diagnostics) {
	if value.Real.IsNull() {
		if problem := block.Null(attribute); problem != nil {
			diags = append(diags, problem)
		}
		return diags
	}
	if !block.Type(attribute.Name).IsCollectionType() || value.Has(Sensitive) {
		return nil
	}
	advice := block.InsteadOfNull(attribute.Name)
	all, _ := value.Real.Unmark()
	if advice == "" || !all.IsKnown() {
		return nil
	}
	for it := all.ElementIterator(); it.Next(); {
		key, element := it.Element()
		if !element.IsNull() {
			continue
		}
		path, collection, subject := cty.Path{cty.IndexStep{Key: key}}, "a list", attribute.Expr.Range()
		if part := partOf(attribute.Expr, path); part != nil {
			subject = part.Range()
		}
		if all.Type().IsMapType() {
			collection = "a map"
		}
		diags = append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError, Summary: "Null in " + collection, Subject: &subject,
			Detail: fmt.Sprintf("%s%s is null; %s.", attribute.Name, writtenPath(path), advice),
		})
	}
	return diags
}
