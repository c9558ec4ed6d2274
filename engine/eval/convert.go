package eval

import (
	"math/big"
	"strconv"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
)

// convertTo is cty's conversion in a time that grows with the value: cty compares
// the type of each element of a list or map with that of each other.
func convertTo(v cty.Value, want cty.Type) (cty.Value, error) {
	if converted, ok := convertElements(v, want); ok {
		return converted, nil
	}
	if whole, ok := wholeNumber(v); ok && want == cty.String {
		return cty.StringVal(strconv.FormatInt(whole, 10)), nil
	}
	return convert.Convert(v, want)
}

// wholeNumber is a number that is written in a few digits. cty looks for the
// shortest of all texts that are worth the same.
func wholeNumber(v cty.Value) (whole int64, ok bool) {
	if v.Type() != cty.Number || v.IsMarked() || !v.IsKnown() || v.IsNull() {
		return 0, false
	}
	whole, accuracy := v.AsBigFloat().Int64()
	return whole, accuracy == big.Exact && whole != 0 // which may be -0
}

// convertElements makes a list, a set or a map of a tuple or an object, element by
// element. ok is false for other values, and where cty should tell what is wrong.
func convertElements(v cty.Value, want cty.Type) (converted cty.Value, ok bool) {
	plain, marks := v.Unmark()
	t := plain.Type()
	if !plain.IsKnown() || plain.IsNull() || !want.IsCollectionType() || want.HasDynamicTypes() || t.IsTupleType() == want.IsMapType() || !t.IsTupleType() && !t.IsObjectType() {
		return cty.NilVal, false
	}
	element := want.ElementType().WithoutOptionalAttributesDeep()
	one := func(v cty.Value) (cty.Value, bool) {
		v, err := convertTo(v, want.ElementType())
		return v, err == nil && v.Type().Equals(element)
	}
	if want.IsMapType() {
		all := plain.AsValueMap()
		for name, v := range all {
			if all[name], ok = one(v); !ok {
				return cty.NilVal, false
			}
		}
		if len(all) == 0 {
			return cty.MapValEmpty(element).WithMarks(marks), true
		}
		return cty.MapVal(all).WithMarks(marks), true
	}
	all := plain.AsValueSlice()
	for i, v := range all {
		if all[i], ok = one(v); !ok {
			return cty.NilVal, false
		}
	}
	switch {
	case len(all) == 0:
		return cty.NilVal, false
	case want.IsSetType():
		return cty.SetVal(all).WithMarks(marks), true
	}
	return cty.ListVal(all).WithMarks(marks), true
}

// toFunction is one of cty's functions that convert, in a time that grows with
// the value where all its elements have one type. collection makes a type of
// theirs.
func toFunction(general function.Function, collection func(cty.Type) cty.Type) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "v", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true}},
		Type: func(args []cty.Value) (cty.Type, error) {
			if element := elementsType(args[0].Type()); element != cty.NilType {
				if t := collection(element); t.IsMapType() != args[0].Type().IsTupleType() {
					return t, nil
				}
			}
			return general.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, want cty.Type) (cty.Value, error) {
			if converted, ok := convertElements(args[0], want); ok {
				return converted, nil
			}
			return general.Call(args)
		},
	})
}

// elementsType is the type that all elements of a tuple or an object have;
// cty.NilType where there is none.
func elementsType(t cty.Type) (one cty.Type) {
	one = cty.NilType
	same := func(t cty.Type) bool {
		if one == cty.NilType {
			one = t
		}
		return one.Equals(t) && !t.HasDynamicTypes()
	}
	switch {
	case t.IsTupleType():
		for _, element := range t.TupleElementTypes() {
			if !same(element) {
				return cty.NilType
			}
		}
	case t.IsObjectType():
		for _, element := range t.AttributeTypes() {
			if !same(element) {
				return cty.NilType
			}
		}
	}
	return one
}
