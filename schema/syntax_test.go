package schema

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// What other languages write in values, and what stands where a value has ended:
// each is told once, and so that it can be typed.
func TestValuesOfOtherLanguagesAreToldInPlainWords(t *testing.T) {
	for value, want := range map[string]string{
		`my value`:                 `A text stands in double quotes: write "my value".`,
		`my own value`:             `A text stands in double quotes: write "my own value".`,
		`[my value, 2]`:            `A text stands in double quotes: write "my value".`,
		`{ A = my value }`:         `A text stands in double quotes: write "my value".`,
		`upper(my value)`:          `A text stands in double quotes: write "my value".`,
		`1_000`:                    `A number is written without underscores, as in 1000 or 1e3.`,
		`[1_000_000, 2]`:           `A number is written without underscores, as in 1000 or 1e3.`,
		`{ A = 1_000 }`:            `A number is written without underscores, as in 1000 or 1e3.`,
		`30s`:                      `A number has no unit and no other letters. A text stands in double quotes: write "30s".`,
		`[30s]`:                    `A number has no unit and no other letters. A text stands in double quotes: write "30s".`,
		`.5`:                       `A number has a digit before its point: write 0.5.`,
		`[-.25]`:                   `A number has a digit before its point: write 0.25.`,
		`10%`:                      `A number has no percent sign: write 0.1 for 10%, or "10%" for a text.`,
		`[10%, 20]`:                `A number has no percent sign: write 0.1 for 10%, or "10%" for a text.`,
		`f"{var.x} of {y}"`:        `A text has no letter before it, and a value in it has a dollar sign: "${var.name}".`,
		`{ A = f"n: {var.x}"}`:     `A text has no letter before it, and a value in it has a dollar sign: "${var.name}".`,
		`[r"C:"]`:                  `A text has no letter before it: write "C:".`,
		`upper "a"`:                `Functions have brackets around their arguments, as in upper("a").`,
		`var.n and true`:           `Write && for "and".`,
		`(var.n and true)`:         `Write && for "and".`,
		`"${var.n and true}"`:      `Write && for "and".`,
		`[var.n or true]`:          `Write || for "or".`,
		`{ A = not var.n }`:        `Write !var.n for "not".`,
		`upper("x" in "y")`:        `Write == or != to compare, and contains(LIST, VALUE) to look in a list.`,
		`if var.n then 1 else "b"`: `A condition is written var.n ? 1 : "b".`,
		`[if var.n then 1]`:        `A condition is written CONDITION ? VALUE : OTHER.`,
		`{ A = 1 if var.n }`:       `A condition is written CONDITION ? VALUE : OTHER.`,
		`{ A = var.n.upper() }`:    `Values have no functions of their own. A function stands before what it works on, as in upper(var.name).`,
		`{ A = 1 B = 2 }`:          `The attributes of an object are separated by commas or lines. Write a comma before B.`,
		`{ A = b C = 2 }`:          `The attributes of an object are separated by commas or lines. Write a comma before C.`,
		`[true false]`:             `The value ends before false. What follows stands on a line of its own, or after a comma or an operator.`,
		`[for x in y]`:             `A for expression makes a list, [for x in var.list : upper(x)], or an object, { for k, v in var.map : k => upper(v) }; an if may follow.`,
		`for x in y`:               `A for expression makes a list, [for x in var.list : upper(x)], or an object, { for k, v in var.map : k => upper(v) }; an if may follow.`,
		`[var n]`:                  `The parts of a reference have a dot between them: write var.n.`,
		`[*var.n]`:                 `Nothing is spread out by *. Lists are put together with concat(a, b), objects with merge(a, b); in a call a list is spread out by dots, as in max(var.list...).`,
		`!true && not var.n`:       `Write !var.n for "not".`,
		`var.n ?? 3`:               `There is no ??. Write coalesce(a, b) for the first of two values that is not null.`,
		`[1 +]`:                    `An operator needs a value on both of its sides. Write what comes after it, or take it away.`,
		`1 ==`:                     `An operator needs a value on both of its sides. Write what comes after it, or take it away.`,
		"1\r2":                     `A line ends here without a line feed. Save the file with line ends as on Unix or Windows.`,
		`(1 2)`:                    `The expression ends before 2, and a ) or an operator should follow.`,
		`["a" "b"]`:                `The items of a list are separated by commas. Write one before "b".`,
		`upper("a" "b")`:           `The arguments of a function are separated by commas. Write one before "b".`,
	} {
		source := []byte("a = " + value + "\n")
		_, diags := hclsyntax.ParseConfig(source, "x", hcl.InitialPos)
		plain, _ := plainSyntax(diags, "x", source)
		if len(plain) != 1 || plain[0].Detail != want {
			t.Errorf("%s:\nwant %s\ngot  %v", value, want, plain)
		}
	}
}

// An expression that stands alone is told of in the same words, in its place.
func TestExpressionsThatStandAloneAreToldInPlainWords(t *testing.T) {
	for text, want := range map[string]string{
		`'a'`:            `console:3,1-2: Single quotes; A text stands in double quotes: write "a".`,
		`upper("a" "b")`: `console:3,11-12: Comma missing; The arguments of a function are separated by commas. Write one before "b".`,
		`(1`:             `console:3,1-2: Bracket not closed; This ( is not closed. Write the ) that belongs to it, before the end of the file.`,
		`1 +`:            `console:3,4-4: Value missing; An operator needs a value on both of its sides. Write what comes after it, or take it away.`,
		`x = 3`:          `console:3,3-4: Unsupported operator; An expression has a value, and nothing is assigned to it. Write == to compare.`,
		`var.n var.m`:    `console:3,7-10: Invalid expression; The expression ends before var.m. Write an operator between two values, or commas and [ ] around a list.`,
		`my value`:       `console:3,4-9: Quotes missing; A text stands in double quotes: write "my value".`,
		`.5`:             `console:3,1-2: Invalid number; A number has a digit before its point: write 0.5.`,
	} {
		_, _, diags := ParseExpression("console", text, 3)
		if len(diags) != 1 || diags[0].Error() != want {
			t.Errorf("%s:\nwant %s\ngot  %v", text, want, diags)
		}
	}
}
