package eval

import (
	"slices"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

var collectionFunctions = []Function{
	{Name: "alltrue", Signature: "alltrue(list)", Help: "whether all elements are true; of none, they are", Example: `alltrue([true, 2 > 1])`, Result: `true`, pure: boolsFunction(true)},
	{Name: "anytrue", Signature: "anytrue(list)", Help: "whether one of the elements is true", Example: `anytrue([false, 2 > 1])`, Result: `true`, pure: boolsFunction(false)},
	{Name: "chunklist", Signature: "chunklist(list, size)", Help: "the list cut into lists of a size", Example: `chunklist(["a", "b", "c"], 2)`, Result: `[["a", "b"], ["c"]]`, pure: stdlib.ChunklistFunc},
	{Name: "coalesce", Signature: "coalesce(value, value...)", Help: `the first value that is neither null nor ""`, Example: `coalesce(null, "", "a")`, Result: `"a"`, pure: coalesceFunction},
	{Name: "coalescelist", Signature: "coalescelist(list, list...)", Help: "the first list that is not empty", Example: `coalescelist([], ["a"])`, Result: `["a"]`, pure: stdlib.CoalesceListFunc},
	{Name: "compact", Signature: "compact(list)", Help: `the list without null and ""`, Example: `compact(["a", "", "b"])`, Result: `["a", "b"]`, pure: stdlib.CompactFunc},
	{Name: "concat", Signature: "concat(list, list...)", Help: "one list of the elements of all", Example: `concat(["a"], ["b", "c"])`, Result: `["a", "b", "c"]`, pure: stdlib.ConcatFunc},
	{Name: "contains", Signature: "contains(list, value)", Help: "whether a value is an element of a list or set", Example: `contains(["uk", "fr"], "fr")`, Result: `true`, pure: stdlib.ContainsFunc},
	{Name: "distinct", Signature: "distinct(list)", Help: "the list with each value once, where it first stands", Example: `distinct(["a", "b", "a"])`, Result: `["a", "b"]`, pure: stdlib.DistinctFunc},
	{Name: "element", Signature: "element(list, index)", Help: "the element at an index, which begins again from 0 behind the end", Example: `element(["a", "b"], 3)`, Result: `"b"`, pure: stdlib.ElementFunc},
	{Name: "flatten", Signature: "flatten(list)", Help: "one list of the elements of the lists in a list, however deep", Example: `flatten([["a"], ["b", ["c"]]])`, Result: `["a", "b", "c"]`, pure: stdlib.FlattenFunc},
	{Name: "index", Signature: "index(list, value)", Help: "the index of the first element that is equal to a value; an error without one", Example: `index(["a", "b"], "b")`, Result: `1`, pure: indexFunction},
	{Name: "keys", Signature: "keys(map)", Help: "the keys of a map or object, sorted", Example: `keys({ b = 1, a = 2 })`, Result: `["a", "b"]`, pure: stdlib.KeysFunc},
	{Name: "length", Signature: "length(value)", Help: "how many elements, members or characters a value has", Example: `length(["a", "b"])`, Result: `2`, pure: lengthFunction},
	{Name: "lookup", Signature: "lookup(map, key, default)", Help: "the value of a key, or the default where there is none", Example: `lookup({ a = 1 }, "b", 0)`, Result: `0`, pure: lookupFunction},
	{Name: "matchkeys", Signature: "matchkeys(values, keys, wanted)", Help: "those of the values whose keys, at the same index, are among the wanted ones", Example: `matchkeys(["x", "y"], ["a", "b"], ["b"])`, Result: `["y"]`, pure: matchKeysFunction},
	{Name: "merge", Signature: "merge(map...)", Help: "one map or object of all; later ones win", Example: `merge({ a = 1, b = 2 }, { b = 3 })`, Result: `{ a = 1, b = 3 }`, pure: stdlib.MergeFunc},
	{Name: "one", Signature: "one(list)", Help: "the only element of a list or set, null where it is empty; an error if there are more", Example: `one(["a"])`, Result: `"a"`, pure: oneFunction},
	{Name: "range", Signature: "range([start], limit, [step])", Help: "the numbers from a start, or 0, up to a limit, which is not among them", Example: `range(1, 10, 3)`, Result: `[1, 4, 7]`, pure: rangeFunction},
	{Name: "reverse", Signature: "reverse(list)", Help: "the list backwards", Example: `reverse(["a", "b"])`, Result: `["b", "a"]`, pure: stdlib.ReverseListFunc},
	{Name: "setintersection", Signature: "setintersection(set, set...)", Help: "the set of what is in all sets", Example: `setintersection(["a", "b"], ["b", "c"])`, Result: `["b"]`, pure: stdlib.SetIntersectionFunc},
	{Name: "setproduct", Signature: "setproduct(list, list...)", Help: "all combinations of one element of each list", Example: `setproduct(["a", "b"], ["x"])`, Result: `[["a", "x"], ["b", "x"]]`, pure: setProductFunction},
	{Name: "setsubtract", Signature: "setsubtract(set, without)", Help: "the set without what is in another", Example: `setsubtract(["a", "b"], ["b"])`, Result: `["a"]`, pure: stdlib.SetSubtractFunc},
	{Name: "setunion", Signature: "setunion(set, set...)", Help: "the set of what is in any of the sets", Example: `setunion(["a"], ["b"])`, Result: `["a", "b"]`, pure: stdlib.SetUnionFunc},
	{Name: "slice", Signature: "slice(list, start, end)", Help: "the elements from a start index up to an end index, which is not among them", Example: `slice(["a", "b", "c"], 1, 3)`, Result: `["b", "c"]`, pure: stdlib.SliceFunc},
	{Name: "sort", Signature: "sort(list)", Help: "the texts of a list, sorted", Example: `sort(["b", "a"])`, Result: `["a", "b"]`, pure: stdlib.SortFunc},
	{Name: "transpose", Signature: "transpose(map)", Help: "of a map of lists of texts, the map from each text to the keys that have it", Example: `transpose({ a = ["x", "y"], b = ["y"] })`, Result: `{ x = ["a"], y = ["a", "b"] }`, pure: transposeFunction},
	{Name: "values", Signature: "values(map)", Help: "the values of a map or object, in the order of its keys", Example: `values({ b = 1, a = 2 })`, Result: `[2, 1]`, pure: stdlib.ValuesFunc},
	{Name: "zipmap", Signature: "zipmap(keys, values)", Help: "the map of keys and values that stand at the same index", Example: `zipmap(["a", "b"], [1, 2])`, Result: `{ a = 1, b = 2 }`, pure: stdlib.ZipmapFunc},
}

// lookupFunction is cty's, with a default that may be null.
var lookupFunction = function.New(&function.Spec{
	Params: []function.Parameter{
		{Name: "map", Type: cty.DynamicPseudoType, AllowMarked: true},
		{Name: "key", Type: cty.String, AllowMarked: true},
		{Name: "default", Type: cty.DynamicPseudoType, AllowMarked: true, AllowNull: true, AllowDynamicType: true},
	},
	Type: func(args []cty.Value) (cty.Type, error) {
		t := args[0].Type()
		key, _ := args[1].Unmark()
		switch {
		case t.IsMapType():
			if _, err := convertTo(args[2], t.ElementType()); err != nil {
				return cty.NilType, function.NewArgErrorf(2, "the default value must have the same type as the map elements")
			}
			return t.ElementType(), nil
		case !t.IsObjectType():
			return cty.NilType, function.NewArgErrorf(0, "it is neither a map nor an object")
		case !key.IsKnown():
			return cty.DynamicPseudoType, nil
		case t.HasAttribute(key.AsString()):
			return t.AttributeType(key.AsString()), nil
		}
		return args[2].Type(), nil
	},
	Impl: func(args []cty.Value, want cty.Type) (cty.Value, error) {
		all, marks := args[0].Unmark()
		key, keyMarks := args[1].Unmark()
		if !all.IsWhollyKnown() {
			return cty.UnknownVal(want).WithMarks(marks, keyMarks), nil
		}
		value, found := all.AsValueMap()[key.AsString()]
		if !found {
			var err error
			if value, err = convertTo(args[2], want); err != nil {
				return cty.NilVal, err
			}
		}
		return value.WithMarks(marks, keyMarks), nil
	},
})

// boolsFunction says whether all elements are true, or any. Null is not.
func boolsFunction(all bool) function.Function {
	return elementsFunction(cty.Bool, func(elements []cty.Value) (cty.Value, error) {
		unknown := false
		for i, element := range elements {
			truth, err := convert.Convert(element, cty.Bool)
			switch {
			case err != nil:
				return cty.NilVal, function.NewArgErrorf(0, "its element %d is neither true nor false", i)
			case !truth.IsKnown():
				unknown = true
			case (!truth.IsNull() && truth.True()) != all:
				return cty.BoolVal(!all), nil
			}
		}
		if unknown {
			return cty.UnknownVal(cty.Bool), nil
		}
		return cty.BoolVal(all), nil
	})
}

var coalesceFunction = function.New(&function.Spec{
	Params: []function.Parameter{},
	VarParam: &function.Parameter{
		Name: "value", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
	},
	Type: func(args []cty.Value) (cty.Type, error) {
		var types []cty.Type
		for _, arg := range args {
			types = append(types, arg.Type())
		}
		if t, _ := convert.UnifyUnsafe(types); t != cty.NilType {
			return t, nil
		}
		return cty.NilType, function.NewArgErrorf(max(0, len(args)-1), "all values must have one type")
	},
	RefineResult: notNull,
	Impl: func(args []cty.Value, want cty.Type) (cty.Value, error) {
		var passed []cty.ValueMarks // what decides is part of the answer
		for i, arg := range args {
			plain, marks := arg.Unmark()
			value, err := convert.Convert(plain, want)
			switch {
			case err != nil:
				return cty.NilVal, function.NewArgError(i, err)
			case !value.IsKnown():
				return cty.UnknownVal(want).WithMarks(append(passed, marks)...), nil
			case value.IsNull() || value.Type() == cty.String && value.AsString() == "":
				passed = append(passed, marks)
			default:
				return value.WithMarks(append(passed, marks)...), nil
			}
		}
		return cty.NilVal, function.NewArgErrorf(max(0, len(args)-1), `all values are null or ""`)
	},
})

var indexFunction = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}, {Name: "value", Type: cty.DynamicPseudoType}},
	Type: func(args []cty.Value) (cty.Type, error) {
		if t := args[0].Type(); !t.IsListType() && !t.IsTupleType() {
			return cty.NilType, function.NewArgErrorf(0, "it must be a list; a member of a map is map[key]")
		}
		return cty.Number, nil
	},
	RefineResult: notNull,
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		for i, element := range args[0].AsValueSlice() {
			equal, err := stdlib.Equal(element, args[1])
			switch {
			case err != nil:
				return cty.NilVal, err
			case !equal.IsKnown():
				return cty.UnknownVal(cty.Number), nil
			case equal.True():
				return cty.NumberIntVal(int64(i)), nil
			}
		}
		return cty.NilVal, function.NewArgErrorf(1, "no element of the list is equal to it")
	},
})

// lengthFunction counts elements, and members of objects too, which the
// standard library's does not: flow.train is an object of its instances.
var lengthFunction = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowUnknown: true, AllowMarked: true}},
	Type: func(args []cty.Value) (cty.Type, error) {
		t := args[0].Type()
		if !t.IsObjectType() && !t.IsTupleType() && !t.IsCollectionType() && t != cty.String && t != cty.DynamicPseudoType {
			return cty.NilType, function.NewArgErrorf(0, "it must be a list, a set, a map, an object or a text")
		}
		return cty.Number, nil
	},
	RefineResult: notNull,
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		switch t := args[0].Type(); {
		case t.IsObjectType():
			_, marks := args[0].Unmark()
			return cty.NumberIntVal(int64(len(t.AttributeTypes()))).WithMarks(marks), nil
		case t == cty.String:
			return stdlib.Strlen(args[0])
		}
		return args[0].Length(), nil
	},
})

// matchKeysFunction keeps the marks of each value, and gives the result those
// of the keys, which decide what is in it.
var matchKeysFunction = function.New(&function.Spec{
	Params: []function.Parameter{
		{Name: "values", Type: cty.List(cty.DynamicPseudoType), AllowMarked: true},
		{Name: "keys", Type: cty.List(cty.DynamicPseudoType)}, {Name: "wanted", Type: cty.List(cty.DynamicPseudoType)},
	},
	Type:         func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
	RefineResult: notNull,
	Impl: func(args []cty.Value, want cty.Type) (cty.Value, error) {
		values, marks := args[0].Unmark()
		if values.LengthInt() != args[1].LengthInt() {
			return cty.NilVal, function.NewArgErrorf(1, "there are %d keys and %d values; each value needs one", args[1].LengthInt(), values.LengthInt())
		}
		if !args[1].IsWhollyKnown() || !args[2].IsWhollyKnown() {
			return cty.UnknownVal(want).WithMarks(marks), nil
		}
		wanted, keys := args[2].AsValueSlice(), args[1].AsValueSlice()
		var matched []cty.Value
		for i, value := range values.AsValueSlice() {
			if slices.ContainsFunc(wanted, func(w cty.Value) bool { equal, err := stdlib.Equal(w, keys[i]); return err == nil && equal.True() }) {
				matched = append(matched, value)
			}
		}
		if len(matched) == 0 {
			return cty.ListValEmpty(want.ElementType()).WithMarks(marks), nil
		}
		return cty.ListVal(matched).WithMarks(marks), nil
	},
})

var oneFunction = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType, AllowMarked: true}},
	Type: func(args []cty.Value) (cty.Type, error) {
		t := args[0].Type()
		if err := checkElements(0, t); err != nil {
			return cty.NilType, err
		}
		switch {
		case !t.IsTupleType():
			return t.ElementType(), nil
		case t.Length() == 0:
			return cty.DynamicPseudoType, nil
		case t.Length() == 1:
			return t.TupleElementType(0), nil
		}
		return cty.NilType, function.NewArgErrorf(0, "it has %d elements, and there must be one or none", t.Length())
	},
	Impl: func(args []cty.Value, want cty.Type) (cty.Value, error) {
		list, marks := args[0].Unmark()
		if list.Type().IsSetType() && !list.IsWhollyKnown() {
			return cty.UnknownVal(want).WithMarks(marks), nil
		}
		switch elements := list.AsValueSlice(); len(elements) {
		case 0:
			return cty.NullVal(want).WithMarks(marks), nil
		case 1:
			return elements[0].WithMarks(marks), nil
		default:
			return cty.NilVal, function.NewArgErrorf(0, "it has %d elements, and there must be one or none", len(elements))
		}
	},
})

// rangeFunction goes further than the standard library's, which ends at 1024:
// a for_each may have more instances.
var rangeFunction = function.New(&function.Spec{
	VarParam:     &function.Parameter{Name: "number", Type: cty.Number},
	Type:         function.StaticReturnType(cty.List(cty.Number)),
	RefineResult: notNull,
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		start, limit, step := cty.Zero, args[0], cty.NumberIntVal(1)
		if len(args) > 1 {
			start, limit = args[0], args[1]
		}
		down := limit.LessThan(start).True()
		switch {
		case len(args) > 2:
			step = args[2]
		case down:
			step = cty.NumberIntVal(-1)
		}
		if limit.Equals(start).True() {
			return cty.ListValEmpty(cty.Number), nil
		}
		if step.Equals(cty.Zero).True() || step.LessThan(cty.Zero).True() != down {
			return cty.NilVal, function.NewArgErrorf(len(args)-1, "steps of this size never come from the start to the limit")
		}
		var numbers []cty.Value
		for number := start; number.Equals(limit).False() && number.LessThan(limit).True() != down; number = number.Add(step) {
			if numbers = append(numbers, number); len(numbers) > maxElements {
				return cty.NilVal, tooMany(len(numbers))
			}
		}
		return cty.ListVal(numbers), nil
	},
})

var transposeFunction = function.New(&function.Spec{
	Params:       []function.Parameter{{Name: "map", Type: cty.Map(cty.List(cty.String))}},
	Type:         function.StaticReturnType(cty.Map(cty.List(cty.String))),
	RefineResult: notNull,
	Impl: func(args []cty.Value, want cty.Type) (cty.Value, error) {
		if !args[0].IsWhollyKnown() {
			return cty.UnknownVal(want), nil
		}
		lists := map[string][]cty.Value{}
		for it := args[0].ElementIterator(); it.Next(); { // in the order of the keys
			key, list := it.Element()
			if list.IsNull() {
				return cty.NilVal, function.NewArgErrorf(0, "the list of %q is null", key.AsString())
			}
			for i, text := range list.AsValueSlice() {
				if text.IsNull() {
					return cty.NilVal, function.NewArgErrorf(0, "element %d of the list of %q is null", i, key.AsString())
				}
				lists[text.AsString()] = append(lists[text.AsString()], key)
			}
		}
		if len(lists) == 0 {
			return cty.MapValEmpty(cty.List(cty.String)), nil
		}
		members := map[string]cty.Value{}
		for text, keys := range lists {
			members[text] = cty.ListVal(keys)
		}
		return cty.MapVal(members), nil
	},
})
