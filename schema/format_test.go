package schema_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/flowrider/flowrider/schema"
)

func TestFormat(t *testing.T) {
	for _, test := range []struct{ given, want string }{
		{"", ""},
		{"\n\n", ""},
		{"a=1", "a = 1\n"},
		{"a=1\nlong=2\n\n\n", "a    = 1\nlong = 2\n"},
		{"flow \"command\"   \"a\" {\nargv=[\"x\",\n\"y\"]\n}", "flow \"command\" \"a\" {\n  argv = [\"x\",\n  \"y\"]\n}\n"},
		{"a = <<E\n  kept  \nE\n", "a = <<E\n  kept  \nE\n"},
		{"a=1\r\nbb=2", "a  = 1\r\nbb = 2\r\n"},
		{"a=1\r\n", "a = 1\r\n"},
	} {
		got, _, diags := schema.Format("flowrider.hcl", []byte(test.given))
		if diags.HasErrors() || string(got) != test.want {
			t.Errorf("%q is formatted as %q, want %q (%v)", test.given, got, test.want, diags)
		}
	}
}

// FuzzFormat: what is formatted says what it said, and is formatted.
func FuzzFormat(f *testing.F) {
	names, _ := filepath.Glob("../examples/*/flowrider.hcl")
	for _, name := range append(names, "../flowrider.hcl") {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("a = <<-E\n  x ${ y }\n  E\nb = !c ? -1 : [for x in y : x...]\n"))
	f.Add([]byte("a = 1 # x\r\nb = /* y */ 2\r\n"))
	f.Fuzz(func(t *testing.T, source []byte) {
		once, _, diags := schema.Format("flowrider.hcl", source)
		if diags.HasErrors() {
			return
		}
		if diff := cmp.Diff(tokens(source), tokens(once)); diff != "" {
			t.Errorf("%q says something else as %q (-given +formatted):\n%s", source, once, diff)
		}
		twice, _, diags := schema.Format("flowrider.hcl", once)
		if diags.HasErrors() || string(twice) != string(once) {
			t.Errorf("%q is %q, and that is %q (%v)", source, once, twice, diags)
		}
	})
}

// tokens are what a text says: its tokens without the last line's end.
func tokens(source []byte) []string {
	list := []string{}
	all, _ := hclsyntax.LexConfig(source, "", hcl.InitialPos)
	for _, token := range all {
		if token.Type != hclsyntax.TokenEOF {
			list = append(list, strings.TrimRight(string(token.Type)+" "+string(token.Bytes), " \t\r\n"))
		}
	}
	for len(list) > 0 && list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	return list
}
