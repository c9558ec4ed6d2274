package eval

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/flowrider/flowrider/internal/testenv"
)

// convertTo gives what cty gives, and fails where cty fails.
func TestConvertToIsCtysConversion(t *testing.T) {
	r := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	made := 0
	for range 20_000 {
		v, want := anyValue(r, 3), anyType(r, 3)
		expected, wrong := convert.Convert(v, want)
		got, err := convertTo(v, want)
		switch {
		case (wrong == nil) != (err == nil):
			t.Fatalf("%#v as %#v: %v, of cty %v", v, want, err, wrong)
		case err == nil && !got.RawEquals(expected):
			t.Fatalf("%#v as %#v:\n%#v, of cty\n%#v", v, want, got, expected)
		}
		if _, ok := convertElements(v, want); ok {
			made++
		}
	}
	if made < 500 {
		t.Errorf("only %d of them were converted by element", made)
	}
}

// tolist, toset and tomap give what cty's give.
func TestToFunctionsAreCtys(t *testing.T) {
	r := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	for range 20_000 {
		v := anyValue(r, 3)
		for name, want := range map[string]cty.Type{"tolist": cty.List(cty.DynamicPseudoType), "toset": cty.Set(cty.DynamicPseudoType), "tomap": cty.Map(cty.DynamicPseudoType)} {
			got, err := functions("", false)[name].Call([]cty.Value{v})
			expected, wrong := stdlib.MakeToFunc(want).Call([]cty.Value{v})
			if (wrong == nil) != (err == nil) || err == nil && !got.RawEquals(expected) {
				t.Fatalf("%s(%#v):\n%#v, %v; of cty\n%#v, %v", name, v, got, err, expected, wrong)
			}
		}
	}
}

func anyValue(r *rand.Rand, depth int) cty.Value {
	var v cty.Value
	length := r.IntN(4)
	switch kind := r.IntN(11); {
	case kind == 0:
		v = cty.NullVal(cty.DynamicPseudoType)
	case kind == 1:
		v = cty.NullVal(cty.String)
	case kind == 2:
		v = cty.UnknownVal(cty.String)
	case kind < 5 || depth == 0:
		v = []cty.Value{cty.StringVal("a"), cty.StringVal("1"), cty.NumberIntVal(1), cty.True}[r.IntN(4)]
	case kind < 9:
		var elements []cty.Value
		one := anyValue(r, depth-1)
		for range length {
			if r.IntN(3) == 0 {
				one = anyValue(r, depth-1)
			}
			elements = append(elements, one)
		}
		v = cty.TupleVal(elements)
	default:
		elements := map[string]cty.Value{}
		one := anyValue(r, depth-1)
		for i := range length {
			if r.IntN(3) == 0 {
				one = anyValue(r, depth-1)
			}
			elements[fmt.Sprint("k", i)] = one
		}
		v = cty.ObjectVal(elements)
	}
	if r.IntN(12) == 0 && !v.IsNull() { // cty takes the marks of null away
		v = v.Mark(Ambient)
	}
	return v
}

func anyType(r *rand.Rand, depth int) cty.Type {
	if depth == 0 {
		return []cty.Type{cty.String, cty.Number, cty.DynamicPseudoType}[r.IntN(3)]
	}
	switch element := anyType(r, depth-1); r.IntN(7) {
	case 0, 1:
		return cty.List(element)
	case 2:
		return cty.Set(element)
	case 3, 4:
		return cty.Map(element)
	case 5:
		return cty.ObjectWithOptionalAttrs(map[string]cty.Type{"k0": element, "k1": cty.String}, []string{"k1"})
	default:
		return element
	}
}
