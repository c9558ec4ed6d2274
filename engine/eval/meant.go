package eval

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/schema"
)

// isExpressionInJSON says whether a text of a JSON file is an expression that refers to
// something, without the ${ } that makes it one there.
func isExpressionInJSON(expr hcl.Expression, text string) bool {
	if _, inJSON := schema.LiteralText(expr); !inJSON || strings.ContainsAny(text, "$\"\n") {
		return false
	}
	if diags := schema.CheckExpression("The text", text); diags.HasErrors() {
		return false // nothing has looked into it so far
	}
	parsed, diags := hclsyntax.ParseExpression([]byte(text), "", hcl.InitialPos)
	return !diags.HasErrors() && slices.ContainsFunc(parsed.Variables(), func(t hcl.Traversal) bool {
		return len(t) > 1 && slices.Contains(roots, t.RootName())
	})
}

// meantAs is a value that does not fit as it would be written where it does; "" where
// that is not clear. One text is a list of it, and a list of texts such as "pandas>=2"
// or "HOME=/root" a map; in JSON it may be an expression. expr is where it is written.
func meantAs(v cty.Value, want cty.Type, expr hcl.Expression) string {
	if expr == nil || v.ContainsMarked() || !v.IsWhollyKnown() || v.IsNull() {
		return ""
	}
	switch t := v.Type(); {
	case t == cty.String && isExpressionInJSON(expr, v.AsString()):
		return strconv.Quote("${" + v.AsString() + "}")
	case want == cty.List(cty.String) && t == cty.String:
		words := strings.Fields(v.AsString())
		if len(words) == 0 || strings.ContainsAny(v.AsString(), "\n\"'\\|&;<>()$`*") { // which words belong together is the shell's to say
			return ""
		}
		for i, word := range words {
			words[i] = strconv.Quote(word)
		}
		return fmt.Sprintf("[%s]", strings.Join(words, ", "))
	case want == cty.Map(cty.String) && t == cty.String && strings.ContainsAny(v.AsString(), "=<>~"):
		return asMap([]cty.Value{v}, expr.Range())
	case want == cty.Map(cty.String) && t.IsTupleType():
		return asMap(v.AsValueSlice(), expr.Range())
	}
	return ""
}

// asText says how a text is made of a part with several values that stands in place of
// one; "" of any other part.
func (m misfit) asText(expr hcl.Expression) string {
	t := m.part.Type()
	if m.want != cty.String || t.IsPrimitiveType() || !m.part.IsKnown() || m.part.IsNull() {
		return ""
	}
	part, name := partOf(expr, m.path), "VALUE"
	if part == nil {
		return ""
	}
	if traversal, diags := hcl.AbsTraversalForExpr(part); !diags.HasErrors() {
		name = written(traversal)
	} else if m.part.LengthInt() < 2 {
		return "" // the brackets are what is wrong
	}
	if t.IsObjectType() || t.IsMapType() {
		return fmt.Sprintf("This must be a text, and it is an object. jsonencode(%s) makes a text of it.", name)
	}
	advice := fmt.Sprintf("This must be a text, and it is a list. join(\",\", %s) makes a text of it", name)
	if last := len(m.path) - 1; last >= 0 && m.path[last].(cty.IndexStep).Key.Type() == cty.Number {
		return advice + "; flatten() around the list that it stands in puts its elements there."
	}
	return advice + "."
}

// pairText is a name with a value, or with a version, or alone.
var pairText = regexp.MustCompile(`^([A-Za-z_][\w.-]*(?:\[[\w.,-]+\])?)\s*(?:=([^=].*)?|([=<>!~].*))?$`)

func asMap(elements []cty.Value, in hcl.Range) string {
	var pairs, names []string
	for _, element := range elements {
		if element.Type() != cty.String || element.IsNull() {
			return ""
		}
		match := pairText.FindStringSubmatch(element.AsString())
		if match == nil || slices.Contains(names, match[1]) {
			return ""
		}
		name, value := match[1], strconv.Quote(strings.TrimSpace(match[2]+match[3]))
		native := name
		if !hclsyntax.ValidIdentifier(name) {
			native = strconv.Quote(name)
		}
		names = append(names, name)
		pairs = append(pairs, schema.As(in, native+" = ", strconv.Quote(name)+": ")+value)
	}
	if len(pairs) == 0 || len(pairs) > 6 {
		return ""
	}
	return schema.As(in, "{ "+strings.Join(pairs, ", ")+" }", "{"+strings.Join(pairs, ", ")+"}")
}

// inPlace is a message with its examples of maps as they are written in a place.
func inPlace(detail string, place hcl.Range) string {
	return schema.As(place, detail, mapExamples.Replace(detail))
}

var mapExamples = strings.NewReplacer(`{ a = "b" }`, `{"a": "b"}`, `{ a = 1 }`, `{"a": 1}`)
