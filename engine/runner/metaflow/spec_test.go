package metaflow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/runner"
)

// arguments evaluates arguments as an author writes them. The variable later
// is unknown; it has a text, and laterAll is unknown as a whole.
func arguments(t *testing.T, source string) runner.Arguments {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(source), "", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	context := &hcl.EvalContext{Variables: map[string]cty.Value{"later": cty.UnknownVal(cty.String), "laterAll": cty.DynamicVal}}
	args := runner.Arguments{}
	attributes, _ := file.Body.JustAttributes()
	for name, attribute := range attributes {
		value, diags := attribute.Expr.Value(context)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		args[name] = value
	}
	return args
}

func TestSpec(t *testing.T) {
	for _, test := range []struct{ name, args, want string }{
		{"entry", `file = "a.py"`, `entry = "a.py"`},
		{"nothing given", `
			file       = "a.py"
			parameters = null
			options    = {}`, `entry = "a.py"`},
		{"parameters", `parameters = { b = 1, a = [true], left_out = null, l = later }`, `
			parameters.a = [true]
			parameters.b = 1
			parameters.l = ?`},
		{"parameters of an unknown object", `parameters = laterAll`, `parameters = ?`},
		{"configs", `
			configs       = { main = "conf/main.json" }
			config_values = { extra = { depth = 3 } }`, `
			config_values.extra = {"depth":3}
			configs.main = "conf/main.json"`},
		{"how and where", `
			options     = { quiet = true, pylint = false, datastore = "local", metadata = "local", event-logger = "x", monitor = "x" }
			run_options = { max-workers = 3, max-num-splits = 4, max-log-size = 5, tag = ["a"] }`, ``},
		{"what counts", `
			options     = { environment = "conda", package-suffixes = ".csv", production = true, branch = "b", unheard = "of" }
			run_options = { namespace = "user:x" }`, `
			options.branch = "b"
			options.environment = "conda"
			options.package-suffixes = ".csv"
			options.production = true
			options.unheard = "of"
			run_options.namespace = "user:x"`},
		{"flag that is not given", `options = { production = false }`, ``},
		{"decorators", `
			options     = { with = ["retry:times=2", "batch:cpu=1", "kubernetes", "resources:memory=1", "timeout", "card", "pypi:packages={}", later, null] }
			run_options = { with = "environment:vars={}" }`, `
			options.with = ["pypi:packages={}",?]
			run_options.with = ["environment:vars={}"]`},
		{"decorators that do not count", `options = { with = "retry" }`, ``},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := Runner{}.Spec(arguments(t, test.args))
			var got []string
			for _, label := range slices.Sorted(maps.Keys(spec)) {
				got = append(got, label+" = "+show(spec[label]))
			}
			if diff := cmp.Diff(strings.ReplaceAll(strings.TrimSpace(test.want), "\t", ""), strings.Join(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// show writes a value as JSON, with a question mark for what is unknown.
func show(v cty.Value) string {
	if v.IsWhollyKnown() {
		return must(jsonText(v))
	}
	if !v.IsKnown() || !v.Type().IsTupleType() {
		return "?"
	}
	var elements []string
	for _, element := range elementsOf(v) {
		elements = append(elements, show(element))
	}
	return fmt.Sprintf("[%s]", strings.Join(elements, ","))
}
