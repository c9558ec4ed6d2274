package schema

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// loadText reads a configuration of one file.
func loadText(t *testing.T, name, source string) []string {
	t.Helper()
	root := t.TempDir()
	if name != FileName {
		write(t, root, FileName, "")
	}
	write(t, root, name, source)
	_, diags := Load(root)
	var summaries []string
	for _, problem := range diags {
		summaries = append(summaries, problem.Summary)
	}
	return summaries
}

func write(t *testing.T, root, name, source string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(root, name), []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
}

// Each of these would overflow the stack of the parser, or of whoever walks
// or evaluates what it makes, and end the program.
func TestWhatWouldOverflowTheStackIsRefused(t *testing.T) {
	const many = 20_000
	deep, large := "Nested too deeply", "Expression too large"
	for name, test := range map[string]struct{ file, source, want string }{
		"brackets":      {FileName, "locals { a = " + strings.Repeat("[", many) + " }\n", deep},
		"blocks":        {FileName, strings.Repeat("a {\n", many), deep},
		"templates":     {FileName, `locals { a = ` + strings.Repeat(`"${`, many) + " }\n", deep},
		"conditionals":  {FileName, "locals { a = " + strings.Repeat("true?1:", many) + "1 }\n", large},
		"sums":          {FileName, "locals { a = " + strings.Repeat("1+", many) + "1 }\n", large},
		"sums in lines": {FileName, "locals {\n a = (" + strings.Repeat("1+\n", many) + "1)\n }\n", large},
		"prefixes":      {FileName, "locals { a = " + strings.Repeat("!", many) + "true }\n", large},
		"comparisons":   {FileName, "locals { a = " + strings.Repeat("1 <= ", many) + "1 }\n", large},
		"indexes":       {FileName, "locals { a = local.b" + strings.Repeat("[var.x]", many) + " }\n", large},
		"splats":        {FileName, "locals { a = local.b" + strings.Repeat("[*]", many) + " }\n", large},
		"directives":    {FileName, `locals { a = "` + strings.Repeat("%{if true}", many) + "\" }\n", large},
		"sums in sums":  {FileName, "locals { a = " + strings.Repeat("(", 150) + "1" + strings.Repeat(strings.Repeat("+1", 1000)+")", 150) + " }\n", large},
		"json brackets": {"a.flow.hcl.json", `{"locals": {"a": ` + strings.Repeat("[", many), deep},
		"json template": {"a.flow.hcl.json", `{"locals": {"a": "${` + strings.Repeat("1+", many) + `1}"}}`, large},
		"json escapes":  {"a.flow.hcl.json", `{"locals": {"a": "\u0024{` + strings.Repeat(`\u0028`, many) + `1}"}}`, deep},
		"json type":     {"a.flow.hcl.json", `{"variable": {"a": {"type": "` + strings.Repeat("list(", many) + `"}}}`, deep},
	} {
		t.Run(name, func(t *testing.T) {
			if got := loadText(t, test.file, test.source); len(got) != 1 || got[0] != test.want {
				t.Errorf("got %.5q, want %q alone", got, test.want)
			}
		})
	}
	if diags := CheckExpression("--var a", strings.Repeat("1+", many)+"1"); !diags.HasErrors() {
		t.Error("an expression from the command line is not held to the limits")
	}
}

// Limits count what nests and nothing else.
func TestLongFilesAreNoDeepOnes(t *testing.T) {
	for name, test := range map[string]struct{ file, source string }{
		"comments":  {FileName, strings.Repeat("# sad :( {[\n", 5000)},
		"texts":     {FileName, "locals {\n a = \"" + strings.Repeat("( - + ", 5000) + "\"\n}\n"},
		"numbers":   {FileName, "locals {\n a = [" + strings.Repeat("-1, ", 5000) + "]\n}\n"},
		"members":   {FileName, "locals {\n a = {\n" + strings.Repeat("b = 1 + 1\n", 5000) + "}\n}\n"},
		"locals":    {FileName, "locals {\n" + strings.Repeat("a = -1 # no\n", 5000) + "}\n"},
		"parts":     {FileName, "locals {\n a = \"" + strings.Repeat("${1 + 1} ", 5000) + "\"\n}\n"},
		"json text": {"a.flow.hcl.json", `{"locals": {"a": "` + strings.Repeat("([{ - ", 5000) + `"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			for _, summary := range loadText(t, test.file, test.source) {
				if strings.Contains(summary, "too") {
					t.Errorf("refused: %s", summary)
				}
			}
		})
	}
}

// Files are scanned side by side, and what they are together is told where it
// becomes too much.
func TestFilesAreTooMuchTogether(t *testing.T) {
	root := t.TempDir()
	write(t, root, FileName, "")
	for _, name := range []string{"a", "b", "c", "d"} {
		var text strings.Builder
		for i := range 70_000 { // five words and signs a line
			fmt.Fprintf(&text, "locals { %s%d = 1 }\n", name, i)
		}
		write(t, root, name+".flow.hcl", text.String())
	}
	write(t, root, "b2.flow.hcl", "<<<<<<< ours\n")
	_, diags := Load(root)
	var told []string
	for _, problem := range diags {
		told = append(told, problem.Subject.Filename+": "+problem.Summary)
	}
	if want := []string{"b2.flow.hcl: Conflict marker", "c.flow.hcl: Configuration too large"}; !slices.Equal(told, want) {
		t.Errorf("got %q, want %q", told, want)
	}
}

func TestIdentifiersAreHCLs(t *testing.T) {
	parts := []string{"", "a", "Z", "_", "-", "0", " ", ".", "é", "²", "€", "$"}
	for _, a := range parts {
		for _, b := range parts {
			for _, c := range parts {
				if name := a + b + c; validIdentifier(name) != hclsyntax.ValidIdentifier(name) {
					t.Errorf("%q: %v", name, validIdentifier(name))
				}
			}
		}
	}
}

func TestAByteThatNoTextHasIsToldWhereItStands(t *testing.T) {
	for source, want := range map[string]string{
		"locals { a = \"caf\xe9\" }\n":           "1:18",
		"# \ufffd\nlocals { a = \"caf\xe9\" }\n": "2:18",
		"locals {\n  a = \"\x00\"\n}\n":          "2:8",
	} {
		root := t.TempDir()
		write(t, root, FileName, source)
		_, diags := Load(root)
		if got := fmt.Sprintf("%d:%d", diags[0].Subject.Start.Line, diags[0].Subject.Start.Column); len(diags) != 1 || diags[0].Summary != "Not a text file" || got != want {
			t.Errorf("%q: %v, want one at %s", source, diags, want)
		}
	}
}
