package eval

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// plain puts what HCL says of a value into our words, with what to write and
// the values that the expression has to do with. Of calls explainCall has told.
func plain(problem *hcl.Diagnostic, expr hcl.Expression, ctx *hcl.EvalContext) {
	part, in := expr, ctx
	if problem.Expression != nil && problem.EvalContext != nil {
		part, in = problem.Expression, problem.EvalContext // with the names of for
	}
	around := problem.Context
	problem.Extra, problem.Context = nil, nil
	tell := func(summary, detail string) { problem.Summary, problem.Detail = summary, detail }
	switch problem.Summary {
	case "Unsupported attribute", "Missing map element", "Attempt to get attribute from null value":
		plainAttribute(problem, expr, in)
	case "Invalid index", "Attempt to index null value":
		plainIndex(problem, expr, in)
	case "Invalid operand":
		_, need, _ := strings.Cut(problem.Detail, ": ")
		tell("Unsuitable operand", "The operator cannot take this: "+operandWords.Replace(need))
		switch operation, _ := nodeAt[*hclsyntax.BinaryOpExpr](expr, around); {
		case operation == nil:
		case operation.Op == hclsyntax.OpModulo:
			tell("Unsuitable operand", "The operator % gives the remainder of two numbers, and this is none. format(\"%s\", VALUE) puts a value into a text.")
		case operation.Op == hclsyntax.OpAdd:
			tell("Unsuitable operand", `The operator + adds numbers, and this is none. Texts are put together as in "${a}${b}", lists with concat(a, b).`)
		}
	case "Operation failed":
		if strings.Contains(problem.Detail, "null") {
			tell("Null", "The operator needs a value on each side, and null is none. Write coalesce(VALUE, DEFAULT) for a value in its place.")
		}
	case "Invalid template interpolation value":
		value, _ := part.Value(in)
		if summary, detail := takenWhole(value); summary != "" {
			tell(summary, detail)
		} else if strings.Contains(problem.Detail, "null") {
			tell("Null in a text", "This is null, which cannot stand in a text. Write coalesce(VALUE, \"\") if nothing is to stand there.")
		} else {
			tell("No text", "This is a list, a set, a map or an object, which cannot stand in a text. join(\", \", LIST) or jsonencode(VALUE) makes a text of it.")
		}
	case "Incorrect condition type", "Null condition", "Condition is null", "Invalid 'for' condition":
		tell("No condition", "A condition is true or false, as in var.name == \"a\".")
	case "Inconsistent conditional result types":
		_, types, _ := strings.Cut(problem.Detail, "types. ")
		tell("Two types", strings.TrimSpace("Both values of a condition have one type. "+plainBranches(types)))
	case "Iteration over non-iterable value", "Iteration over null value":
		tell("Nothing to go through", "for goes through a list, a set, a map or an object, and this is none.")
	case "Splat of null value":
		tell("Nothing to go through", "[*] goes through a list, and this is null.")
	case "Duplicate object key":
		detail, _, _ := strings.Cut(problem.Detail, ". ")
		tell("Duplicate key", detail+". Where a key may come twice, write ... after the value: { for x in LIST : KEY => VALUE... } makes a list of each key's values.")
	case "Duplicate object attribute": // of JSON
		name, _, _ := strings.Cut(strings.TrimPrefix(problem.Detail, "An attribute named "), " was ")
		tell("Duplicate key", fmt.Sprintf("This object has the key %s already. Take one of them away.", name))
	case "Invalid expanding argument value":
		tell("Nothing to go through", "... makes the elements of a list the arguments of a function, and this is none.")
	}
	if problem.Extra == nil {
		problem.Extra = valuesIn(part, in)
	}
}

// branchWords put what HCL says of the values of a condition into our words.
var branchWords = strings.NewReplacer(
	"The 'true' value includes object attribute", "The one before the colon has the attribute", ", which is absent in the 'false' value", ", and the one after it has not",
	"The 'false' value includes object attribute", "The one after the colon has the attribute", ", which is absent in the 'true' value", ", and the one before it has not",
	"The 'true' value is ", "The one before the colon is ", ", but the 'false' value is ", ", and the one after it ",
	"The 'true' tuple has length ", "The one before the colon is a list of the length ", ", but the 'false' tuple has length ", ", and the one after it of ",
	"Type mismatch for object attribute ", "They differ in the attribute ", "Type mismatch for tuple element ", "They differ in the element ",
	"Mismatched list element types", "They differ in the elements", "Mismatched set element types", "They differ in the elements", "Mismatched map element types", "They differ in the elements",
)

var branchType = regexp.MustCompile(`(before the colon is|after it) (?:(list|set|map) of )?(tuple|object|string|number|bool|dynamic)\b`)

// plainBranches is what HCL says of the types of a condition's values, in our words.
func plainBranches(types string) string {
	return branchType.ReplaceAllStringFunc(branchWords.Replace(types), func(text string) string {
		match := branchType.FindStringSubmatch(text)
		one := map[string]string{"tuple": "a list", "object": "an object", "string": "a text", "number": "a number", "bool": "true or false", "dynamic": "null"}[match[3]]
		if match[2] != "" {
			one = "a " + match[2]
		}
		return match[1] + " " + one
	})
}

var operandWords = strings.NewReplacer("bool required, but have number", "true or false is required, and this is a number", "a bool is", "true or false is", "bool required", "true or false is required")

// withoutSecondOperand leaves of the two operands of one operator the first: both
// have the same mistake.
func withoutSecondOperand(diags hcl.Diagnostics) hcl.Diagnostics {
	var last *hcl.Range
	return slices.DeleteFunc(diags, func(problem *hcl.Diagnostic) bool {
		if problem.Summary != "Invalid operand" || problem.Context == nil {
			return false
		}
		second := last != nil && *last == *problem.Context
		last = problem.Context
		return second
	})
}

// onceAtEachPlace leaves of the mistakes of one kind at one place the first: for
// makes one for each element that it goes through.
func onceAtEachPlace(diags hcl.Diagnostics) hcl.Diagnostics {
	if len(diags) < 2 {
		return diags
	}
	type place struct {
		summary string
		at      hcl.Range
	}
	told := map[place]bool{}
	return slices.DeleteFunc(diags, func(problem *hcl.Diagnostic) bool {
		if problem.Subject == nil {
			return false
		}
		one := place{problem.Summary, *problem.Subject}
		repeated := told[one]
		told[one] = true
		return repeated
	})
}

// nodeAt is the part of an expression of a kind that stands at a place.
func nodeAt[T hclsyntax.Node](expr hcl.Expression, at *hcl.Range) (found T, ok bool) {
	root, native := hcl.UnwrapExpression(expr).(hclsyntax.Node)
	if !native || at == nil {
		return found, false
	}
	hclsyntax.VisitAll(root, func(node hclsyntax.Node) hcl.Diagnostics {
		if one, is := node.(T); is && !ok && one.Range() == *at {
			found, ok = one, true
		}
		return nil
	})
	return found, ok
}

// step finds the step of a reference that a message is about: what stands
// before it as it is written, and that value.
func step(problem *hcl.Diagnostic, expr hcl.Expression, ctx *hcl.EvalContext) (before string, value cty.Value, at hcl.Traverser) {
	for _, traversal := range expr.Variables() {
		for i, step := range traversal {
			if i == 0 || problem.Subject == nil || step.SourceRange() != *problem.Subject {
				continue
			}
			if value, diags := traversal[:i].TraverseAbs(ctx); !diags.HasErrors() {
				return written(traversal[:i]), value, step
			}
		}
	}
	if root, ok := hcl.UnwrapExpression(expr).(hclsyntax.Node); ok && problem.Subject != nil {
		hclsyntax.VisitAll(root, func(node hclsyntax.Node) hcl.Diagnostics {
			if at == nil {
				before, value, at = stepAfter(node, *problem.Subject, ctx)
			}
			return nil
		})
	}
	return before, value, at
}

// stepAfter is step for what stands after other values than references, and for the
// names of for.
func stepAfter(node hclsyntax.Node, at hcl.Range, ctx *hcl.EvalContext) (before string, value cty.Value, step hcl.Traverser) {
	var source hclsyntax.Expression
	var done hcl.Traversal
	switch node := node.(type) {
	case *hclsyntax.IndexExpr:
		key, diags := node.Key.Value(ctx)
		if key, _ = key.Unmark(); node.BracketRange != at || diags.HasErrors() {
			return "", cty.NilVal, nil
		}
		source, step = node.Collection, hcl.TraverseIndex{Key: key, SrcRange: at}
	case *hclsyntax.RelativeTraversalExpr:
		for i, one := range node.Traversal {
			if one.SourceRange() == at {
				source, done, step = node.Source, node.Traversal[:i], one
			}
		}
	case *hclsyntax.ScopeTraversalExpr:
		for i, one := range node.Traversal {
			if i > 0 && one.SourceRange() == at {
				source, done, step = &hclsyntax.ScopeTraversalExpr{Traversal: node.Traversal[:i]}, nil, one
			}
		}
	}
	if step == nil {
		return "", cty.NilVal, nil
	}
	value, diags := source.Value(ctx)
	if !diags.HasErrors() {
		value, diags = done.TraverseRel(value)
	}
	if diags.HasErrors() {
		return "", cty.NilVal, nil
	}
	return briefly(source) + written(done), value, step
}

// briefly is an expression as far as it helps to know which one is meant.
func briefly(expr hclsyntax.Expression) string {
	switch expr := expr.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return written(expr.Traversal)
	case *hclsyntax.IndexExpr:
		if key, ok := expr.Key.(*hclsyntax.ScopeTraversalExpr); ok {
			return briefly(expr.Collection) + "[" + written(key.Traversal) + "]"
		}
		return briefly(expr.Collection) + "[…]"
	case *hclsyntax.TupleConsExpr:
		return "[…]"
	case *hclsyntax.ObjectConsExpr:
		return "{ … }"
	case *hclsyntax.FunctionCallExpr:
		return expr.Name + "(…)"
	}
	return "(…)"
}

func plainAttribute(problem *hcl.Diagnostic, expr hcl.Expression, ctx *hcl.EvalContext) {
	before, value, at := step(problem, expr, ctx)
	attribute, ok := at.(hcl.TraverseAttr)
	problem.Summary = "Unknown attribute"
	if !ok {
		return // within a for or a splat, of which HCL's words are right
	}
	value, marks := value.UnmarkDeep()
	switch {
	case marked(marks, Sensitive):
		problem.Detail = fmt.Sprintf("%s has no attribute %q. It is sensitive, so that what it has is not shown.", before, attribute.Name)
		return
	case value.IsNull():
		problem.Summary, problem.Detail = "Null", fmt.Sprintf("%s is null, so it has no attributes. Write try(%s.%s, DEFAULT) for a value in its place.", before, before, attribute.Name)
		return
	}
	names := members(value)
	problem.Detail = fmt.Sprintf("%s has no attribute %q.", before, attribute.Name)
	if best := diag.Suggest(attribute.Name, names); best != "" {
		problem.Detail += fmt.Sprintf(" Did you mean %s.%s?", before, best)
		problem.Extra = diag.Suggestion(before + "." + best)
		return
	}
	t := value.Type()
	switch call := asCall(attribute.Name, value); {
	case call != "":
		better := fmt.Sprintf("%s(%s)", call, before)
		problem.Detail += fmt.Sprintf(" That is a function: write %s.", better)
		problem.Extra = diag.Suggestion(better)
	case len(names) > 0 && len(names) <= 20:
		problem.Detail += " " + diag.Listing("It has", names)
	case t.IsListType() || t.IsTupleType():
		problem.Detail = fmt.Sprintf("%s is a list: write %s[0].%s for one element, or %s[*].%s for all.", before, before, attribute.Name, before, attribute.Name)
	case t.IsSetType():
		problem.Detail = fmt.Sprintf("%s is a set: write [for x in %s : x.%s].", before, before, attribute.Name)
	case t.IsPrimitiveType():
		problem.Detail = fmt.Sprintf("%s is %s, which has no attributes.", before, strings.Split(described(t), ",")[0])
	}
}

func plainIndex(problem *hcl.Diagnostic, expr hcl.Expression, ctx *hcl.EvalContext) {
	before, value, at := step(problem, expr, ctx)
	index, ok := at.(hcl.TraverseIndex)
	problem.Summary = "Unknown element"
	if !ok {
		return
	}
	value, marks := value.UnmarkDeep()
	switch {
	case marked(marks, Sensitive):
		problem.Detail = fmt.Sprintf("%s has no such element. It is sensitive, so that what it has is not shown.", before)
		return
	case value.IsNull():
		problem.Summary, problem.Detail = "Null", before+" is null, so it has no elements."
		return
	}
	t, names := value.Type(), members(value)
	switch {
	case (t.IsListType() || t.IsTupleType()) && index.Key.Type() == cty.Number:
		problem.Detail = fmt.Sprintf("%s is empty.", before)
		if last := value.LengthInt() - 1; last >= 0 {
			problem.Detail = fmt.Sprintf("The elements of %s are counted from 0; the last is %s[%d].", before, before, last)
		}
	case t.IsListType() || t.IsTupleType():
		problem.Detail = fmt.Sprintf("%s is a list, whose elements are counted: %s[0].", before, before)
	case t.IsSetType():
		problem.Detail = fmt.Sprintf("%s is a set, whose elements have no order: write tolist(%s)[0].", before, before)
	case t.IsMapType() || t.IsObjectType():
		problem.Detail = fmt.Sprintf("%s has no such key.", before)
		if len(names) > 0 && index.Key.Type() == cty.Number {
			problem.Detail = fmt.Sprintf("The keys of %s are texts, as in %s[%q].", before, before, names[0])
		}
		if index.Key.Type() == cty.String {
			if best := diag.Suggest(index.Key.AsString(), names); best != "" {
				suggestion := fmt.Sprintf("%s[%q]", before, best)
				problem.Detail += fmt.Sprintf(" Did you mean %s?", suggestion)
				problem.Extra = diag.Suggestion(suggestion)
				return
			}
		}
		if len(names) > 0 && len(names) <= 20 {
			problem.Detail += " " + diag.Listing("It has", names)
		}
	case t.IsPrimitiveType():
		problem.Detail = fmt.Sprintf("%s is %s, which has no elements.", before, strings.Split(described(t), ",")[0])
	}
}

// members are the names of what is in an object or map.
func members(value cty.Value) []string {
	var names []string
	if t := value.Type(); value.IsKnown() && !value.IsNull() && (t.IsObjectType() || t.IsMapType()) {
		for name := range value.AsValueMap() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// written is a reference as an author writes it.
func written(traversal hcl.Traversal) string {
	var text strings.Builder
	for _, step := range traversal {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			text.WriteString(step.Name)
		case hcl.TraverseAttr:
			text.WriteString("." + step.Name)
		case hcl.TraverseIndex:
			text.WriteString("[" + schema.Written(step.Key) + "]")
		}
	}
	return text.String()
}

// shownRoots are the references whose values help where something is wrong.
var shownRoots = []string{"each", "local", "var", "workspace"}

// valuesIn are the values of what an expression refers to, sorted; none that
// is not known, and none with a mark: those are sensitive, or differ from
// machine to machine.
func valuesIn(expr hcl.Expression, ctx *hcl.EvalContext) any {
	var list diag.Values
	for _, traversal := range expr.Variables() {
		in := contextOf(traversal, ctx)
		if in == nil {
			continue
		}
		ours := in.Parent() == nil && slices.Contains(shownRoots, traversal.RootName()) || in.Parent() != nil // the names of for
		value, diags := traversal.TraverseAbs(in)
		if ours && !diags.HasErrors() && value.IsWhollyKnown() && !value.ContainsMarked() {
			list = append(list, diag.Value{Name: written(traversal), Value: brief(value)})
		}
	}
	slices.SortFunc(list, func(a, b diag.Value) int { return strings.Compare(a.Name, b.Name) })
	if list = slices.Compact(list); len(list) == 0 {
		return nil
	}
	return list
}

// contextOf is the context that has what a reference begins with: an outer one, or one
// of a for. It is nil where none has.
func contextOf(traversal hcl.Traversal, ctx *hcl.EvalContext) *hcl.EvalContext {
	for ; ctx != nil; ctx = ctx.Parent() {
		if _, ok := ctx.Variables[traversal.RootName()]; ok {
			return ctx
		}
	}
	return nil
}

// brief writes a value on half a line.
func brief(value cty.Value) string {
	const longest, most = 60, 6
	t := value.Type()
	switch {
	case value.IsNull():
		return "null"
	case t == cty.String:
		text := []rune(value.AsString())
		if len(text) > longest {
			return fmt.Sprintf("%s and so on, %d characters", schema.Written(cty.StringVal(string(text[:longest/2]))), len(text))
		}
		return schema.Written(value)
	case t.IsPrimitiveType():
		return CanonicalJSON(value)
	}
	if value.LengthInt() <= longest {
		if text := schema.Written(value); len([]rune(text)) <= longest {
			return text
		}
	}
	if names := members(value); len(names) > 0 {
		if len(names) > most {
			return fmt.Sprintf("an object with %d attributes", len(names))
		}
		return strings.TrimSuffix(diag.Listing("an object with", names), ".")
	}
	return fmt.Sprintf("a list of %d elements", value.LengthInt())
}
