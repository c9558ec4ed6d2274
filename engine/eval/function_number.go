package eval

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

var numberFunctions = []Function{
	{Name: "abs", Signature: "abs(number)", Help: "the number without its sign", Example: `abs(-12.4)`, Result: `12.4`, pure: stdlib.AbsoluteFunc},
	{Name: "ceil", Signature: "ceil(number)", Help: "the nearest whole number that is not less", Example: `ceil(5.1)`, Result: `6`, pure: stdlib.CeilFunc},
	{Name: "floor", Signature: "floor(number)", Help: "the nearest whole number that is not greater", Example: `floor(4.9)`, Result: `4`, pure: stdlib.FloorFunc},
	{Name: "log", Signature: "log(number, base)", Help: "the logarithm of a number to a base", Example: `log(16, 2)`, Result: `4`, pure: logFunction},
	{Name: "max", Signature: "max(number, number...)", Help: "the greatest of the numbers", Example: `max(12, 54, 3)`, Result: `54`, pure: stdlib.MaxFunc},
	{Name: "min", Signature: "min(number, number...)", Help: "the least of the numbers", Example: `min(12, 54, 3)`, Result: `3`, pure: stdlib.MinFunc},
	{Name: "parseint", Signature: "parseint(text, base)", Help: "the whole number that a text is in a base from 2 to 62", Example: `parseint("ff", 16)`, Result: `255`, pure: parseIntFunction},
	{Name: "pow", Signature: "pow(number, power)", Help: "a number to a power", Example: `pow(3, 2)`, Result: `9`, pure: stdlib.PowFunc},
	{Name: "signum", Signature: "signum(number)", Help: "-1, 0 or 1, as the number is below, at or above zero", Example: `signum(-13)`, Result: `-1`, pure: stdlib.SignumFunc},
	{Name: "sum", Signature: "sum(list)", Help: "the sum of the numbers in a list or set", Example: `sum([1, 2.5, 3])`, Result: `6.5`, pure: sumFunction},
}

// parseIntFunction takes no more digits than a number may have: reading and
// writing more takes a time that grows with their square.
var parseIntFunction = bounded(stdlib.ParseIntFunc, func(args []cty.Value) error {
	if text := args[0]; text.IsKnown() && text.Type() == cty.String && len(text.AsString()) > maxDigits {
		return function.NewArgErrorf(0, "it has more than %d digits", maxDigits)
	}
	return nil
})

// logFunction refuses what has no logarithm, of which the standard library's
// panics.
var logFunction = bounded(stdlib.LogFunc, func(args []cty.Value) error {
	for i, arg := range args {
		if arg.IsKnown() && (arg.AsBigFloat().Sign() <= 0 || i == 1 && arg.RawEquals(cty.NumberIntVal(1))) {
			return function.NewArgErrorf(i, "there is no such logarithm: a number and a base are above 0, and a base is not 1")
		}
	}
	return nil
})

var sumFunction = elementsFunction(cty.Number, func(elements []cty.Value) (cty.Value, error) {
	if len(elements) == 0 {
		return cty.NilVal, function.NewArgErrorf(0, "it is empty, and a sum needs at least one number")
	}
	total := cty.Zero
	for i, element := range elements {
		number, err := convert.Convert(element, cty.Number)
		if err != nil || number.IsNull() {
			return cty.NilVal, function.NewArgErrorf(0, "its element %d is no number", i)
		}
		total = total.Add(number)
	}
	return total, nil
})

// elementsFunction is one of the elements of a list, a set or a tuple. Its
// elements need not be known.
func elementsFunction(result cty.Type, f func(elements []cty.Value) (cty.Value, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
		Type: func(args []cty.Value) (cty.Type, error) {
			return result, checkElements(0, args[0].Type())
		},
		RefineResult: notNull,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if args[0].Type().IsSetType() && !args[0].IsWhollyKnown() {
				return cty.UnknownVal(result), nil // nobody knows how many elements it has
			}
			return f(args[0].AsValueSlice())
		},
	})
}

// checkElements refuses what has no elements of its own.
func checkElements(argument int, t cty.Type) error {
	if t.IsListType() || t.IsSetType() || t.IsTupleType() {
		return nil
	}
	return function.NewArgError(argument, fmt.Errorf("it must be a list or a set"))
}
