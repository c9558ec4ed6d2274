package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/eval"
)

// consoleValue is a value in console --json. What is not known or sensitive is
// null in it.
type consoleValue struct {
	Value     any    `json:"value"`
	Type      string `json:"type"`
	Known     bool   `json:"known"`     // all of it
	Sensitive bool   `json:"sensitive"` // some of it
}

func (c *console) show(value cty.Value) {
	if !c.flags.json {
		fmt.Fprintln(os.Stdout, secrets.Text(valueText(value, "")))
		return
	}
	plain, _ := value.UnmarkDeep()
	writeJSON(os.Stdout, consoleValue{
		Value: valueJSON(value), Type: typeexpr.TypeString(plain.Type()), Known: plain.IsWhollyKnown(), Sensitive: eval.Has(value, eval.Sensitive),
	})
}

// mask is what is shown of a value that is not; "" of any other.
func mask(v cty.Value) string {
	switch {
	case v.HasMark(eval.Sensitive):
		return "(sensitive value)"
	case !v.IsKnown():
		return "(known after apply)"
	}
	return ""
}

// member is an element of a value, with its name in an object or map.
type valueMember struct {
	name  string
	value cty.Value
}

// members are the elements of a value that has any, without its marks.
func members(v cty.Value) (list []valueMember, named, shaped bool) {
	t := v.Type()
	if v.IsNull() || !t.IsObjectType() && !t.IsTupleType() && !t.IsCollectionType() {
		return nil, false, false
	}
	named = t.IsObjectType() || t.IsMapType()
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		m := valueMember{value: element}
		if named {
			m.name = key.AsString()
		}
		list = append(list, m)
	}
	return list, named, true
}

// valueText writes a value as it could stand in a configuration, on one line if
// it fits.
func valueText(v cty.Value, indent string) string {
	if text := mask(v); text != "" {
		return text
	}
	v, _ = v.Unmark()
	list, named, shaped := members(v)
	if !shaped {
		return string(hclwrite.TokensForValue(v).Bytes())
	}
	open, end, space := "[", "]", ""
	if named {
		open, end, space = "{", "}", " "
	}
	if v.Type().IsSetType() {
		open, end = "toset([", "])"
	}
	if len(list) == 0 {
		return open + end
	}
	var parts []string
	for _, m := range list {
		text := valueText(m.value, indent+"  ")
		if named {
			text = keyText(m.name) + " = " + text
		}
		parts = append(parts, text)
	}
	const width = 80
	if line := open + space + strings.Join(parts, ", ") + space + end; len(indent)+len(line) <= width && !strings.Contains(line, "\n") {
		return line
	}
	separator := ",\n" + indent + "  "
	if named {
		separator = "\n" + indent + "  "
	}
	return open + "\n" + indent + "  " + strings.Join(parts, separator) + "\n" + indent + end
}

func keyText(name string) string {
	if hclsyntax.ValidIdentifier(name) {
		return name
	}
	return string(hclwrite.TokensForValue(cty.StringVal(name)).Bytes())
}

// valueJSON is a value as encoding/json takes it.
func valueJSON(v cty.Value) any {
	if mask(v) != "" {
		return nil
	}
	v, _ = v.Unmark()
	list, named, shaped := members(v)
	switch {
	case named:
		object := map[string]any{}
		for _, m := range list {
			object[secrets.Text(m.name)] = valueJSON(m.value)
		}
		return object
	case shaped:
		array := []any{}
		for _, m := range list {
			array = append(array, valueJSON(m.value))
		}
		return array
	case v.IsNull():
		return nil
	case v.Type() == cty.String:
		return secrets.Text(v.AsString())
	}
	return json.RawMessage(eval.CanonicalJSON(v))
}
