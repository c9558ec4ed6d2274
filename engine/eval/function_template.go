package eval

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

// Templates may call templatefile too: so deep, and so often for one call in
// the configuration.
const (
	maxTemplateDepth = 10
	maxTemplates     = 1_000
)

// rendering is one template while it is rendered.
type rendering struct {
	depth    int
	rendered *int // for the outermost call
}

// templateFunction renders a template with the values as they are, marks
// included: so much of the result is marked as the template takes.
func templateFunction(l library) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{
			{Name: "path", Type: cty.String},
			{Name: "values", Type: cty.DynamicPseudoType, AllowMarked: true, AllowUnknown: true, AllowDynamicType: true},
		},
		Type:         function.StaticReturnType(cty.String),
		RefineResult: notNull,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			values, marks := args[1].Unmark()
			if t := values.Type(); t != cty.DynamicPseudoType && !t.IsObjectType() && !t.IsMapType() {
				return cty.NilVal, function.NewArgErrorf(1, "it must be an object, as in { name = var.name }")
			}
			if !values.IsKnown() {
				return cty.UnknownVal(cty.String).WithMarks(marks), nil
			}
			name := args[0].AsString()
			text, err := l.text(name)
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			inner, err := l.inside()
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			variables := values.AsValueMap()
			for key, value := range variables {
				variables[key] = value.WithMarks(marks)
			}
			result, diags := inner.render(name, text, variables)
			if diags.HasErrors() {
				return cty.NilVal, function.NewArgError(0, inTemplate(name, diags[0]))
			}
			return result, nil
		},
	})
}

// inside is the library that a template has.
func (l library) inside() (library, error) {
	next := rendering{rendered: new(int)}
	if l.within != nil {
		next = rendering{depth: l.within.depth + 1, rendered: l.within.rendered}
	}
	if *next.rendered++; next.depth >= maxTemplateDepth {
		return l, fmt.Errorf("templates call templatefile() more than %d deep", maxTemplateDepth)
	} else if *next.rendered > maxTemplates {
		return l, fmt.Errorf("templates call templatefile() more than %d times", maxTemplates)
	}
	l.within = &next
	return l, nil
}

func (l library) render(name, text string, variables map[string]cty.Value) (cty.Value, hcl.Diagnostics) {
	expr, diags := parseTemplate(name, text)
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	for _, traversal := range expr.Variables() {
		if _, ok := variables[traversal.RootName()]; !ok {
			return cty.NilVal, hcl.Diagnostics{notGiven(traversal, variables)}
		}
	}
	all := l.functions()
	delete(all, "sensitive") // see Hidden, which does not look into templates
	result, diags := expr.Value(&hcl.EvalContext{Variables: variables, Functions: all})
	if diags.HasErrors() {
		for _, problem := range diags {
			explainCall(problem)
		}
		return cty.NilVal, diags
	}
	converted, err := convert.Convert(result, cty.String)
	if err != nil || converted.IsNull() {
		subject := expr.Range()
		return cty.NilVal, hcl.Diagnostics{{Severity: hcl.DiagError, Subject: &subject, Detail: "A template gives a text, and this is none: use jsonencode() or join() in it."}}
	}
	if err := tooLong(len(textOf(converted))); err != nil {
		subject := expr.Range()
		return cty.NilVal, hcl.Diagnostics{{Severity: hcl.DiagError, Subject: &subject, Detail: err.Error() + "."}}
	}
	return converted, nil
}

// parseTemplate parses a template whose functions all exist.
func parseTemplate(name, text string) (hclsyntax.Expression, hcl.Diagnostics) {
	if diags := schema.CheckTemplate(name, text); diags.HasErrors() {
		return nil, diags
	}
	expr, diags := hclsyntax.ParseTemplate([]byte(text), name, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	c := newChecker(nil)
	hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		if call, ok := node.(*hclsyntax.FunctionCallExpr); ok && call.Name == "sensitive" {
			c.report(call.NameRange, "Function not available", "A template cannot call sensitive(): call it where the value is given to the template.", "")
		} else if ok {
			c.checkCall(call)
		}
		return nil
	})
	return expr, c.diags
}

func notGiven(traversal hcl.Traversal, variables map[string]cty.Value) *hcl.Diagnostic {
	subject := traversal[0].SourceRange()
	name, names := traversal.RootName(), slices.Collect(maps.Keys(variables))
	detail := fmt.Sprintf("the template takes %q, which is not given to it.", name)
	if best := diag.Suggest(name, names); best != "" {
		detail += fmt.Sprintf(" Did you mean %q?", best)
	} else if slices.Contains(roots, name) {
		detail += fmt.Sprintf(" A template knows only what it is given: write { NAME = %s.… } there.", name)
	} else {
		detail += " " + diag.Listing("It is given", names)
	}
	return &hcl.Diagnostic{Severity: hcl.DiagError, Subject: &subject, Detail: strings.TrimSpace(detail)}
}

// inTemplate is a mistake in a template as an error of the call.
func inTemplate(name string, problem *hcl.Diagnostic) error {
	at := ""
	if problem.Subject != nil {
		at = fmt.Sprintf(", line %d", problem.Subject.Start.Line)
	}
	return fmt.Errorf("in %s%s: %s", name, at, strings.TrimSuffix(problem.Detail, "."))
}
