package eval

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/graph"
	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/redact"
	"github.com/flowrider/flowrider/schema"
)

// load reads a configuration that is expected to be right.
func load(t *testing.T, source string) (*schema.Config, *Evaluator) {
	t.Helper()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, schema.FileName), []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	config, diags := schema.Load(root)
	diags = append(diags, Check(config)...)
	given := map[string]cty.Value{}
	if !diags.HasErrors() {
		values, moreDiags := Variables(config, nil)
		given, diags = values, append(diags, moreDiags...)
	}
	if diags.HasErrors() {
		var text strings.Builder
		diag.WriteText(&text, diag.Problems(diags, config.Sources), "")
		t.Fatal(text.String())
	}
	return config, New(config, Given{Variables: given, Workspace: "default", GitCommit: "c0ffee", Secrets: &redact.Secrets{}})
}

// manifestOf is the text of an instance's parameters, "?" for what is unknown.
func manifestOf(t *testing.T, e *Evaluator, instance *Instance) string {
	t.Helper()
	flow, diags := e.Flow(instance)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var text strings.Builder
	for _, fact := range Facts(manifest.At("parameters"), flow.Arguments["parameters"].Hashed) {
		value := fact.Value
		if fact.Unknown {
			value = "?"
		}
		if fact.Changes {
			value += " (changes)"
		}
		text.WriteString(fact.Path.Below() + " = " + value + "\n")
	}
	return text.String()
}

const twoFlows = `
flow "command" "a" {
  argv = ["true"]
  output "n" { file = "out/a.txt" }
}
flow "command" "b" {
  argv = ["true"]
  parameters = {
    bare     = flow.a.run_id
    text     = "--in=${flow.a.run_id}!"
    json     = jsonencode({ runs = [flow.a.run_id] })
    joined   = join(",", [upper("x"), flow.a.run_id])
    picked   = flow.a.run_id == "" ? "none" : flow.a.run_id
    file     = flow.a.output.n.path
    digest   = flow.a.output.n.digest
    plain    = 3
  }
}
`

func TestARunIDHashesAsItsDataVersionWhereverItStands(t *testing.T) {
	_, e := load(t, twoFlows)
	instances, _ := e.Instances()
	e.SetFlow(instances[0], Result{
		Parameters: Plain(cty.EmptyObjectVal), Known: true, RunID: "01ABC", DataVersion: "content:77",
		Outputs: map[string]ResultOutput{"n": {Path: "/here/store/9/a.txt", Name: "a.txt", Digest: "h1:9", DataVersion: "content:9"}},
	})
	want := `bare = "@content:77"
digest = "@content:9"
file = "@content:9/a.txt"
joined = "X,@content:77"
json = "{\"runs\":[\"@content:77\"]}"
picked = "@content:77"
plain = 3
text = "--in=@content:77!"
`
	if diff := cmp.Diff(want, manifestOf(t, e, instances[1])); diff != "" {
		t.Errorf("hashed form (-want +got):\n%s", diff)
	}
	flow, _ := e.Flow(instances[1])
	real := CanonicalJSON(flow.Arguments["parameters"].Unmarked())
	for _, passed := range []string{`"text":"--in=01ABC!"`, `"json":"{\"runs\":[\"01ABC\"]}"`, `"file":"/here/store/9/a.txt"`} {
		if !strings.Contains(real, passed) {
			t.Errorf("what is passed lacks %s: %s", passed, real)
		}
	}
}

func TestUsesNameTheLeafTheRunAndTheOutput(t *testing.T) {
	_, e := load(t, twoFlows)
	instances, _ := e.Instances()
	e.SetFlow(instances[0], Result{Parameters: Plain(cty.EmptyObjectVal)})
	flow, _ := e.Flow(instances[1])
	got := map[string]Run{}
	for _, use := range flow.Arguments["parameters"].Uses(manifest.At("parameters")) {
		got[use.At.String()] = use.Source.(Run)
	}
	whole, output := Run{Flow: "flow.a"}, Run{Flow: "flow.a", Output: "n"}
	want := map[string]Run{
		"parameters.bare": whole, "parameters.text": whole, "parameters.json": whole, "parameters.joined": whole,
		"parameters.picked": whole, "parameters.file": output, "parameters.digest": output,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
}

func TestWhatWillRunIsUnknownAndNeverAPlaceholder(t *testing.T) {
	_, e := load(t, twoFlows)
	instances, _ := e.Instances()
	e.SetFlow(instances[0], Result{Parameters: Plain(cty.EmptyObjectVal), Changes: true})
	text := manifestOf(t, e, instances[1])
	for _, line := range []string{"bare = ? (changes)", "text = ? (changes)", "json = ? (changes)", "plain = 3\n"} {
		if !strings.Contains(text, line) {
			t.Errorf("%q is not in\n%s", line, text)
		}
	}
}

func TestAmbientAndSensitiveValuesAreConstantsInTheHash(t *testing.T) {
	text := func(commit, secret string) string {
		_, e := load(t, `
variable "token" {
  default   = "`+secret+`"
  sensitive = true
}
locals { info = ambient({ commit = "`+commit+`", tags = ["`+commit+`"] }) }
flow "command" "a" {
  argv       = ["true"]
  env        = { TOKEN = "t=${var.token}" }
  parameters = {
    whole  = local.info
    part   = "commit ${local.info.commit} v3"
    number = ambient(3) + 1
    git    = git.commit
  }
}
`)
		instances, _ := e.Instances()
		flow, diags := e.Flow(instances[0])
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		return manifestOf(t, e, instances[0]) + CanonicalJSON(flow.Arguments["env"].Hashed)
	}
	want := `git = "(ambient)"
number = 1
part = "commit (ambient) v3"
whole = "(ambient)"
{"TOKEN":"t=(sensitive)"}`
	if diff := cmp.Diff(want, text("c1", "hush-1")); diff != "" {
		t.Errorf("hashed form (-want +got):\n%s", diff)
	}
	if text("c1", "hush-1") != text("c2", "hush-2") {
		t.Error("the hashed form depends on an ambient or sensitive value")
	}
}

func TestASensitiveParameterIsRefused(t *testing.T) {
	_, e := load(t, `
flow "command" "a" {
  argv       = ["true"]
  parameters = { token = sensitive("hush-hush") }
}
`)
	instances, _ := e.Instances()
	_, diags := e.Flow(instances[0])
	if !diags.HasErrors() || diags[0].Summary != "Sensitive value would be seen" {
		t.Errorf("got %v", diags)
	}
}

func TestForEachMakesAnInstanceForEachKey(t *testing.T) {
	_, e := load(t, `
locals { models = { knn = { k = 3 }, forest = { trees = 10 } } }
flow "command" "train" {
  for_each   = local.models
  argv       = ["true"]
  parameters = merge({ name = each.key }, each.value)
}
flow "command" "one" {
  argv       = ["true"]
  parameters = { run = flow.train["knn"].run_id }
}
flow "command" "all" {
  argv       = ["true"]
  parameters = { runs = { for k, f in flow.train : k => f.run_id } }
}
`)
	instances, diags := e.Instances()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var addresses []string
	for _, instance := range instances {
		addresses = append(addresses, instance.Address.String())
	}
	want := []string{`flow.train["forest"]`, `flow.train["knn"]`, "flow.one", "flow.all"}
	if diff := cmp.Diff(want, addresses); diff != "" {
		t.Errorf("instances (-want +got):\n%s", diff)
	}
	for i, version := range []string{"content:f", "content:k"} {
		e.SetFlow(instances[i], Result{Parameters: Plain(cty.EmptyObjectVal), Known: true, RunID: "1", DataVersion: version})
	}
	if got, want := manifestOf(t, e, instances[0]), "name = \"forest\"\ntrees = 10\n"; got != want {
		t.Errorf("train[forest]: got %q, want %q", got, want)
	}
	if got, want := manifestOf(t, e, instances[2]), "run = \"@content:k\"\n"; got != want {
		t.Errorf("one: got %q, want %q", got, want)
	}
	if got, want := manifestOf(t, e, instances[3]), "runs.forest = \"@content:f\"\nruns.knn = \"@content:k\"\n"; got != want {
		t.Errorf("all: got %q, want %q", got, want)
	}
	g := e.Graph(instances, nil)
	if diff := cmp.Diff([]string{`flow.train["knn"]`}, g.Needs("flow.one")); diff != "" {
		t.Errorf("what one needs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"flow.train"}, g.Needs("flow.all")); diff != "" {
		t.Errorf("what all needs (-want +got):\n%s", diff)
	}
}

// after = [flow.train] holds for each instance, also where nothing needs them
// all and where only some are wanted.
func TestAfterAFlowWithForEach(t *testing.T) {
	_, e := load(t, `
flow "command" "last" {
  argv  = ["true"]
  after = [flow.train]
}
flow "command" "train" {
  for_each = toset(["forest", "knn"])
  argv     = ["true"]
}
`)
	instances, diags := e.Instances()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	g := e.Graph(instances, nil)
	forest, knn := `flow.train["forest"]`, `flow.train["knn"]`
	for _, first := range [][]string{{forest, knn}, {knn}} {
		frontier := graph.NewFrontier(g, g.Closure(append(first, "flow.last")...), nil)
		if diff := cmp.Diff(first, ready(frontier)); diff != "" {
			t.Errorf("first (-want +got)\n%s", diff)
		}
		for _, node := range first {
			frontier.Done(node)
		}
		if diff := cmp.Diff([]string{"flow.last"}, ready(frontier)); diff != "" {
			t.Errorf("then (-want +got)\n%s", diff)
		}
	}
}

func ready(frontier *graph.Frontier) (nodes []string) {
	for node, ok := frontier.Next(); ok; node, ok = frontier.Next() {
		nodes = append(nodes, node)
	}
	return nodes
}

func TestTypesAndStructureCount(t *testing.T) {
	hash := func(parameters string) string {
		_, e := load(t, "flow \"command\" \"a\" {\n argv = [\"true\"]\n parameters = "+parameters+"\n}\n")
		instances, _ := e.Instances()
		flow, diags := e.Flow(instances[0])
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		return manifest.New(Facts(manifest.At("parameters"), flow.Arguments["parameters"].Hashed)).Hash()
	}
	for _, pair := range [][2]string{
		{`{ p = "ab", q = "c" }`, `{ p = "a", q = "bc" }`},
		{`{ p = "1" }`, `{ p = 1 }`},
		{`{ p = [] }`, `{ p = {} }`},
		{`{ p = null }`, `{}`},
		{`{ p = [1] }`, `{ p = { "0" = 1 } }`},
	} {
		if hash(pair[0]) == hash(pair[1]) {
			t.Errorf("%s and %s have one hash", pair[0], pair[1])
		}
	}
	if hash(`{ a = 1, b = 2.50 }`) != hash(`{ b = 2.5, a = 1 }`) {
		t.Error("the order of parameters, or how a number is written, counts")
	}
}

// A local value that refers to a flow is worth more once the flow has run.
func TestLocalsFollowTheFlowsThatTheyReferTo(t *testing.T) {
	_, e := load(t, `
locals {
  outer = "<${local.inner}>"
  inner = flow.a.run_id
}
flow "command" "a" {
  argv = ["true"]
}
flow "command" "b" {
  argv       = ["true"]
  parameters = { run = local.outer }
}
`)
	instances, _ := e.Instances()
	e.SetFlow(instances[0], Result{Parameters: Plain(cty.EmptyObjectVal)})
	if got, want := manifestOf(t, e, instances[1]), "run = ?\n"; got != want {
		t.Errorf("before: got %q, want %q", got, want)
	}
	e.SetFlow(instances[0], Result{Parameters: Plain(cty.EmptyObjectVal), Known: true, RunID: "1", DataVersion: "content:7"})
	if got, want := manifestOf(t, e, instances[1]), "run = \"<@content:7>\"\n"; got != want {
		t.Errorf("after: got %q, want %q", got, want)
	}
}

// A new run changes what uses its ID as a whole. What it prints, and a piece of
// its ID, may be as they were.
func TestWhatMayBeTheSameAgainIsNotCertainToChange(t *testing.T) {
	source := `
flow "command" "g" {
  argv = ["true"]
  output "n" { stdout = "json" }
}
locals { g = flow.g.run_id }
flow "command" "h" {
  argv       = ["true"]
  parameters = {
    id    = flow.g.run_id, text = "in=${flow.g.run_id}", all = jsonencode([local.g]), set = toset([flow.g.run_id])
    value = flow.g.output.n.value.n
    piece = substr(flow.g.run_id, 0, 3), piece_of_local = substr(local.g, 0, 3)
    same  = flow.g.run_id == "x" ? "a" : "b"
  }
}
`
	_, e := load(t, source)
	instances, diags := e.Instances()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	e.SetFlow(instances[0], Result{Parameters: Plain(cty.EmptyObjectVal), Changes: true})
	if diff := cmp.Diff("all = ? (changes)\nid = ? (changes)\npiece = ?\npiece_of_local = ?\nsame = ?\nset = ? (changes)\ntext = ? (changes)\nvalue = ?\n", manifestOf(t, e, instances[1])); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
}
