package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/flowrider/flowrider/internal/diag"
)

var typeNames = []string{"any", "bool", "list", "map", "number", "object", "optional", "set", "string", "tuple"}

// otherTypes are how other languages call types.
var otherTypes = map[string]string{
	"str": "string", "text": "string", "int": "number", "integer": "number", "float": "number", "boolean": "bool",
	"array": "list(string)", "dict": "map(string)", "dictionary": "map(string)",
}

const typeForms = "string, number, bool, any, list(TYPE), set(TYPE), map(TYPE), tuple([TYPE, TYPE]) or object({ NAME = TYPE, NAME = optional(TYPE, DEFAULT) })"

// plainType puts a message on a type into our words.
func plainType(problem *hcl.Diagnostic, whole hcl.Expression) {
	name, best := quoted(problem.Detail), ""
	if strings.Contains(problem.Detail, "keyword") && !slices.Contains(typeNames, name) {
		best = typeNamed(name)
	}
	isDefault := strings.Contains(problem.Summary, "default value")
	problem.Summary, problem.Context = "Unknown type", nil
	better, at, inQuotes := betterType(whole, *problem.Subject)
	switch {
	case isDefault:
		problem.Summary, problem.Detail = "Unsuitable value", "This default does not fit the type before it: optional(TYPE, DEFAULT) has a DEFAULT that is a TYPE."
	case best != "":
		problem.Detail = fmt.Sprintf("There is no type %s. Did you mean %s?", name, best)
		problem.Extra = diag.Suggestion(best)
	case better != "":
		problem.Detail = fmt.Sprintf("This is no type. Did you mean %s?", better)
		if inQuotes {
			problem.Detail = fmt.Sprintf("A type is written without quotes: write %s.", better)
		}
		problem.Extra, problem.Subject = diag.Suggestion(better), &at
	case hcl.ExprAsKeyword(whole) == "object":
		problem.Detail = "Say what is in the object, as in object({ a = string, b = optional(number) }); map(any) takes elements of any one type."
	case hcl.ExprAsKeyword(whole) == "tuple":
		problem.Detail = "Say what the elements are, one by one, as in tuple([string, number])."
	case strings.Contains(problem.Detail, "element type") || slices.Contains([]string{"list", "set", "map"}, name):
		problem.Detail = "Say what the elements are, as in list(string), set(string) or map(number); list(any) takes elements of any one type."
	case strings.Contains(problem.Detail, "ptional"):
		problem.Detail = "An attribute that may be left out is written optional(TYPE) or optional(TYPE, DEFAULT), in an object type alone."
	case len(whole.Variables()) > 0 && len(whole.Variables()[0]) > 1:
		problem.Detail = "A type refers to nothing. Write it out: " + typeForms + "."
	default:
		problem.Detail = "This is no type. The types are " + typeForms + "."
	}
}

// typeNamed is the type that a word stands for; "" where it stands for none.
func typeNamed(word string) string {
	if other := otherTypes[strings.ToLower(word)]; other != "" {
		return other
	}
	return diag.Suggest(word, typeNames)
}

// betterType is a type as it was probably meant, and what it takes the place of: the
// part that a message is about, or else the whole; "" where nobody can tell.
func betterType(whole hcl.Expression, wrong hcl.Range) (better string, at hcl.Range, inQuotes bool) {
	expr, ok := hcl.UnwrapExpression(whole).(hclsyntax.Expression)
	if text, inJSON := LiteralText(whole); inJSON {
		parse := hclsyntax.ParseExpression
		if strings.HasPrefix(text, "${") { // as expressions stand in JSON
			parse = hclsyntax.ParseTemplate
		}
		parsed, diags := parse([]byte(text), "", hcl.InitialPos)
		expr, ok = parsed, !diags.HasErrors()
	}
	if !ok {
		return "", at, false
	}
	var part hclsyntax.Expression
	_ = hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		if one, ok := node.(hclsyntax.Expression); ok && part == nil && one != expr && one.Range() == wrong {
			part = one
		}
		return nil
	})
	if part != nil && !isType(part) {
		if better = meantType(part); better != "" && isTypeText("object({ a = "+better+" })") {
			return better, wrong, isQuoted(part)
		}
	}
	if better = meantType(expr); better != "" && isTypeText(better) {
		return better, whole.Range(), isQuoted(expr)
	}
	return "", at, false
}

func isQuoted(expr hclsyntax.Expression) bool {
	_, ok := expr.(*hclsyntax.TemplateExpr)
	return ok
}

func isType(expr hcl.Expression) bool {
	_, _, diags := typeexpr.TypeConstraintWithDefaults(expr)
	return !diags.HasErrors()
}

func isTypeText(text string) bool {
	expr, diags := hclsyntax.ParseExpression([]byte(text), "", hcl.InitialPos)
	return !diags.HasErrors() && isType(expr)
}

// meantType is what an expression says of a type, in the form that types have; ""
// where that is not clear.
func meantType(expr hclsyntax.Expression) string {
	switch expr := expr.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		name := expr.Traversal.RootName()
		if len(expr.Traversal) > 1 || slices.Contains([]string{"list", "set", "map", "object", "tuple", "optional"}, name) {
			return ""
		} else if slices.Contains(typeNames, name) {
			return name
		}
		return typeNamed(name)
	case *hclsyntax.TemplateExpr:
		if !expr.IsStringLiteral() {
			return ""
		}
		text := expr.Parts[0].(*hclsyntax.LiteralValueExpr).Val.AsString()
		if diags := CheckExpression("The type", text); diags.HasErrors() {
			return "" // nothing has looked into the text so far
		}
		if inner, diags := hclsyntax.ParseExpression([]byte(text), "", hcl.InitialPos); !diags.HasErrors() {
			return meantType(inner)
		}
	case *hclsyntax.ParenthesesExpr:
		return meantType(expr.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return meantType(expr.Wrapped)
	case *hclsyntax.IndexExpr: // list[string]
		if name := hcl.ExprAsKeyword(expr.Collection); name != "" {
			return meantCall(name, []hclsyntax.Expression{expr.Key})
		}
	case *hclsyntax.FunctionCallExpr:
		return meantCall(expr.Name, expr.Args)
	case *hclsyntax.ObjectConsExpr:
		return meantObject(expr)
	case *hclsyntax.TupleConsExpr: // [string]
		if len(expr.Exprs) == 1 {
			return around("list(", meantType(expr.Exprs[0]), ")")
		}
		return meantTuple(expr.Exprs)
	}
	return ""
}

// meantCall is meantType of a type that is made of others.
func meantCall(name string, arguments []hclsyntax.Expression) string {
	if name = strings.ToLower(name); !slices.Contains(typeNames, name) {
		name, _, _ = strings.Cut(typeNamed(name), "(")
	}
	if len(arguments) == 0 {
		return ""
	}
	switch name {
	case "list", "set":
		if len(arguments) > 1 {
			return meantTuple(arguments)
		}
		return around(name+"(", meantType(arguments[0]), ")")
	case "map": // dict(string, number)
		return around("map(", meantType(arguments[len(arguments)-1]), ")")
	case "tuple":
		if list, ok := arguments[0].(*hclsyntax.TupleConsExpr); ok {
			arguments = list.Exprs
		}
		return meantTuple(arguments)
	case "object":
		if members, ok := arguments[0].(*hclsyntax.ObjectConsExpr); ok {
			return meantObject(members)
		}
	case "optional":
		inner := meantType(arguments[0])
		if len(arguments) == 1 {
			return around("optional(", inner, ")")
		}
		if value, diags := arguments[1].Value(nil); !diags.HasErrors() && value.IsWhollyKnown() {
			return around("optional(", inner, ", "+Written(value)+")")
		}
	}
	return ""
}

func meantTuple(elements []hclsyntax.Expression) string {
	var types []string
	for _, element := range elements {
		types = append(types, meantType(element))
	}
	if slices.Contains(types, "") {
		return ""
	}
	return "tuple([" + strings.Join(types, ", ") + "])"
}

func meantObject(object *hclsyntax.ObjectConsExpr) string {
	var members []string
	for _, item := range object.Items {
		name, ok := literalKey(item.KeyExpr)
		inner := meantType(item.ValueExpr)
		if !ok || inner == "" {
			return ""
		}
		members = append(members, name+" = "+inner)
	}
	return "object({ " + strings.Join(members, ", ") + " })"
}

// around puts something before and after a text, if there is one.
func around(before, text, after string) string {
	if text == "" {
		return ""
	}
	return before + text + after
}
