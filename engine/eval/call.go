package eval

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/flowrider/flowrider/internal/limit"
)

// checkCall finds calls of functions that there are not, and calls with too few
// or too many arguments.
func (c *checker) checkCall(call *hclsyntax.FunctionCallExpr) {
	f := functionNamed(call.Name)
	if f == nil {
		c.unknownFunction(call)
		return
	}
	names, least, most := f.parameters()
	given := len(call.Args)
	switch {
	case call.ExpandFinal && (most < 0 || given <= most): // how many it is worth is known later
	case given < least:
		c.report(call.Range(), "Missing argument", fmt.Sprintf("%s: the argument %q is missing.", f.Signature, names[given]), "")
	case most >= 0 && given > most:
		c.report(call.Args[most].Range(), "Too many arguments", fmt.Sprintf("%s takes %s, and this is one more.", f.Signature, countOf(most)), "")
	}
}

// otherFunctions are how other languages call functions of ours.
var otherFunctions = map[string]string{
	"len": "length", "size": "length", "count": "length", "str": "tostring", "string": "tostring", "int": "tonumber", "float": "tonumber", "number": "tonumber",
	"bool": "tobool", "set": "toset", "dict": "tomap", "tuple": "tolist", "getenv": "env", "environ": "env",
	"uppercase": "upper", "toupper": "upper", "lowercase": "lower", "tolower": "lower", "strip": "trimspace", "capitalize": "title",
	"open": "file", "read": "file", "readfile": "file", "printf": "format", "sprintf": "format", "any": "anytrue", "all": "alltrue",
	"default": "coalesce", "ifnull": "coalesce", "sorted": "sort", "reversed": "reverse", "dump": "jsonencode", "dumps": "jsonencode", "loads": "jsondecode",
	"glob": "fileset", "json": "jsonencode", "tojson": "jsonencode", "fromjson": "jsondecode", "parsejson": "jsondecode", "tofloat": "tonumber", "toint": "tonumber", "tostr": "tostring",
	"secret": "sensitive", "append": "concat", "extend": "concat", "unique": "distinct", "includes": "contains", "has": "contains",
}

// asCall is the function that takes a value of which it is written as an attribute, as
// in var.list.length; "" if there is none. An object may rather lack an attribute.
func asCall(name string, value cty.Value) string {
	if ours := otherFunctions[name]; ours != "" {
		name = ours
	}
	f := functionNamed(name)
	if t := value.Type(); f == nil || f.make != nil || (t.IsObjectType() || t.IsMapType()) && name != "length" && name != "keys" {
		return ""
	}
	if parameters := f.pure.Params(); len(parameters) > 0 {
		converted, err := convertTo(value, parameters[0].Type)
		if err != nil {
			return ""
		}
		value = converted
	}
	if _, err := f.pure.Call([]cty.Value{value}); err != nil {
		return ""
	}
	return name
}

func countOf(arguments int) string {
	if arguments == 1 {
		return "one argument"
	}
	return fmt.Sprintf("%d arguments", arguments)
}

func (c *checker) unknownFunction(call *hclsyntax.FunctionCallExpr) {
	absent := func(why string) {
		c.report(call.NameRange, "Function not available", fmt.Sprintf("There is no %s(). %s", call.Name, why), "")
	}
	if why := absentFunction(call.Name); why != "" {
		absent(why)
		return
	}
	detail := fmt.Sprintf("There is no function %q.", call.Name)
	name := call.Name[strings.LastIndexByte(call.Name, ':')+1:]
	plain := strings.ToLower(strings.ReplaceAll(name, "_", "")) // of read_file() and toUpper()
	if ours := cmp.Or(otherFunctions[name], otherFunctions[plain]); ours != "" {
		name = ours
	} else if functionNamed(plain) != nil {
		name = plain
	}
	if name != call.Name && slices.Contains(c.functions, name) {
		c.report(call.NameRange, "Unknown function", fmt.Sprintf("%s Did you mean %q?", detail, name), name)
		return
	}
	if why := absentFunction(c.suggest(call.Name, append(absentNames(), c.functions...))); why != "" {
		absent(why)
		return
	}
	c.unknown(call.NameRange, "Unknown function", detail, call.Name, c.functions, "")
}

// explainCall says of a call that fails which function it is, as its signature
// has it, and which of its arguments is wrong: HCL calls them by other names.
func explainCall(problem *hcl.Diagnostic) {
	extra, ok := problem.Extra.(hclsyntax.FunctionCallDiagExtra)
	if !ok {
		return
	}
	f := functionNamed(extra.CalledFunctionName())
	if f == nil {
		return
	}
	if problem.Expression != nil {
		subject := problem.Expression.Range()
		problem.Subject = &subject
	}
	problem.Extra = nil
	if err := extra.FunctionCallError(); err != nil && problem.Expression != nil && isGivenSensitive(problem.Expression, problem.EvalContext) {
		problem.Summary, problem.Detail = "Function failed", fmt.Sprintf("%s: it cannot take what it is given. That is sensitive, so that no more of it is shown.", f.Signature)
		return
	} else if err != nil {
		problem.Summary, problem.Detail = "Function failed", fmt.Sprintf("%s: %s.", f.Signature, f.failure(err))
		return
	}
	switch problem.Summary {
	case "Invalid function argument":
		problem.Summary, problem.Detail = "Unsuitable argument", fmt.Sprintf("%s: %s.%s", f.Signature, f.misfit(problem.Detail), f.ofElements(problem))
	case "Not enough function arguments", "Too many function arguments": // of a list that is given with dots
		_, least, most := f.parameters()
		problem.Summary, problem.Detail = "Wrong number of arguments", fmt.Sprintf("%s takes %s.", f.Signature, arguments(least, most))
	}
}

// ofElements says how a function that takes one thing any number of times is given a
// list of them, where it is given the list itself; "" elsewhere.
func (f Function) ofElements(problem *hcl.Diagnostic) string {
	names, _, most := f.parameters()
	if len(slices.Compact(names)) > 1 || most >= 0 || problem.Expression == nil {
		return ""
	}
	value, diags := limit.Value(problem.Expression, problem.EvalContext)
	if t := value.Type(); diags.HasErrors() || !t.IsTupleType() && !t.IsListType() && !t.IsSetType() {
		return ""
	}
	list := "LIST"
	if traversal, diags := hcl.AbsTraversalForExpr(problem.Expression); !diags.HasErrors() {
		list = written(traversal)
	}
	return fmt.Sprintf(" Write %s(%s...) for the elements of a list.", f.Name, list)
}

// isGivenSensitive says whether what a call is given, or one argument of it, is
// sensitive. What cannot be evaluated is, if anything in it is.
func isGivenSensitive(expr hcl.Expression, ctx *hcl.EvalContext) bool {
	value, diags := limit.Value(expr, ctx)
	if !diags.HasErrors() {
		return Has(value, Sensitive)
	}
	if call, ok := expr.(*hclsyntax.FunctionCallExpr); ok {
		return slices.ContainsFunc(call.Args, func(argument hclsyntax.Expression) bool { return isGivenSensitive(argument, ctx) })
	}
	if node, ok := expr.(hclsyntax.Node); ok && calls(node, isSensitive) {
		return true
	}
	return slices.ContainsFunc(expr.Variables(), func(traversal hcl.Traversal) bool {
		in := contextOf(traversal, ctx)
		if in == nil {
			return false
		}
		value, diags := traversal.TraverseAbs(in)
		return !diags.HasErrors() && Has(value, Sensitive)
	})
}

func arguments(least, most int) string {
	switch {
	case most < 0:
		return "at least " + countOf(least)
	case least < most:
		return fmt.Sprintf("%d to %s", least, countOf(most))
	}
	return countOf(least)
}

// failure is what a function says of its arguments, with the name of the one
// that is meant.
func (f Function) failure(err error) string {
	text := inOurWords(strings.TrimSuffix(err.Error(), "."))
	names, _, _ := f.parameters()
	if why := noJSON(text); why != "" {
		return names[0] + " is no JSON: " + why
	}
	wrong, ok := errors.AsType[function.ArgError](err)
	if !ok {
		return text
	}
	name := names[min(wrong.Index, len(names)-1)]
	switch {
	case strings.HasPrefix(text, "cannot convert ") && strings.HasSuffix(text, "decimal representation of a number"):
		given, _, _ := strings.Cut(strings.TrimPrefix(text, "cannot convert "), " to number;")
		return given + " is no number"
	case text == "argument must not be null":
		return name + " must not be null"
	case strings.HasPrefix(text, "it ") || strings.HasPrefix(text, "its "):
		return name + " is unsuitable: " + text
	}
	return text
}

// theirWords are what cty says of a call, each with what it is in ours.
var theirWords = []struct {
	theirs *regexp.Regexp
	ours   string
}{
	{regexp.MustCompile(`^all arguments must be lists or tuples; got .*`), "all arguments are lists, and this is none"},
	{regexp.MustCompile(`^arguments must be maps or objects, got .*`), "all arguments are maps or objects, and one is neither; write LIST... for those of a list"},
	{regexp.MustCompile(`^must have map or object type$`), "this is neither a map nor an object"},
	{regexp.MustCompile(`^cannot use element function with an empty list$`), "the list is empty"},
	{regexp.MustCompile(`^unsupported value for "(%[^"]*)" at \d+: (.*)`), "$1 does not take this value: $2"},
	{regexp.MustCompile(`^cannot convert (?:string|number|bool) to (list|set) of any single type$`), "one value cannot be made a $1; write to$1([VALUE])"},
	{regexp.MustCompile(`^cannot convert (?:tuple|list of .*|set of .*) to map of any single type$`), "a list cannot be made a map; { for x in LIST : KEY => x } makes one"},
	{regexp.MustCompile(`^not a valid RFC3339 timestamp: .*`), "time is unsuitable: it is written as in \"2026-12-31T23:59:00Z\""},
	{regexp.MustCompile(`^element (\d+): string required, but have .*`), "its element $1 is no text"},
	{regexp.MustCompile(`^element (\d+): number required, but have .*`), "its element $1 is no number"},
	{regexp.MustCompile(`^list of string required, but have (?:string|number|bool)$`), "it is one value; write [VALUE]"},
}

// inOurWords is what cty says as whoever writes a configuration would say it.
func inOurWords(text string) string {
	for _, words := range theirWords {
		if words.theirs.MatchString(text) {
			return words.theirs.ReplaceAllString(text, words.ours)
		}
	}
	return text
}

// noJSON is what Go says of a text that is no JSON, in our words; "" of anything
// else.
func noJSON(text string) string {
	switch character, ok := strings.CutPrefix(text, "invalid character "); {
	case ok:
		character, _, _ = strings.Cut(character, " ")
		return fmt.Sprintf("the character %s stands where it cannot; names and texts have double quotes", strings.Trim(character, "'"))
	case text == "EOF" || text == "unexpected EOF" || strings.HasPrefix(text, "unexpected end of JSON"):
		return "it ends too early"
	}
	return ""
}

// misfit says what an argument must be. HCL's text names it by the name that
// the implementation has for it: Invalid value for "str" parameter: why.
func (f Function) misfit(detail string) string {
	_, rest, _ := strings.Cut(detail, `"`)
	theirs, why, _ := strings.Cut(rest, `" parameter: `)
	parameters := f.implementation().Params()
	at := slices.IndexFunc(parameters, func(p function.Parameter) bool { return p.Name == theirs })
	var want cty.Type
	if at >= 0 {
		want = parameters[at].Type
	} else if last := f.implementation().VarParam(); last != nil {
		at, want = len(parameters), last.Type
	}
	names, _, _ := f.parameters()
	text := names[min(max(at, 0), len(names)-1)] + " must be " + wanted(want)
	if !want.IsPrimitiveType() {
		text += ": " + inOurWords(strings.TrimSuffix(why, "."))
	}
	return text
}

// implementation is the function as it is called; which files it reads does
// not matter.
func (f Function) implementation() function.Function {
	if f.make != nil {
		return f.make(library{})
	}
	return f.pure
}

// wanted is the type of an argument in words.
func wanted(t cty.Type) string {
	switch {
	case t == cty.NilType || t == cty.DynamicPseudoType:
		return "another value"
	case t == cty.String:
		return "a text"
	case t == cty.Number:
		return "a number"
	case t == cty.Bool:
		return "true or false"
	case t == cty.List(cty.String):
		return "a list of texts"
	case t == cty.List(cty.Number):
		return "a list of numbers"
	case t.IsMapType():
		return "a map"
	case t.IsSetType():
		return "a set"
	}
	return "a list"
}
