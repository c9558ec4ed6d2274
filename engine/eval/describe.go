package eval

import (
	"strings"

	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
)

// described says what a value of a type is, in the words of whoever writes
// one.
func described(t cty.Type) string {
	switch {
	case t == cty.String:
		return `a text, as in "a"`
	case t == cty.Number:
		return "a number"
	case t == cty.Bool:
		return "true or false"
	case t == cty.List(cty.String) || t == cty.Set(cty.String):
		return `a list of texts, as in ["a", "b"]`
	case t == cty.List(cty.Number) || t == cty.Set(cty.Number):
		return "a list of numbers, as in [1, 2]"
	case t == cty.Map(cty.String):
		return `a map of texts, as in { a = "b" }`
	case t == cty.Map(cty.Number):
		return "a map of numbers, as in { a = 1 }"
	}
	return "of the type " + typeexpr.TypeString(t)
}

// misfit says why a value does not fit a type: what it must be, and where the
// type has parts, which of them is wrong.
func misfit(t cty.Type, err error) string {
	text := described(t)
	if strings.HasPrefix(text, "of the type") {
		text += ": " + err.Error()
	}
	return text + "."
}
