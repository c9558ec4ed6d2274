package plan_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/schema"
)

// answering is a project in which the answers of hooks depend on a result that
// differs from machine to machine, and all of them count.
const answering = `
variable "v" { default = 1 }

flow "command" "u" {
  argv = ["u"]
  output "n" { stdout = "text" }
}

hook "python" "of_run" {
  function = "m:of_run"
  args     = [flow.u.run_id]
}

hook "python" "of_hook" {
  function = "m:of_hook"
  kwargs   = { answer = hook.of_run.list, v = var.v }
}

flow "command" "d" {
  argv = ["d", hook.of_run.name, "at ${hook.of_run.list[0]}"]
  env  = { OF = jsonencode(hook.of_hook) }
  output "n" { stdout = "text" }
}

flow "command" "e" {
  argv = ["e", flow.d.output.n.value]
  env  = { N = hook.of_run.n, U = flow.u.output.n.value, BOTH = "${hook.of_run.name} of ${flow.u.run_id}" }
}
`

// machine is a project with results and answers of its own.
func machine(t *testing.T, name, digit string) *project {
	p := newProject(t)
	p.write("flowrider.hcl", answering)
	p.gives["flow.u"], p.gives["flow.d"] = "u of "+name, "d of "+name
	p.answers["of_run"] = `{"name": "` + name + `", "n": ` + digit + `, "list": ["` + name + `", true, null]}`
	p.answers["of_hook"] = `["` + name + `", ` + digit + `]`
	return p
}

// files are the records of a project by their names.
func (p *project) files() map[string]string {
	p.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(filepath.Join(p.root, "runs"), func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			var text []byte
			text, err = os.ReadFile(name)
			files[filepath.Base(name)] = string(text)
		}
		return err
	})
	if err != nil {
		p.Fatal(err)
	}
	return files
}

// take takes over the records of another one.
func (p *project) take(other *project) {
	p.Helper()
	if err := os.RemoveAll(filepath.Join(p.root, "runs")); err != nil {
		p.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(p.root, "runs"), os.DirFS(filepath.Join(other.root, "runs"))); err != nil {
		p.Fatal(err)
	}
}

// applyAndKeep applies and expects the records that are there to stay.
func (p *project) applyAndKeep() {
	p.Helper()
	before := p.files()
	p.apply()
	if diff := cmp.Diff(before, p.files()); diff != "" {
		p.Errorf("records were written over (-before +after):\n%s", diff)
	}
	p.checkFresh()
}

func (p *project) checkFresh() {
	p.Helper()
	planned, problems := p.plan()
	if problems != "" {
		p.Fatal(problems)
	}
	for _, flow := range planned.Flows {
		if flow.Verdict != plan.Fresh {
			p.Errorf("%s is %s: %v", flow.Address, flow.Verdict, flow.Reasons)
		}
	}
}

// Answers of hooks that are called with a result of this machine do not make a
// record wrong that another machine has made with other ones.
func TestHooksThatAnswerOtherwiseElsewhere(t *testing.T) {
	ann, bob := machine(t, "ann", "1"), machine(t, "bob", "2")
	ann.apply()
	bob.take(ann)
	bob.applyAndKeep()
	bob.variables["v"], ann.variables["v"] = "2", "2"
	before := bob.files()
	bob.apply()
	bob.checkFresh()
	if before["u.json"] != bob.files()["u.json"] || before["d.json"] == bob.files()["d.json"] {
		t.Error("an argument of a hook was edited: d is to be replaced, and u is not")
	}
	for range 2 {
		ann.take(bob)
		ann.applyAndKeep()
		bob.take(ann)
		bob.applyAndKeep()
	}
	// Another answer to the same call is for the machine that has the run.
	bob.answers["of_run"] = `{"name": "rob", "n": 3, "list": ["rob", true, null]}`
	bob.apply()
	bob.checkFresh()
	if bob.files()["d.json"] == ann.files()["d.json"] {
		t.Error("bob has not replaced his own record")
	}
	ann.take(bob)
	ann.applyAndKeep()
}

// An import block has done what it is for where there is a record, wherever its
// run lies.
func TestImportedElsewhere(t *testing.T) {
	ann, bob := machine(t, "ann", "1"), machine(t, "bob", "2")
	ann.apply()
	for _, p := range []*project{ann, bob} {
		p.write("import.flow.hcl", "import {\n  to     = flow.u\n  run_id = \"flow.u/1\"\n}\n")
	}
	ann.applyAndKeep()
	bob.take(ann)
	bob.applyAndKeep()
}

// A move that was cut short between the committed record and the choice goes on
// where it was.
func TestMoveOfAChoiceCutShort(t *testing.T) {
	ann, bob := machine(t, "ann", "1"), machine(t, "bob", "2")
	ann.apply()
	bob.take(ann)
	bob.applyAndKeep()
	bob.write("flowrider.hcl", strings.NewReplacer(`"command" "u"`, `"command" "u2"`, "flow.u.", "flow.u2.").Replace(answering))
	bob.write("moved.flow.hcl", "moved {\n  from = flow.u\n  to   = flow.u2\n}\n")
	before, problem := bob.records().Selection(schema.FlowAddress("u"))
	if problem != nil {
		t.Fatal(problem)
	}
	if err := bob.records().Select(before.Renamed(schema.FlowAddress("u2")).Elsewhere); err != nil {
		t.Fatal(err)
	}
	ran := maps.Clone(bob.runs)
	bob.apply()
	bob.checkFresh()
	if diff := cmp.Diff(ran, bob.runs); diff != "" {
		t.Errorf("something has run:\n%s", diff)
	}
	after, problem := bob.records().Selection(schema.FlowAddress("u2"))
	if problem != nil {
		t.Fatal(problem)
	}
	for _, pair := range [][2]*record.Record{{before.Record, after.Record}, {before.Elsewhere, after.Elsewhere}} {
		if pair[1] == nil || pair[0].RunID != pair[1].RunID || pair[0].Store != pair[1].Store {
			t.Errorf("%v became %v", pair[0], pair[1])
		}
	}
	if left, _ := bob.records().Selection(schema.FlowAddress("u")); left.Record != nil || left.Elsewhere != nil {
		t.Errorf("still there: %v", left)
	}
}
