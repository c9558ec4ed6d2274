package eval

import (
	"fmt"
	"regexp"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// Limits on what functions make. A few letters can ask for more than the
// machine has, and nothing can stop a function that has begun.
const (
	maxText     = 1 << 20 // bytes
	maxElements = 100_000
	maxDigits   = 1_000
)

// bounded is a function, whose result is never null, that is not called before
// a look at its arguments.
func bounded(f function.Function, check func(args []cty.Value) error) function.Function {
	return checked(f, check, notNull)
}

func checked(f function.Function, check func(args []cty.Value) error, refine func(*cty.RefinementBuilder) *cty.RefinementBuilder) function.Function {
	return function.New(&function.Spec{
		Params: f.Params(), VarParam: f.VarParam(), Type: f.ReturnTypeForValues, RefineResult: refine,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if err := check(args); err != nil {
				return cty.NilVal, err
			}
			return f.Call(args)
		},
	})
}

// plainNumbers is a function whose result has no numbers that nothing could
// print.
func plainNumbers(f function.Function) function.Function {
	return function.New(&function.Spec{
		Params: f.Params(), VarParam: f.VarParam(), Type: f.ReturnTypeForValues,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			result, err := f.Call(args)
			if err == nil && hasHugeNumber(result) {
				return cty.NilVal, function.NewArgErrorf(0, "a number in it has more than %d digits", maxDigits)
			}
			return result, err
		},
	})
}

func tooLong(bytes int) error {
	if bytes <= maxText {
		return nil
	}
	return fmt.Errorf("the text would have more than %d MiB; let the flow make it", maxText>>20)
}

func tooMany(elements int) error {
	if elements <= maxElements {
		return nil
	}
	return fmt.Errorf("the result would have more than %d elements", maxElements)
}

// product is that of lengths, as far as maxElements matters.
func product(a, b int) int {
	if a == 0 || b == 0 {
		return 0
	}
	if a > maxText/b {
		return maxText + 1
	}
	return a * b
}

// textOf is a text as far as it is known.
func textOf(v cty.Value) string {
	if v, _ = v.Unmark(); v.Type() != cty.String || !v.IsKnown() || v.IsNull() {
		return ""
	}
	return v.AsString()
}

// lengthOf is how many elements a value has, as far as that is known.
func lengthOf(v cty.Value) int {
	if v, _ = v.Unmark(); !isShaped(v) {
		return 0
	}
	return v.LengthInt()
}

// wideVerb is a verb of format() whose width or precision is a million or more.
var wideVerb = regexp.MustCompile(`%[^a-zA-Z%]*[1-9][0-9]{6}`)

func checkFormat(args []cty.Value) error {
	if text := textOf(args[0]); wideVerb.MatchString(text) {
		return function.NewArgErrorf(0, "a width or precision in it is over a million")
	} else if err := tooLong(product(len(text), len(args))); err != nil {
		return err
	}
	return nil
}

var (
	formatFunction     = bounded(stdlib.FormatFunc, checkFormat)
	formatListFunction = bounded(stdlib.FormatListFunc, checkFormat)
	indentFunction     = bounded(stdlib.IndentFunc, func(args []cty.Value) error {
		spaces, text := args[0], textOf(args[1])
		if !spaces.IsKnown() {
			return nil
		}
		count, exact := spaces.AsBigFloat().Int64()
		if exact != 0 || count < 0 {
			return function.NewArgErrorf(0, "it must be a whole number that is not negative")
		}
		lines := 1
		for _, r := range text {
			if r == '\n' {
				lines++
			}
		}
		return tooLong(product(int(min(count, maxText+1)), lines))
	})
	joinFunction = bounded(stdlib.JoinFunc, func(args []cty.Value) error {
		count := 0
		for _, list := range args[1:] {
			count += lengthOf(list)
		}
		return tooLong(product(len(textOf(args[0])), count))
	})
	setProductFunction = bounded(stdlib.SetProductFunc, func(args []cty.Value) error {
		total := 1
		for _, list := range args {
			total = product(total, max(1, lengthOf(list)))
		}
		return tooMany(total)
	})
)
