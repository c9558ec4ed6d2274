package eval

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

// hashesWith gives what is hashed of an expression, for each of some results
// of flow.a and of the three instances of flow.e.
func hashesWith(t *testing.T, expr string, results ...map[string]Result) []string {
	t.Helper()
	source := `
flow "command" "a" {
  argv = ["true"]
  output "n" { file = "out/a.txt" }
}
flow "command" "e" {
  for_each = toset(["p", "q", "r"])
  argv     = ["true"]
}
flow "metaflow" "m" {
  file = "f.py"
  output "x" { artifact = "x" }
  output "y" { artifact = "y" }
}
flow "command" "b" {
  argv       = ["true"]
  parameters = { D = ` + expr + ` }
}
`
	var hashes []string
	for _, given := range results {
		flows, diags := flowsOf(t, source, given)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		hashes = append(hashes, hashedOf(flows["flow.b"], "parameters"))
	}
	return hashes
}

// run is a known run with an output n and a metaflow flow's x and y.
func runOf(id, version string) Result {
	output := func(name string) ResultOutput {
		return ResultOutput{
			Path: "/home/jane/.flowrider/blobs/h1-" + version + "/a.txt", Name: "a.txt",
			Digest: "h1:" + version, DataVersion: "content:h1:" + version + name, Value: cty.NilVal,
		}
	}
	return Result{
		Known: true, RunID: id, Pathspec: "E/" + id, DataVersion: "content:h1:" + version,
		Outputs: map[string]ResultOutput{"n": output(""), "x": output("x"), "y": output("y")},
	}
}

func results(pairs ...string) map[string]Result {
	all := map[string]Result{}
	for i := 0; i < len(pairs); i += 3 {
		all[pairs[i]] = runOf(pairs[i+1], pairs[i+2])
	}
	return all
}

// What the expression really gives is in the comments: wherever it differs,
// what is hashed has to differ too.
func TestWhatTakesAReferenceApartCountsForWhatItGives(t *testing.T) {
	one, two := results("flow.a", "run-1", "7864aa"), results("flow.a", "run-2", "9911bb")
	for _, expr := range []string{
		`substr(flow.a.output.n.digest, 0, 8)`,
		`flow.a.output.n.digest == "h1:7864aa" ? "approved" : "CHANGED"`,
		`flow.a.output.n.digest == "h1:9911bb"`,
		`split(":", flow.a.output.n.digest)`,
		`[for part in split("-", flow.a.run_id) : part]`,
		`parseint(substr(flow.a.run_id, 4, 1), 10)`,
		`{ (substr(flow.a.run_id, 4, 1)) = "x" }`,
		`length(regexall("7", flow.a.output.n.digest))`,
		`flow.a.run_id == "run-1" ? { a = 1 } : { b = 1 }`,
		`substr(flow.a.output.n.path, 30, 12)`,
		`"${git.commit} ${substr(flow.a.run_id, 0, 5)}"`,
		`sha256(substr(flow.a.run_id, 0, 5))`,
		`flow.a.run_id == "run-1" ? null : "x"`,
		`toset([substr(flow.a.run_id, 0, 5), "x"])`,
	} {
		if got := hashesWith(t, expr, one, two); got[0] == got[1] {
			t.Errorf("%s: two results and one hashed form:\n%s", expr, got[0])
		}
	}
}

func TestRunsOfEqualContentAreCountedOneByOne(t *testing.T) {
	three := results(`flow.e["p"]`, "run-1", "aa", `flow.e["q"]`, "run-2", "aa", `flow.e["r"]`, "run-3", "aa")
	shared := results(`flow.e["p"]`, "run-1", "aa", `flow.e["q"]`, "run-1", "aa", `flow.e["r"]`, "run-1", "aa") // all reuse one run
	for expr, want := range map[string][2]string{
		`jsonencode(toset([for k, f in flow.e : f.run_id]))`:                               {`D = "[\"@content:h1:aa\",\"@content:h1:aa\",\"@content:h1:aa\"]"`, `D = "[\"@content:h1:aa\"]"`},
		`join(",", distinct([for k, f in flow.e : f.run_id]))`:                             {`D = "@content:h1:aa,@content:h1:aa,@content:h1:aa"`, `D = "@content:h1:aa"`},
		`length(toset([for k, f in flow.e : f.run_id]))`:                                   {`D = 3`, `D = 1`},
		`toset([for k, f in flow.e : f.run_id])`:                                           {"D[0] = \"@content:h1:aa\"\nD[1] = \"@content:h1:aa\"\nD[2] = \"@content:h1:aa\"", `D[0] = "@content:h1:aa"`},
		`{ for k, f in flow.e : f.run_id => k... }`:                                        {"D[\"@content:h1:aa\"][0] = \"p\"\nD[\"@content:h1:aa#2\"][0] = \"q\"\nD[\"@content:h1:aa#3\"][0] = \"r\"", "D[\"@content:h1:aa\"][0] = \"p\"\nD[\"@content:h1:aa\"][1] = \"q\"\nD[\"@content:h1:aa\"][2] = \"r\""},
		`flow.e["p"].run_id == flow.e["q"].run_id ? "one run" : "two"`:                     {`D = "two"`, `D = "one run"`},
		`{ for k, f in flow.e : k => f.run_id }`:                                           {"D.p = \"@content:h1:aa\"\nD.q = \"@content:h1:aa\"\nD.r = \"@content:h1:aa\"", "D.p = \"@content:h1:aa\"\nD.q = \"@content:h1:aa\"\nD.r = \"@content:h1:aa\""},
		`{ for id in toset([for f in flow.e : f.run_id]) : "x${id}" => substr(id, 4, 1) }`: {"D[\"x@content:h1:aa\"] = \"1\"\nD[\"x@content:h1:aa#2\"] = \"2\"\nD[\"x@content:h1:aa#3\"] = \"3\"", "D[\"x@content:h1:aa\"] = \"1\""},
	} {
		got := hashesWith(t, expr, three, shared)
		for i := range got {
			if diff := cmp.Diff(want[i]+"\n", got[i]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", expr, diff)
			}
		}
	}
}

// One run has several outputs, and its ID stands for each of them: where two
// of them become one text, both still count.
func TestATextThatStandsForSeveralOutputsCountsForAll(t *testing.T) {
	base := runOf("1712", "aa")
	other := runOf("1712", "aa")
	y := other.Outputs["y"]
	y.DataVersion = "content:h1:other"
	other.Outputs["y"] = y
	for _, expr := range []string{
		`join(",", distinct([flow.m.output.x.run_id, flow.m.output.y.run_id]))`,
		`toset([flow.m.output.x.run_id, flow.m.output.y.run_id])`,
		`"${flow.m.output.x.run_id}${flow.m.output.y.run_id}"`,
	} {
		got := hashesWith(t, expr, map[string]Result{"flow.m": base}, map[string]Result{"flow.m": other})
		if got[0] == got[1] {
			t.Errorf("%s: y does not count:\n%s", expr, got[0])
		}
	}
}

// What an expression passes on as a whole counts by what stands for it, with
// other run IDs and in another folder too.
func TestWhatIsPassedOnAsAWholeKeepsItsStandIn(t *testing.T) {
	here, there := results("flow.a", "run-1", "aa", `flow.e["p"]`, "run-7", "p", `flow.e["q"]`, "run-8", "q", `flow.e["r"]`, "run-9", "r"), results("flow.a", "2", "aa", `flow.e["p"]`, "9", "p", `flow.e["q"]`, "8", "q", `flow.e["r"]`, "7", "r")
	a := there["flow.a"].Outputs["n"]
	a.Path = "/tmp/<o&o>/h1-aa/a.txt"
	there["flow.a"].Outputs["n"] = a
	for expr, want := range map[string]string{
		`flow.a.run_id`:                                      `D = "@content:h1:aa"`,
		`"v2.1.7-${flow.a.run_id}-2"`:                        `D = "v2.1.7-@content:h1:aa-2"`,
		`jsonencode({ a = flow.a.output.n.path })`:           `D = "{\"a\":\"@content:h1:aa/a.txt\"}"`,
		`dirname(flow.a.output.n.path)`:                      `D = "@content:h1:aa"`,
		`basename(flow.a.output.n.path)`:                     `D = "a.txt"`,
		`"${path.root}/${flow.a.run_id}"`:                    `D = "(root)/@content:h1:aa"`,
		`"${git.commit}-${flow.a.run_id}"`:                   `D = "(ambient)-@content:h1:aa"`,
		`base64encode(jsonencode([flow.a.run_id]))`:          `D = "WyJAY29udGVudDpoMTphYSJd"`,
		`upper("x${flow.a.run_id}")`:                         `D = "X@CONTENT:H1:AA"`,
		`toset([for f in flow.e : f.run_id])`:                "D[0] = \"@content:h1:p\"\nD[1] = \"@content:h1:q\"\nD[2] = \"@content:h1:r\"",
		`{ for k, f in flow.e : f.run_id => k }`:             "D[\"@content:h1:p\"] = \"p\"\nD[\"@content:h1:q\"] = \"q\"\nD[\"@content:h1:r\"] = \"r\"",
		`distinct([for f in flow.e : f.run_id])[0]`:          `D = "@content:h1:p"`,
		`flow.a.run_id == "" ? "none" : flow.a.run_id`:       `D = "@content:h1:aa"`,
		`ambient(flow.a.run_id)`:                             `D = "(ambient)"`,
		`{ id = flow.a.run_id, x = ambient(flow.a.run_id) }`: "D.id = \"@content:h1:aa\"\nD.x = \"(ambient)\"",
	} {
		for i, got := range hashesWith(t, expr, here, there) {
			if diff := cmp.Diff(want+"\n", got); diff != "" {
				t.Errorf("%s, %d (-want +got):\n%s", expr, i, diff)
			}
		}
	}
}

func TestAPieceOfAPathIsNotHashed(t *testing.T) {
	for _, expr := range []string{`substr(flow.a.output.n.path, 0, 12)`, `split("/", flow.a.output.n.path)[2]`} {
		if got := hashesWith(t, expr, results("flow.a", "run-1", "aa")); strings.Contains(got[0], "jane") || !strings.Contains(got[0], "@content:h1:aa") {
			t.Errorf("%s: %s", expr, got[0])
		}
	}
}

func TestALocalThatTakesAReferenceApartCountsToo(t *testing.T) {
	source := `
locals {
  ids  = toset([for k, f in flow.e : f.run_id])
  head = substr(flow.e["p"].run_id, 0, 4)
}
flow "command" "e" {
  for_each = toset(["p", "q"])
  argv     = ["true"]
}
flow "command" "b" {
  argv       = ["true"]
  parameters = { ids = local.ids, n = length(local.ids), text = join("+", local.ids), first = tolist(local.ids)[0], head = "head ${local.head}" }
}
`
	flows, diags := flowsOf(t, source, results(`flow.e["p"]`, "run-1", "aa", `flow.e["q"]`, "run-2", "aa"))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	want := `first = "@content:h1:aa"
head = "head run-"
ids[0] = "@content:h1:aa"
ids[1] = "@content:h1:aa"
n = 2
text = "@content:h1:aa+@content:h1:aa"
`
	if diff := cmp.Diff(want, hashedOf(flows["flow.b"], "parameters")); diff != "" {
		t.Errorf("hashed form (-want +got):\n%s", diff)
	}
}
