package eval

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/limit"
	"github.com/flowrider/flowrider/schema"
)

// stranger is an attribute, as it is written, which the type of its object does not
// have. cty leaves it out, and one that is misspelt would be missed by nobody where
// the right one is optional. What a function has made may have more than is taken.
type stranger struct {
	object cty.Path // that it stands in
	name   string
	names  []string // that the object has
	place  hcl.Range
}

// strangersIn are those in an expression that is to be of a type.
func strangersIn(expr hcl.Expression, want cty.Type, path cty.Path) (list []stranger) {
	if simple, ok := expr.(*schema.Simple); ok && !hasStrangers(simple.Term, want) {
		return nil // of which HCL's tree would have to be made again
	}
	into := func(step cty.Value, expr hcl.Expression, want cty.Type) {
		list = append(list, strangersIn(expr, want, append(slices.Clone(path), cty.IndexStep{Key: step}))...)
	}
	switch {
	case want.IsObjectType() || want.IsMapType():
		pairs, _ := hcl.ExprMap(expr)
		for _, pair := range pairs {
			key, diags := limit.Value(pair.Key, nil)
			switch {
			case diags.HasErrors() || key.Type() != cty.String || !key.IsKnown() || key.IsNull():
			case want.IsMapType():
				into(key, pair.Value, want.ElementType())
			case want.HasAttribute(key.AsString()):
				into(key, pair.Value, want.AttributeType(key.AsString()))
			case key.AsString() == "//" && strings.HasSuffix(pair.Key.Range().Filename, ".json"): // a comment there
			default:
				list = append(list, stranger{path, key.AsString(), slices.Sorted(maps.Keys(want.AttributeTypes())), pair.Key.Range()})
			}
		}
	case want.IsTupleType() || want.IsListType() || want.IsSetType():
		elements, _ := hcl.ExprList(expr)
		for i, element := range elements {
			switch {
			case !want.IsTupleType():
				into(cty.NumberIntVal(int64(i)), element, want.ElementType())
			case i < want.Length():
				into(cty.NumberIntVal(int64(i)), element, want.TupleElementType(i))
			}
		}
	}
	return list
}

// hasStrangers says whether there are any in a simple expression.
func hasStrangers(term schema.Term, want cty.Type) bool {
	switch term := term.(type) {
	case schema.Object:
		return slices.ContainsFunc(term, func(member schema.Member) bool {
			switch {
			case want.IsMapType():
				return hasStrangers(member.Term, want.ElementType())
			case want.IsObjectType() && want.HasAttribute(member.Name):
				return hasStrangers(member.Term, want.AttributeType(member.Name))
			}
			return want.IsObjectType()
		})
	case schema.List:
		for i, element := range term {
			switch {
			case want.IsListType() || want.IsSetType():
				if hasStrangers(element, want.ElementType()) {
					return true
				}
			case want.IsTupleType() && i < want.Length() && hasStrangers(element, want.TupleElementType(i)):
				return true
			}
		}
	}
	return false
}

// problem is the message on one in the value of a variable.
func (s stranger) problem(variable *schema.Variable) *hcl.Diagnostic {
	object := "var." + variable.Address.Name + writtenPath(s.object)
	problem := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Unknown attribute", Subject: &s.place}
	problem.Detail = fmt.Sprintf("%s has no attribute %q, by its type.", object, s.name)
	if best := diag.Suggest(s.name, s.names); best != "" {
		problem.Detail += fmt.Sprintf(" Did you mean %q?", best)
		problem.Extra = diag.Suggestion(best)
	} else if len(s.names) > 0 {
		problem.Detail += " " + diag.Listing("It has", s.names)
	}
	if variable.Sensitive { // nobody knows what the names in it say
		problem.Detail, problem.Extra = fmt.Sprintf("The type of var.%s has no such attribute.", variable.Address.Name), nil
	}
	return problem
}

// withoutMissing leaves out that an object has not what one of its strangers may have
// been meant for.
func withoutMissing(misfits []misfit, strangers []stranger) []misfit {
	return slices.DeleteFunc(misfits, func(m misfit) bool {
		return strings.HasPrefix(m.must, missingAttribute) && slices.ContainsFunc(strangers, func(s stranger) bool { return s.object.Equals(m.path) })
	})
}
