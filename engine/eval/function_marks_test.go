package eval

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// ofX are expressions that pass X, a text such as "run-1", through each
// function that flowrider adds to the standard library's, and whether they pass
// all of it on as it is.
var ofX = map[string]bool{
	`urlencode("${X} x")`: true, `urlencode(substr(X, 0, 5))`: false,
	`base64sha256(X)`: true, `base64sha512("a${X}")`: true, `base64sha256(substr(X, 0, 5))`: false,
	`uuidv5("dns", X)`: false, `timecmp("2026-01-01T00:00:00Z", "2026-01-0${parseint(substr(X, 4, 1), 10)}T00:00:00Z")`: false,
	`yamlencode({ a = [X] })`: true, `yamldecode("[${X}]")`: true, `yamldecode(yamlencode({ a = X }))`: true, `yamldecode("{ ${substr(X, 4, 1)}: 1 }")`: false,
	`csvdecode("a\n${X}\n")`:                  true,
	`sum([1, parseint(substr(X, 4, 1), 10)])`: false, `alltrue([X == "run-1"])`: false, `anytrue([X == "run-1"])`: false,
	`index(["run-1", "run-2", X], X)`: false, `coalesce(X == "run-1" ? "" : "a", "b")`: false, `coalesce(null, X)`: true,
	`length(X == "run-1" ? "ab" : "a")`: false, `one([X])`: true, `one(X == "run-1" ? [] : ["a"])`: false,
	`matchkeys(["a", "b"], ["run-1", "run-2"], [X])`: false, `matchkeys([X], ["a"], ["a"])`: true,
	`setproduct(["a"], [X])`: true, `transpose({ a = [X] })`: true, `transpose({ (X) = ["a"] })`: true, `transpose({ a = [substr(X, 0, 5)] })`: false,
	`range(parseint(substr(X, 4, 1), 10))`: false, `replace("a", "a", X)`: true, `replace(X, "/run-([0-9])/", "$1")`: false, `replace(X, "1", "one")`: false,
	`templatefile("t.tftpl", { x = X })`: true, `templatefile("t.tftpl", { x = substr(X, 0, 5) })`: false, `templatefile("t${substr(X, 3, 2)}.tftpl", {})`: false,
	`templatefile("if.tftpl", { x = X })`:           false,
	`file("t${substr(X, 3, 2)}.tftpl")`:             false,
	`filebase64("t${substr(X, 3, 2)}.tftpl")`:       false,
	`filemd5("t${substr(X, 3, 2)}.tftpl")`:          false,
	`filesha1("t${substr(X, 3, 2)}.tftpl")`:         false,
	`filesha256("t${substr(X, 3, 2)}.tftpl")`:       false,
	`filesha512("t${substr(X, 3, 2)}.tftpl")`:       false,
	`filebase64sha256("t${substr(X, 3, 2)}.tftpl")`: false,
	`filebase64sha512("t${substr(X, 3, 2)}.tftpl")`: false,
	`fileexists("t${substr(X, 3, 2)}.tftpl")`:       false,
}

// valueOfX evaluates an expression in which X is what is given, with a run of
// flow.a: the real form as JSON, and what is hashed.
func valueOfX(t *testing.T, expr, x string, run Result) (real, hashed string, problem string) {
	t.Helper()
	config, _ := load(t, `flow "command" "a" { argv = ["true"] }`+"\n"+
		`flow "command" "b" {`+"\n argv = [\"true\"]\n parameters = { D = "+strings.ReplaceAll(expr, "X", x)+" }\n}\n")
	for name, content := range map[string]string{"t.tftpl": "<${x}>", "t-1.tftpl": "one", "t-2.tftpl": "two", "if.tftpl": `%{ if x == "run-1" }one%{ else }two%{ endif }`} {
		if err := os.WriteFile(filepath.Join(config.Root, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	e := New(config, Given{})
	instances, _ := e.Instances()
	run.Parameters = Plain(cty.EmptyObjectVal)
	e.SetFlow(instances[0], run)
	flow, diags := e.Flow(instances[1])
	if diags.HasErrors() {
		return "", "", diags[0].Summary + ": " + diags[0].Detail
	}
	if value := flow.Arguments["parameters"].Unmarked(); value.IsWhollyKnown() {
		real = CanonicalJSON(value)
	}
	return real, hashedOf(flow, "parameters"), ""
}

func TestWhatFunctionsMakeOfARunCounts(t *testing.T) {
	for expr, whole := range ofX {
		real1, hashed1, problem1 := valueOfX(t, expr, "flow.a.run_id", runOf("run-1", "aa"))
		real2, hashed2, problem2 := valueOfX(t, expr, "flow.a.run_id", runOf("run-2", "bb"))
		_, again, _ := valueOfX(t, expr, "flow.a.run_id", runOf("run-2", "aa"))
		switch {
		case problem1+problem2 != "":
			t.Errorf("%s: %s %s", expr, problem1, problem2)
		case expr != `fileexists("t${substr(X, 3, 2)}.tftpl")` && real1 == real2:
			t.Errorf("%s makes nothing of the run: %s", expr, real1)
		case real1 != real2 && hashed1 == hashed2:
			t.Errorf("%s: two values and one hashed form:\n%s", expr, hashed1)
		case whole && hashed1 != again:
			t.Errorf("%s: another run with the same content counts:\n%s%s", expr, hashed1, again)
		}
		if _, unknown, problem := valueOfX(t, expr, "flow.a.run_id", Result{}); problem != "" || !strings.Contains(unknown, "?") {
			t.Errorf("%s of a run that is not known: %s%s", expr, unknown, problem)
		}
	}
}

// What is ambient or sensitive does not count, whatever is made of it, or is
// refused.
func TestWhatFunctionsMakeOfAConstantIsOne(t *testing.T) {
	for _, mark := range []string{"ambient", "sensitive"} {
		for expr := range ofX {
			var forms [2]string
			for i, text := range []string{"run-1-canary", "run-2-canary"} {
				t.Setenv("X_OF_THIS_TEST", text)
				_, hashed, problem := valueOfX(t, expr, mark+`(env("X_OF_THIS_TEST"))`, runOf("1", "aa"))
				if strings.Contains(problem, "canary") || strings.Contains(hashed, "canary") {
					t.Errorf("%s of what is %s shows it: %s%s", expr, mark, hashed, problem)
				}
				forms[i] = hashed
			}
			if forms[0] != forms[1] {
				t.Errorf("%s of what is %s counts:\n%s%s", expr, mark, forms[0], forms[1])
			}
		}
	}
}
