package schema

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Address names one thing of a configuration, such as flow.clean, or one
// instance of a thing that has for_each, such as flow.train["forest"].
// The zero Key with Keyed false is the whole thing.
type Address struct {
	Block string // flow, hook, environment, var, local, output, project
	Name  string
	Key   string
	Keyed bool
}

// FlowAddress is the address of the flow of that name, without a key.
func FlowAddress(name string) Address { return Address{Block: "flow", Name: name} }

// Instance is the address of one instance of a.
func (a Address) Instance(key string) Address {
	a.Key, a.Keyed = key, true
	return a
}

// Whole is a without its key.
func (a Address) Whole() Address { return Address{Block: a.Block, Name: a.Name} }

// Local is the address without its block: train, or train["forest"].
func (a Address) Local() string { return strings.TrimPrefix(a.String(), a.Block+".") }

// String writes the address as an author would write it in an expression.
func (a Address) String() string {
	if !a.Keyed {
		return a.Block + "." + a.Name
	}
	return fmt.Sprintf("%s.%s[%s]", a.Block, a.Name, quote(a.Key))
}

// ParseAddress reads what String writes. A name without a block is a flow's,
// so that `flowrider apply clean` means flow.clean.
func ParseAddress(text string) (Address, error) {
	if text != "" && !strings.ContainsAny(text, ".[") {
		text = "flow." + text
	}
	traversal, diags := hclsyntax.ParseTraversalAbs([]byte(text), "", hcl.InitialPos)
	if diags.HasErrors() || len(traversal) < 2 || len(traversal) > 3 {
		return Address{}, fmt.Errorf("%q is not an address; write it as in flow.clean or flow.train[\"forest\"]", text)
	}
	a := Address{Block: traversal.RootName()}
	name, ok := traversal[1].(hcl.TraverseAttr)
	if !ok {
		return Address{}, fmt.Errorf("%q is not an address; write it as in flow.clean or flow.train[\"forest\"]", text)
	}
	a.Name = name.Name
	if len(traversal) == 3 {
		index, ok := traversal[2].(hcl.TraverseIndex)
		if !ok || !index.Key.Type().Equals(ctyString) {
			return Address{}, fmt.Errorf("%q is not an address; the key of an instance stands in quotes, as in flow.train[\"forest\"]", text)
		}
		a = a.Instance(index.Key.AsString())
	}
	return a, nil
}

// Written is a known value without marks as an author would write it, on one
// line.
func Written(value cty.Value) string {
	t := value.Type()
	switch {
	case value.IsNull():
		return "null"
	case t == cty.String:
		return quote(value.AsString())
	case t == cty.Bool:
		return strconv.FormatBool(value.True())
	case t == cty.Number:
		return value.AsBigFloat().Text('f', -1)
	}
	var parts []string
	object := t.IsObjectType() || t.IsMapType()
	for it := value.ElementIterator(); it.Next(); {
		key, element := it.Element()
		text := Written(element)
		if object {
			name := key.AsString()
			if !validIdentifier(name) {
				name = quote(name)
			}
			text = name + " = " + text
		}
		parts = append(parts, text)
	}
	switch text := strings.Join(parts, ", "); {
	case object && text == "":
		return "{}"
	case object:
		return "{ " + text + " }"
	default:
		return "[" + text + "]"
	}
}

// quote writes s as an HCL string literal.
func quote(s string) string {
	tokens := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", "$${", "%{", "%%{")
	return `"` + tokens.Replace(s) + `"`
}
