package eval

import (
	"strings"
	"testing"
)

func TestAValueFromTheCommandLineIsNamedAndShown(t *testing.T) {
	for name, test := range map[string]struct{ block, text, want string }{
		"number":    {`type = number`, "many", `The value "many" given with --var v does not fit. It must be a number.`},
		"exponent":  {`type = number`, "1e99999999999999999999", `The value "1e99999999999999999999" given with --var v does not fit. It must be a number.`},
		"list":      {`type = list(string)`, "a", `The value "a" given with --var v does not fit. It must be a list of texts, as in ["a", "b"], written as in the configuration.`},
		"no list":   {`type = list(string)`, "1", `The value "1" given with --var v does not fit. It must be a list of texts, as in ["a", "b"].`},
		"brackets":  {`description = "any"`, "[a", `The value "[a" given with --var v does not fit. A list or an object is written as in the configuration, without references and functions; a text with brackets in it needs quotes.`},
		"sensitive": {"type = number\nsensitive = true", "hush", `The value given with --var v does not fit. It must be a number.`},
		"Latin-1":   {`type = string`, "caf\xe9", `The value "caf\xe9" given with --var v does not fit. It is not UTF-8: byte 3, counted from 0, is 0xe9; give a text in UTF-8.`},
		"nested":    {`type = any`, strings.Repeat("[", 1000), `The value given with --var v nests brackets and templates more than 200 deep here.`},
	} {
		t.Run(name, func(t *testing.T) {
			config, _ := load(t, "variable \"v\" {\ndefault = null\n"+test.block+"\n}\n")
			_, diags := Variables(config, Typed(map[string]string{"v": test.text}))
			if len(diags) != 1 || diags[0].Detail != test.want {
				t.Errorf("got %v, want %q", diags, test.want)
			}
		})
	}
}
