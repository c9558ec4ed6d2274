package metaflow

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// valueText is a known value as Metaflow's parameters take it: texts verbatim,
// booleans as true and false, numbers in decimal without an exponent, lists
// and objects as JSON.
func valueText(v cty.Value) (string, error) {
	switch {
	case v.IsNull():
		return "null", nil
	case v.Type() == cty.String:
		return v.AsString(), nil
	case v.Type() == cty.Number:
		return v.AsBigFloat().Text('f', -1), nil
	}
	return jsonText(v)
}

// jsonText is a known value as JSON with sorted keys: equal values have equal
// texts.
func jsonText(v cty.Value) (string, error) {
	text, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return "", fmt.Errorf("a value of type %s has no JSON form: %w", v.Type().FriendlyName(), err)
	}
	return string(text), nil
}

// parseJSON reads a JSON text.
func parseJSON(text string) (cty.Value, error) {
	t, err := ctyjson.ImpliedType([]byte(text))
	if err != nil {
		return cty.NilVal, err
	}
	return ctyjson.Unmarshal([]byte(text), t)
}
