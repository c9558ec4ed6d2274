package eval

import (
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
)

// constraint is the type that a value is to have, with what is to stand for what is
// not in it.
type constraint struct {
	cty.Type
	defaults *typeexpr.Defaults // nil for none
}

// anything holds any value.
var anything = constraint{Type: cty.DynamicPseudoType}

// elements is the constraint on each element of a list or a map. ok is false for other
// types, and where elements may have several.
func (c constraint) elements() (element constraint, ok bool) {
	if !c.IsListType() && !c.IsMapType() || c.HasDynamicTypes() {
		return element, false
	}
	element.Type = c.ElementType()
	if c.defaults != nil {
		element.defaults = c.defaults.Children[""]
	}
	return element, true
}

// holds says whether a value fits as it is.
func (c constraint) holds(value cty.Value) bool {
	return c.Type == cty.DynamicPseudoType || c.defaults == nil && value.Type().Equals(c.Type)
}

// fit makes a value fit, and says whether it can.
func (c constraint) fit(value cty.Value) (cty.Value, bool) {
	if c.defaults != nil {
		value = c.defaults.Apply(value)
	}
	value, err := convertTo(value, c.Type)
	return value, err == nil
}
