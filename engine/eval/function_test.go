package eval

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/internal/limit"
)

// exampleFiles are the files that the examples in docs/functions.md read.
var exampleFiles = map[string]string{
	"data/notes.txt": "hi\n", "data/raw/a.csv": "a,b\n", "query.sql.tftpl": "select * from ${table}\n",
}

func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// call evaluates an expression with the functions below a root folder.
func call(t *testing.T, root, text string) (cty.Value, error) {
	t.Helper()
	limit.Begin()
	expr, diags := hclsyntax.ParseExpression([]byte(text), "expression", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", text, diags)
	}
	value, diags := valueIn(expr, cty.DynamicPseudoType, &hcl.EvalContext{Functions: functions(root, false)})
	if diags.HasErrors() {
		return value, fmt.Errorf("%s", diags[0].Detail)
	}
	return value, nil
}

func TestExamplesOfFunctionsGiveWhatTheySay(t *testing.T) {
	root := writeFiles(t, exampleFiles)
	for _, f := range Functions() {
		value, err := call(t, root, f.Example)
		if err != nil {
			t.Errorf("%s: %v", f.Example, err)
			continue
		}
		value, _ = value.UnmarkDeep()
		want, err := call(t, root, f.Result)
		if err != nil {
			t.Errorf("the result of %s: %v", f.Example, err)
			continue
		}
		if diff := cmp.Diff(CanonicalJSON(want), CanonicalJSON(value)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f.Example, diff)
		}
	}
}

// A signature takes as many arguments as its function does.
func TestSignaturesAgreeWithTheirFunctions(t *testing.T) {
	for _, f := range Functions() {
		names, least, most := f.parameters()
		params, last := f.implementation().Params(), f.implementation().VarParam()
		if !strings.HasPrefix(f.Signature, f.Name+"(") || f.Help == "" || slices.Contains(names, "") {
			t.Errorf("%s: the signature is %s, the help %q", f.Name, f.Signature, f.Help)
		}
		if least < len(params) || most >= 0 && last == nil && most != len(params) || most < 0 && last == nil {
			t.Errorf("%s: the function takes %d arguments, and more: %t", f.Signature, len(params), last != nil)
		}
		if last != nil && most >= 0 && most == least {
			t.Errorf("%s: the function takes more", f.Signature)
		}
	}
	if !slices.IsSortedFunc(absent, func(a, b Absent) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the functions that there are not are not sorted")
	}
	for _, f := range absent {
		if functionNamed(f.Name) != nil {
			t.Errorf("%s is both there and not", f.Name)
		}
	}
	for _, group := range FunctionGroups() {
		if !slices.IsSortedFunc(group.Functions, func(a, b Function) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("%s are not sorted", group.Title)
		}
	}
}

// Each name in Terraform's own list is there, or there is a word on it.
func TestEveryFunctionOfTerraformIsDecided(t *testing.T) {
	for _, name := range strings.Fields(`abs abspath alltrue anytrue base64decode base64encode base64gzip base64sha256 base64sha512
		basename bcrypt can ceil chomp chunklist cidrhost cidrnetmask cidrsubnet cidrsubnets coalesce coalescelist compact concat
		contains csvdecode dirname distinct element endswith ephemeralasnull file filebase64 filebase64sha256 filebase64sha512
		fileexists filemd5 fileset filesha1 filesha256 filesha512 flatten floor format formatdate formatlist indent index
		issensitive join jsondecode jsonencode keys length list log lookup lower map matchkeys max md5 merge min nonsensitive one parseint
		pathexpand plantimestamp pow range regex regexall replace reverse rsadecrypt sensitive setintersection setproduct setsubtract setunion
		sha1 sha256 sha512 signum slice sort split startswith strcontains strrev substr sum templatefile templatestring
		textdecodebase64 textencodebase64 timeadd timecmp timestamp title tobool tolist tomap tonumber toset tostring transpose trim
		trimprefix trimspace trimsuffix try type upper urlencode uuid uuidv5 values yamldecode yamlencode zipmap`) {
		if functionNamed(name) == nil && absentFunction(name) == "" {
			t.Errorf("%s is neither there nor is there a word on it", name)
		}
	}
}

// What a few letters ask for is refused before it is made.
func TestFunctionsAskForNoMoreThanThereIs(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat("*"+string(c-1)+", ", 10), ", "))
	}
	root := writeFiles(t, map[string]string{
		"big.txt": strings.Repeat("x", maxText+1), "self.tftpl": `${templatefile("self.tftpl", {})}`,
		"many.tftpl": `%{ for i in range(1000) }${templatefile("leaf.tftpl", {})}%{ endfor }`, "leaf.tftpl": "", "bomb.yaml": bomb,
	})
	for expr, want := range map[string]string{
		`format("%1000000000d", 1)`:     "a width or precision in it is over a million",
		`formatlist("%.9999999f", [1])`: "a width or precision in it is over a million",
		`indent(1e9, "a\nb")`:           "the text would have more than 1 MiB",
		`indent(1e300, "a")`:            "it must be a whole number",
		`replace(join("", [for i in range(2000) : "a"]), "a", join("", [for i in range(2000) : "a"]))`:   "the text would have more than 1 MiB",
		`replace(join("", [for i in range(2000) : "a"]), "/a/", join("", [for i in range(2000) : "a"]))`: "the text would have more than 1 MiB",
		`join(join("", [for i in range(2000) : "a"]), [for i in range(2000) : "a"])`:                     "the text would have more than 1 MiB",
		`range(100001)`:                                        "the result would have more than 100000 elements",
		`range(0, 1, 1e-300)`:                                  "the result would have more than 100000 elements",
		`range(0, 10, -1)`:                                     "steps of this size never come",
		`setproduct(range(1000), range(1000))`:                 "the result would have more than 100000 elements",
		`jsondecode("1e10000000")`:                             "a number in it has more than 1000 digits",
		`yamldecode("1e10000000")`:                             "a number in it has more than 1000 digits",
		`tonumber("1e10000000")`:                               "a number in it has more than 1000 digits",
		`parseint(join("", [for i in range(2000) : "9"]), 10)`: "it has more than 1000 digits",
		`file("big.txt")`:                                      "the file big.txt has more than 1 MiB",
		`templatefile("self.tftpl", {})`:                       "templates call templatefile() more than 10 deep",
		`templatefile("many.tftpl", {})`:                       "templates call templatefile() more than 1000 times",
		`yamldecode(file("bomb.yaml"))`:                        "alias",
	} {
		if value, err := call(t, root, expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %d elements and %v, want an error with %q", expr, lengthOf(value), err, want)
		}
	}
	if value, err := call(t, root, `length(range(100000))`); err != nil || CanonicalJSON(value) != "100000" {
		t.Errorf("100,000 numbers: %v", err)
	}
}

func TestTemplates(t *testing.T) {
	root := writeFiles(t, map[string]string{
		"a.tftpl": "${n}: ${upper(name)}%{ for x in list } ${x}%{ endfor }", "include.tftpl": `[${templatefile("leaf.tftpl", { x = y })}]`, "leaf.tftpl": "<${x}>",
		"typo.tftpl": "one\n${nam}", "reference.tftpl": "${var.x}", "function.tftpl": "${uper(x)}", "secret.tftpl": "${sensitive(x)}", "list.tftpl": "${x}",
		"broken.tftpl": "a\n${x", "absent.tftpl": "${timestamp()}", "deep.tftpl": strings.Repeat("${", 300) + "x" + strings.Repeat("}", 300),
	})
	for expr, want := range map[string]string{
		`templatefile("a.tftpl", { n = 1, name = "x", list = ["p", "q"] })`: `1: X p q`,
		`templatefile("include.tftpl", { y = "z" })`:                        `[<z>]`,
		`templatefile("list.tftpl", { x = true })`:                          `true`,
	} {
		if value, err := call(t, root, expr); err != nil || textOf(value) != want {
			t.Errorf("%s: got %q and %v", expr, textOf(value), err)
		}
	}
	for expr, want := range map[string]string{
		`templatefile("typo.tftpl", { name = 1 })`:       `templatefile(path, values): in typo.tftpl, line 2: the template takes "nam", which is not given to it. Did you mean "name"?.`,
		`templatefile("reference.tftpl", { x = 1 })`:     `A template knows only what it is given`,
		`templatefile("function.tftpl", { x = "a" })`:    `in function.tftpl, line 1: There is no function "uper". Did you mean "upper"?`,
		`templatefile("secret.tftpl", { x = "abcdef" })`: `A template cannot call sensitive()`,
		`templatefile("absent.tftpl", {})`:               `There is no timestamp()`,
		`templatefile("list.tftpl", { x = ["a"] })`:      `A template gives a text, and this is none`,
		`templatefile("broken.tftpl", { x = 1 })`:        `in broken.tftpl, line`,
		`templatefile("deep.tftpl", { x = 1 })`:          `nests brackets and templates more than 200 deep`,
		`templatefile("list.tftpl", ["a"])`:              `it must be an object`,
		`templatefile("../x.tftpl", {})`:                 `../x.tftpl is outside the root folder`,
		`templatefile("none.tftpl", {})`:                 `the file none.tftpl cannot be read`,
	} {
		if _, err := call(t, root, expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", expr, err, want)
		}
	}
}

func TestFunctionsDoAsTerraforms(t *testing.T) {
	for expr, want := range map[string]string{
		`length("héllo")`: `5`, `length(toset(["a", "a"]))`: `1`, `coalesce(null, 3)`: `3`, `coalesce("", 3)`: `"3"`, `index(["a", "b"], "b")`: `1`,
		`replace("a1b22", "/[0-9]+/", "<$0>")`: `"a<1>b<22>"`, `replace("a/b", "/", "-")`: `"a-b"`,
		`alltrue([])`: `true`, `anytrue([])`: `false`, `alltrue([true, null])`: `false`, `anytrue(["true"])`: `true`, `alltrue(toset([true, false]))`: `false`,
		`one([])`: `null`, `lookup({ a = 1 }, "b", null)`: `null`, `lookup({ a = 1 }, "a", null)`: `1`, `lookup(tomap({ a = 1 }), "b", null)`: `null`, `lookup(tomap({ a = "x" }), "b", 2)`: `"2"`, `one(toset(["a"]))`: `"a"`, `one([null])`: `null`, `try(one(["a", "b"]), "two")`: `"two"`,
		`sum(toset([1, 2]))`: `3`, `sum(["1", 2])`: `3`, `try(sum([]), "none")`: `"none"`, `try(sum(["x"]), "none")`: `"none"`,
		`matchkeys(["a", "b", "c"], [1, 2, 1], [1])`: `["a","c"]`, `matchkeys([], [], [])`: `[]`,
		`transpose({})`: `{}`, `range(3)`: `[0,1,2]`, `range(3, 0)`: `[3,2,1]`, `range(0)`: `[]`, `range(1, 4, 2)`: `[1,3]`,
		`yamldecode("null")`: `null`, `yamldecode("a: &x [1]\nb: *x")`: `{"a":[1],"b":[1]}`, `yamldecode(yamlencode({ a = [true, null, "7"] }))`: `{"a":[true,null,"7"]}`,
		`uuidv5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com")`: `"2ed6657d-e927-568b-95e1-2665a8aea6a2"`,
		`timecmp("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")`:           `-1`,
	} {
		value, err := call(t, t.TempDir(), expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
		} else if diff := cmp.Diff(want, CanonicalJSON(value)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expr, diff)
		}
	}
}

// A pipe is never opened: whoever reads it may wait for ever.
func TestFilesThatAreNoneAreNotOpened(t *testing.T) {
	root := writeFiles(t, map[string]string{"folder/x": ""})
	if err := unix.Mkfifo(filepath.Join(root, "pipe"), 0o666); err != nil {
		t.Skip(err)
	}
	for _, f := range []string{"file", "filebase64", "filebase64sha256", "filebase64sha512", "filemd5", "filesha1", "filesha256", "filesha512"} {
		for _, name := range []string{"pipe", "folder"} {
			if _, err := call(t, root, fmt.Sprintf("%s(%q)", f, name)); err == nil || !strings.Contains(err.Error(), name+" is no file") {
				t.Errorf("%s(%q): got %v", f, name, err)
			}
		}
		if _, err := call(t, root, fmt.Sprintf("%s(%q)", f, filepath.Join(root, "folder/x"))); err == nil || !strings.Contains(err.Error(), `write "folder/x"`) {
			t.Errorf("%s of an absolute path: got %v", f, err)
		}
		if _, err := call(t, root, fmt.Sprintf("%s(%q)", f, "../x")); err == nil || !strings.Contains(err.Error(), "outside the root folder") {
			t.Errorf("%s of a path out of the root: got %v", f, err)
		}
	}
}
