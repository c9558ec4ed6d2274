package eval

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/schema"
)

// wholeFlow is the address of the first flow that stands in a value as a
// whole; "" if there is none. It is known by its attributes and by the mark of
// its run: expressions may pass flows around, as `for` and values() do, but no
// argument takes one.
func wholeFlow(v cty.Value) string {
	found := ""
	err := cty.Walk(v, func(_ cty.Path, inner cty.Value) (bool, error) {
		if address := flowOf(inner); address != "" && (found == "" || address < found) {
			found = address
		}
		return true, nil
	})
	if err != nil {
		panic(err) // the function above gives none
	}
	return found
}

func flowOf(v cty.Value) string {
	v, _ = v.Unmark()
	if !v.Type().IsObjectType() || !v.IsKnown() || v.IsNull() {
		return ""
	}
	if names := slices.Sorted(maps.Keys(v.Type().AttributeTypes())); !slices.Equal(names, flowAttributes) {
		return ""
	}
	for mark := range v.GetAttr("pathspec").Marks() {
		if run, ok := mark.(Run); ok && run.Output == "" && v.GetAttr("run_id").HasMark(run) {
			return run.Flow
		}
	}
	return ""
}

// outputOf is the address of the output that a value is as a whole, and the attribute
// of it that is mostly meant; "" if it is none. The digest tells of which run it is.
func outputOf(v cty.Value) (address, attribute string) {
	v, _ = v.Unmark()
	if !v.Type().IsObjectType() || !v.IsKnown() || v.IsNull() || !v.Type().HasAttribute("digest") {
		return "", ""
	}
	for mark := range v.GetAttr("digest").Marks() {
		run, ok := mark.(Run)
		for _, attribute := range []string{"path", "value", "run_id"} {
			if ok && v.Type().HasAttribute(attribute) {
				return fmt.Sprintf("%s.output.%s", run.Flow, run.Output), attribute
			}
		}
	}
	return "", ""
}

// takenWhole says of a flow or an output that stands where it cannot, with all its
// attributes, which of them to write: of several, of the first. It is "" of any other
// value.
func takenWhole(v cty.Value) (summary, detail string) {
	values := []cty.Value{v}
	plain, _ := v.Unmark()
	if names := members(plain); len(names) > 0 { // all outputs of a flow, or all its instances
		all := plain.AsValueMap()
		for _, name := range names {
			values = append(values, all[name])
		}
	}
	for _, value := range values {
		if address := flowOf(value); address != "" {
			return wholeFlowSummary, wholeDetail(address, "run_id")
		}
		if address, attribute := outputOf(value); address != "" {
			return "A whole output is no value", wholeDetail(address, attribute)
		}
	}
	return "", ""
}

const wholeFlowSummary = "A whole flow is no value"

func wholeDetail(address, attribute string) string {
	return fmt.Sprintf("%s stands here with all its attributes, and nothing can be given those: write %s.%s, or another attribute of it.", address, address, attribute)
}

// mayHaveFlow says whether it is worth looking for a flow in a value.
func (v Value) mayHaveFlow() bool { return !v.single && !v.flat && (v.marks == nil || hasRun(v.marks)) }

// checkNoFlow refuses an argument in which a flow stands as a whole, at each
// reference that is written there. want is what the argument takes.
func (e *Evaluator) checkNoFlow(expr hcl.Expression, value cty.Value, want cty.Type) (diags hcl.Diagnostics) {
	address := wholeFlow(value)
	if address == "" {
		return nil
	}
	refuse := func(subject hcl.Range, detail string) {
		diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: wholeFlowSummary, Subject: &subject, Detail: detail})
	}
	inCalls := argumentsOfCalls(expr)
	for _, inCall := range []bool{false, true} { // what a function makes of one may be sound
		for _, reference := range schema.Complete(schema.References(expr)) {
			if len(diags) > 0 && inCall || len(reference.Rest()) > 0 || reference.Address.Block != "flow" || inCalls[reference.Range()] != inCall {
				continue
			}
			if _, many := e.keys[reference.Address]; many {
				all := fmt.Sprintf("{ for k, f in %s : k => f.run_id }", reference.Address)
				if want == cty.String || want.IsCollectionType() && want.ElementType() == cty.String {
					all = fmt.Sprintf("join(\",\", values(%s)[*].run_id)", reference.Address)
				}
				refuse(reference.Range(), fmt.Sprintf("%s stands here with all its attributes, and nothing can be given those: write %s for the runs of all its instances.", address, all))
				continue
			}
			refuse(reference.Range(), wholeDetail(reference.Address.String(), "run_id"))
		}
	}
	if len(diags) == 0 { // it comes through a local value
		refuse(expr.Range(), wholeDetail(address, "run_id"))
	}
	return diags
}

// argumentsOfCalls are the places of references in the arguments of functions.
func argumentsOfCalls(expr hcl.Expression) map[hcl.Range]bool {
	found := map[hcl.Range]bool{}
	if node, ok := hcl.UnwrapExpression(expr).(hclsyntax.Node); ok {
		hclsyntax.VisitAll(node, func(node hclsyntax.Node) hcl.Diagnostics {
			if call, ok := node.(*hclsyntax.FunctionCallExpr); ok {
				for _, traversal := range call.Variables() {
					found[traversal.SourceRange()] = true
				}
			}
			return nil
		})
	}
	return found
}
