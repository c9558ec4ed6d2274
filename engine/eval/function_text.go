package eval

import (
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

var textFunctions = []Function{
	{Name: "chomp", Signature: "chomp(text)", Help: "the text without the line ends at its end", Example: `chomp("a\n")`, Result: `"a"`, pure: stdlib.ChompFunc},
	{Name: "endswith", Signature: "endswith(text, part)", Help: "whether a text ends with another", Example: `endswith("a.csv", ".csv")`, Result: `true`, pure: textTest(strings.HasSuffix)},
	{Name: "format", Signature: "format(format, value...)", Help: "a text with values in the places of verbs such as %s, %d, %05.2f and %q", Example: `format("%s-%03d", "fold", 7)`, Result: `"fold-007"`, pure: formatFunction},
	{Name: "formatlist", Signature: "formatlist(format, list...)", Help: "a text for each element of the lists, made as format() does", Example: `formatlist("%s.csv", ["a", "b"])`, Result: `["a.csv", "b.csv"]`, pure: formatListFunction},
	{Name: "indent", Signature: "indent(spaces, text)", Help: "the text with so many spaces before each line but the first", Example: `indent(2, "a\nb")`, Result: `"a\n  b"`, pure: indentFunction},
	{Name: "join", Signature: "join(separator, list...)", Help: "the texts of lists in one, with a separator between them", Example: `join(", ", ["a", "b"])`, Result: `"a, b"`, pure: joinFunction},
	{Name: "lower", Signature: "lower(text)", Help: "the text in small letters", Example: `lower("HELLO")`, Result: `"hello"`, pure: wholeTextFunction(lower)},
	{Name: "regex", Signature: "regex(pattern, text)", Help: "the first match of a regular expression (RE2) in a text: a text, or what its groups have matched; an error without one", Example: `regex("[0-9]+", "run-17")`, Result: `"17"`, pure: stdlib.RegexFunc},
	{Name: "regexall", Signature: "regexall(pattern, text)", Help: "all matches of a regular expression in a text", Example: `regexall("[a-z]+", "1a2bc")`, Result: `["a", "bc"]`, pure: stdlib.RegexAllFunc},
	{Name: "replace", Signature: "replace(text, part, by)", Help: "the text with each place of a part replaced; a part between slashes is a regular expression, whose groups are $1 and ${name}", Example: `replace("a-b-c", "-", "+")`, Result: `"a+b+c"`, pure: replaceFunction},
	{Name: "split", Signature: "split(separator, text)", Help: "the parts of a text between separators", Example: `split(",", "a,b")`, Result: `["a", "b"]`, pure: stdlib.SplitFunc},
	{Name: "startswith", Signature: "startswith(text, part)", Help: "whether a text begins with another", Example: `startswith("raw/a.csv", "raw/")`, Result: `true`, pure: textTest(strings.HasPrefix)},
	{Name: "strcontains", Signature: "strcontains(text, part)", Help: "whether a text has another in it", Example: `strcontains("model-large", "large")`, Result: `true`, pure: textTest(strings.Contains)},
	{Name: "strrev", Signature: "strrev(text)", Help: "the text backwards", Example: `strrev("abc")`, Result: `"cba"`, pure: stdlib.ReverseFunc},
	{Name: "substr", Signature: "substr(text, offset, length)", Help: "so many characters of a text from an offset on, which counts from 0, or from the end where it is negative; -1 is all that follow", Example: `substr("hello", 1, 3)`, Result: `"ell"`, pure: stdlib.SubstrFunc},
	{Name: "templatefile", Signature: "templatefile(path, values)", Help: "the text of a template file, with the members of an object as its variables; templates call all functions but sensitive()", Example: `templatefile("query.sql.tftpl", { table = "births" })`, Result: `"select * from births\n"`, make: templateFunction},
	{Name: "title", Signature: "title(text)", Help: "the text with a capital at the start of each word", Example: `title("hello world")`, Result: `"Hello World"`, pure: stdlib.TitleFunc},
	{Name: "trim", Signature: "trim(text, characters)", Help: "the text without any of the characters at its ends", Example: `trim("?!hello?!", "!?")`, Result: `"hello"`, pure: stdlib.TrimFunc},
	{Name: "trimprefix", Signature: "trimprefix(text, part)", Help: "the text without a part that it begins with", Example: `trimprefix("v1.2", "v")`, Result: `"1.2"`, pure: stdlib.TrimPrefixFunc},
	{Name: "trimspace", Signature: "trimspace(text)", Help: "the text without white space at its ends", Example: `trimspace(" a\n")`, Result: `"a"`, pure: stdlib.TrimSpaceFunc},
	{Name: "trimsuffix", Signature: "trimsuffix(text, part)", Help: "the text without a part that it ends with", Example: `trimsuffix("a.csv", ".csv")`, Result: `"a"`, pure: stdlib.TrimSuffixFunc},
	{Name: "upper", Signature: "upper(text)", Help: "the text in capitals", Example: `upper("hello")`, Result: `"HELLO"`, pure: wholeTextFunction(upper)},
}

func textFunction(f func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params:       []function.Parameter{{Name: "text", Type: cty.String}},
		Type:         function.StaticReturnType(cty.String),
		RefineResult: notNull,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			out, err := f(args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return cty.StringVal(out), nil
		},
	})
}

// wholeTextFunction is one whose result tells as much as its argument, so that
// what stands for the argument makes what stands for the result.
func wholeTextFunction(f func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params:       []function.Parameter{{Name: "text", Type: cty.String, AllowMarked: true}},
		Type:         function.StaticReturnType(cty.String),
		RefineResult: notNull,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, marks := args[0].Unmark()
			out, err := f(text.AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			if s := standsOf(marks); len(s.list) > 0 && (s.mask == "" || s.mask == Local && s.covers(text.AsString())) {
				hashed, err := f(s.replace(text.AsString()))
				if err != nil {
					return cty.NilVal, function.NewArgError(0, err)
				}
				marks = withoutStands(marks)
				marks[stand{out, hashed}] = struct{}{}
			}
			return cty.StringVal(out).WithMarks(marks), nil
		},
	})
}

func lower(text string) (string, error) { return strings.ToLower(text), nil }
func upper(text string) (string, error) { return strings.ToUpper(text), nil }

func textTest(f func(text, part string) bool) function.Function {
	return function.New(&function.Spec{
		Params:       []function.Parameter{{Name: "text", Type: cty.String}, {Name: "part", Type: cty.String}},
		Type:         function.StaticReturnType(cty.Bool),
		RefineResult: notNull,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(f(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

var replaceFunction = function.New(&function.Spec{
	Params: []function.Parameter{
		{Name: "text", Type: cty.String}, {Name: "part", Type: cty.String}, {Name: "by", Type: cty.String},
	},
	Type:         function.StaticReturnType(cty.String),
	RefineResult: notNull,
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		text, part, by := args[0].AsString(), args[1].AsString(), args[2].AsString()
		if len(part) > 1 && strings.HasPrefix(part, "/") && strings.HasSuffix(part, "/") {
			return replaceMatches(text, part[1:len(part)-1], by)
		}
		if err := tooLong(len(text) + product(strings.Count(text, part), len(by))); err != nil {
			return cty.NilVal, err
		}
		return cty.StringVal(strings.ReplaceAll(text, part, by)), nil
	},
})

// replaceMatches replaces one match after the other, so that it can stop.
func replaceMatches(text, pattern, by string) (cty.Value, error) {
	expression, err := regexp.Compile(pattern)
	if err != nil {
		return cty.NilVal, function.NewArgErrorf(1, "it is no regular expression: %v", err)
	}
	var out []byte
	at := 0
	for _, match := range expression.FindAllStringSubmatchIndex(text, -1) {
		out = append(out, text[at:match[0]]...)
		out = expression.ExpandString(out, by, text, match)
		if at = match[1]; len(out) > maxText {
			return cty.NilVal, tooLong(len(out))
		}
	}
	return cty.StringVal(string(append(out, text[at:]...))), nil
}
