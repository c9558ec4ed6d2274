package eval

import (
	"os"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

var typeFunctions = []Function{
	{Name: "can", Signature: "can(expression)", Help: "whether an expression can be evaluated", Example: `can({ a = 1 }.b)`, Result: `false`, pure: tryfunc.CanFunc},
	{Name: "tobool", Signature: "tobool(value)", Help: "the value as true or false", Example: `tobool("true")`, Result: `true`, pure: stdlib.MakeToFunc(cty.Bool)},
	{Name: "tolist", Signature: "tolist(value)", Help: "the value as a list, whose elements have one type", Example: `tolist(["a", 1])`, Result: `["a", "1"]`, pure: toFunction(stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)), cty.List)},
	{Name: "tomap", Signature: "tomap(value)", Help: "the value as a map, whose values have one type", Example: `tomap({ a = 1, b = "x" })`, Result: `{ a = "1", b = "x" }`, pure: toFunction(stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)), cty.Map)},
	{Name: "tonumber", Signature: "tonumber(value)", Help: "the value as a number", Example: `tonumber("3.5")`, Result: `3.5`, pure: plainNumbers(stdlib.MakeToFunc(cty.Number))},
	{Name: "toset", Signature: "toset(value)", Help: "the value as a set, which has each element once", Example: `toset(["b", "a", "b"])`, Result: `["a", "b"]`, pure: toFunction(stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), cty.Set)},
	{Name: "tostring", Signature: "tostring(value)", Help: "the value as a text", Example: `tostring(3.5)`, Result: `"3.5"`, pure: stdlib.MakeToFunc(cty.String)},
	{Name: "try", Signature: "try(expression, expression...)", Help: "the first expression that can be evaluated", Example: `try({ a = 1 }.b, "none")`, Result: `"none"`, pure: tryfunc.TryFunc},
}

var markFunctions = []Function{
	{Name: "ambient", Signature: "ambient(value)", Help: "the value, which is passed and recorded and does not count in the config hash", Example: `ambient("gpu-7")`, Result: `"gpu-7"`, make: func(l library) function.Function { return markFunction(Ambient, l.hashed) }},
	{Name: "env", Signature: "env(name, [default])", Help: "a variable of the environment that flowrider runs in; it counts, unless it is in ambient()", Example: `env("NO_SUCH_VARIABLE", "none")`, Result: `"none"`, pure: envFunction},
	{Name: "sensitive", Signature: "sensitive(value)", Help: "the value, which is shown nowhere and does not count; for env and secrets", Example: `sensitive("hush-hush")`, Result: `"hush-hush"`, make: func(l library) function.Function { return markFunction(Sensitive, l.hashed) }},
}

// markFunction marks its argument in the real evaluation and gives the
// stand-in in the hashed one.
func markFunction(mark fact, hashed bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{
			Name: "value", Type: cty.DynamicPseudoType,
			AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
		}},
		Type: func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if hashed {
				return standIn(args[0], mark), nil
			}
			if err := CheckHideable(Texts(args[0])); mark == Sensitive && err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return args[0].Mark(mark), nil
		},
	})
}

// envFunction reads the caller's environment. Its value counts: wrap it in
// ambient() where it should not.
var envFunction = function.New(&function.Spec{
	Params:   []function.Parameter{{Name: "name", Type: cty.String}},
	VarParam: &function.Parameter{Name: "default", Type: cty.String, AllowNull: true},
	Type:     function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if value, ok := os.LookupEnv(args[0].AsString()); ok {
			if err := checkText("the environment variable "+args[0].AsString(), value, "set it to a text in UTF-8"); err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return cty.StringVal(value), nil
		}
		if len(args) > 1 {
			return args[1], nil
		}
		return cty.NilVal, function.NewArgErrorf(0, "the environment variable %s is not set; set it, or give a default as the second argument", args[0].AsString())
	},
})
