package metaflow

import (
	"encoding/hex"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// Pickles that CPython 3.11 has written, protocol 4, as Metaflow's are.
var pickles = []struct {
	name, pickle string
	want         string // as JSON; "" for what is no plain data
}{
	{"None", "80044e2e", "null"},
	{"True", "8004882e", "true"},
	{"small", "80044b072e", "7"},
	{"two bytes", "80049504000000000000004dbc022e", "700"},
	{"negative", "80049506000000000000004a90eefeff2e", "-70000"},
	{"large", "80049510000000000000008a0dd20a3f4eeee073c3f60fe98e012e", "123456789012345678901234567890"},
	{"large and negative", "8004950c000000000000008a090000000000000000c02e", "-1180591620717411303424"},
	{"float", "8004950a00000000000000473fb999999999999a2e", "0.1"},
	{"text", "80049508000000000000008c04c3a92278942e", `"é\"x"`},
	{"list", "80049519000000000000005d94284b018c0161945d94284740040000000000004e65652e", `[1,"a",[2.5,null]]`},
	{"tuple", "8004950c00000000000000284b014b024b034b0474942e", "[1,2,3,4]"},
	{"pair", "80049509000000000000008c0161944b0186942e", `["a",1]`},
	{"empty ones", "8004950a000000000000005d94285d947d9429652e", "[[],{},[]]"},
	{"object", "8004951a000000000000007d94288c016294888c0161947d948c0163945d944b016173752e", `{"a":{"c":[1]},"b":true}`},
	{"one list twice", "8004950c000000000000005d94285d944b01616801652e", "[[1],[1]]"},
	{"set", "80049507000000000000008f94284b01902e", ""},
	{"bytes", "8004950500000000000000430178942e", ""},
	{"a class that is called", "80049529000000000000008c0b636f6c6c656374696f6e73948c0b4f726465726564446963749493942952948c0161944b01732e", ""},
	{"keys that are numbers", "80049508000000000000007d944b014b02732e", ""},
	{"not a number", "8004950a00000000000000477ff80000000000002e", ""},
	{"infinite", "8004950a00000000000000477ff00000000000002e", ""},
	{"a list in itself", "80049506000000000000005d946800612e", ""},
	{"2^30 parts", "800495bc000000000000005d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d94285d948c01789461681e65681d65681c65681b65681a65681965681865681765681665681565681465681365681265681165681065680f65680e65680d65680c65680b65680a656809656808656807656806656805656804656803656802656801652e", ""},
	{"cut short", "80049519000000000000005d94284b018c0161", ""},
	{"nothing", "", ""},
}

func TestPlainDataIsUnpickledAndNothingElse(t *testing.T) {
	for _, test := range pickles {
		t.Run(test.name, func(t *testing.T) {
			data, err := hex.DecodeString(test.pickle)
			if err != nil {
				t.Fatal(err)
			}
			value, err := unpickle(data)
			if test.want == "" {
				if err == nil {
					t.Errorf("read as %#v, want no plain data", value)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, err := jsonText(value); err != nil || got != test.want {
				t.Errorf("read as %s (%v), want %s", got, err, test.want)
			}
		})
	}
}

// Whatever a pickle holds, reading it ends, and in a value or an error.
func FuzzUnpickle(f *testing.F) {
	for _, test := range pickles {
		data, _ := hex.DecodeString(test.pickle)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if value, err := unpickle(data); err == nil {
			if _, err := jsonText(value); err != nil {
				t.Errorf("%x was read as a value without a JSON form: %v", data, err)
			}
		}
	})
}

// A configured value is the run's where Metaflow would have made that of it.
func TestSameParameter(t *testing.T) {
	text := cty.StringVal
	list := func(values ...cty.Value) cty.Value { return cty.TupleVal(values) }
	number := func(digits string) cty.Value { return cty.MustParseNumberVal(digits) }
	for _, test := range []struct {
		name           string
		passed, stored cty.Value
		want           bool
	}{
		{"text", text("a"), text("a"), true},
		{"number for a text", number("3"), text("3"), true},
		{"other text", text("a"), text("b"), false},
		{"int", number("3"), cty.NumberIntVal(3), true},
		{"other int", number("4"), cty.NumberIntVal(3), false},
		{"text for an int", text("3"), cty.NumberIntVal(3), true},
		{"no number", text("x"), cty.NumberIntVal(3), false},
		{"float", number("0.1"), cty.NumberFloatVal(0.1), true},
		{"whole float", number("3"), cty.NumberFloatVal(3), true},
		{"other float", number("0.2"), cty.NumberFloatVal(0.1), false},
		{"large int", number("123456789012345678901"), number("123456789012345678901"), true},
		{"large int, last digit", number("123456789012345678902"), number("123456789012345678901"), false},
		{"bool", cty.True, cty.True, true},
		{"other bool", cty.False, cty.True, false},
		{"number for a bool", number("1"), cty.True, true},
		{"number is no bool", number("1"), cty.False, false},
		{"object", cty.ObjectVal(map[string]cty.Value{"b": number("0.1"), "a": list(cty.True)}), cty.ObjectVal(map[string]cty.Value{"a": list(cty.True), "b": cty.NumberFloatVal(0.1)}), true},
		{"JSON text for an object", text(`{"a": 1}`), cty.ObjectVal(map[string]cty.Value{"a": cty.NumberIntVal(1)}), true},
		{"other object", text(`{"a": 2}`), cty.ObjectVal(map[string]cty.Value{"a": cty.NumberIntVal(1)}), false},
		{"list", list(text("a"), text("b")), list(text("a"), text("b")), true},
		{"separated", text("a,b,c"), list(text("a"), text("b"), text("c")), true},
		{"separated by two letters", text("a, b, c"), list(text("a"), text("b"), text("c")), true},
		{"separated by different ones", text("a,b;c"), list(text("a"), text("b"), text("c")), false},
		{"one separated", text("a"), list(text("a")), true},
		{"none separated", text(""), list(), false},
		{"longer than the parts", text("ab"), list(text("ab"), text("b")), false},
		{"something for None", text("x"), cty.NullVal(cty.DynamicPseudoType), false},
	} {
		if got := sameParameter(test.passed, test.stored); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
