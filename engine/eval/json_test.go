package eval

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/schema"
)

// loadJSON reads a configuration in JSON beside an empty flowrider.hcl.
func loadJSON(t *testing.T, source string) (*schema.Config, hcl.Diagnostics) {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{schema.FileName: "", "a.flow.hcl.json": source} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	config, diags := schema.Load(root)
	return config, append(diags, Check(config)...)
}

func TestAConfigurationInJSONMeansTheSame(t *testing.T) {
	config, diags := loadJSON(t, `{
  "variable": {"n": {"type": "number", "default": 3}},
  "locals": {"tags": ["x-${var.n}"]},
  "environment": {"pip": {"ml": {"packages": {"requests": ""}}}},
  "flow": {"command": {
    "a": {"argv": ["true"], "output": {"n": {"file": "a.txt"}}, "bundle": {"include": ["${local.tags[0]}/**"]}},
    "many": {"for_each": {"k": 1, "l": 2}, "argv": ["true", "${each.key}"], "environment": "${environment.ml}"},
    "b": {
      "argv": ["true"],
      "parameters": {"run": "${flow.a.run_id}", "text": "in=${upper(flow.a.run_id)}", "n": "${var.n + 1}"},
      "depends_on": ["flow.a", "${flow.many}"],
      "after": ["flow.many[\"k\"]"]
    },
    "c": {"argv": ["true"], "after": ["${flow.b}"]}
  }},
  "output": {"run": {"value": "${flow.b.run_id}"}}
}`)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	values, _ := Variables(config, nil)
	e := New(config, Given{Variables: values})
	instances, diags := e.Instances()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	byAddress := map[string]*Instance{}
	for _, instance := range instances {
		byAddress[instance.Address.String()] = instance
		e.SetFlow(instance, Result{Parameters: Plain(cty.EmptyObjectVal), Known: true, RunID: "1", DataVersion: "content:7"})
	}
	if diff := cmp.Diff("n = 4\nrun = \"@content:7\"\ntext = \"in=@CONTENT:7\"\n", manifestOf(t, e, byAddress["flow.b"])); diff != "" {
		t.Errorf("parameters of b (-want +got):\n%s", diff)
	}
	g := e.Graph(instances, nil)
	if diff := cmp.Diff([]string{"flow.a", "flow.many"}, g.Needs("flow.b")); diff != "" {
		t.Errorf("what b needs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"environment.ml"}, g.Needs(`flow.many["k"]`)); diff != "" {
		t.Errorf("what many needs (-want +got):\n%s", diff)
	}
	if order := g.Order(); index(order, "flow.c") < index(order, "flow.b") {
		t.Errorf("c does not come after b: %v", order)
	}
	want := []schema.Address{schema.FlowAddress("a"), schema.FlowAddress("many").Instance("k"), schema.FlowAddress("many").Instance("l")}
	if diff := cmp.Diff(want, e.Dependencies(byAddress["flow.b"])); diff != "" {
		t.Errorf("depends_on of b (-want +got):\n%s", diff)
	}
	a, diags := e.Flow(byAddress["flow.a"])
	if diags.HasErrors() || !cmp.Equal(a.Bundle["include"].Texts(), []string{"x-3/**"}) {
		t.Errorf("bundle of a: %v %v", a.Bundle, diags)
	}
}

func index(list []string, want string) int {
	for i, text := range list {
		if text == want {
			return i
		}
	}
	return -1
}

func TestMistakesInJSONHaveTheirPlaces(t *testing.T) {
	for name, test := range map[string]struct{ flows, want string }{
		"function":   {`"a": {"argv": ["x", "${uper(\"x\")}"]}`, "2:25 Unknown function"},
		"template":   {`"a": {"argv": ["x", "${1 +}"]}`, "2:28 Value missing"},
		"reference":  {`"a": {"argv": ["${flow.b.run_id}"]}`, "2:20 Unknown reference"},
		"depends_on": {`"a": {"argv": [], "depends_on": ["${flow.b}"]}`, "2:38 Unknown reference"},
		"after":      {`"a": {"argv": [], "after": ["flow.b"]}`, "2:30 Unknown reference"},
		"not a flow": {`"a": {"argv": [], "after": ["x ${flow.a}"]}`, "2:30 Unsuitable value"},
		"cycle":      {`"a": {"argv": [], "after": ["flow.a"]}`, "2:30 Dependency cycle"},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := loadJSON(t, "{\"flow\": {\"command\": {\n "+test.flows+"\n}}}")
			var got []string
			for _, problem := range diags {
				got = append(got, fmt.Sprintf("%d:%d %s", problem.Subject.Start.Line, problem.Subject.Start.Column, problem.Summary))
			}
			if diff := cmp.Diff([]string{test.want}, got); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}
