package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/testenv"
	"github.com/flowrider/flowrider/schema"
)

// cloned is a project in which u is not deterministic, and the rest uses it in
// each way that there is: its file, its run, all of it, a value made of it, and
// the parameters of one that does.
const cloned = `
variable "u" { default = 1 }
variable "d" { default = 1 }
variable "x" { default = 1 }

flow "command" "u" {
  argv     = ["sh", "-c", "echo u >> $COUNT; head -c 8 /dev/urandom | od -An -tx1 > u.txt"]
  env      = { V = var.u }
  pass_env = ["COUNT"]
  output "n" { file = "u.txt" }
}

flow "command" "d" {
  argv       = ["sh", "-c", "echo d >> $COUNT; cat $U > d.txt; echo $V; cat $U"]
  env        = { U = flow.u.output.n.path, V = var.d }
  parameters = { run = flow.u.run_id }
  pass_env   = ["COUNT"]
  output "n" { file = "d.txt" }
  output "t" { stdout = "text" }
}

flow "command" "value" {
  argv     = ["sh", "-c", "echo value >> $COUNT; echo $T > value.txt"]
  env      = { T = "of ${flow.d.output.t.value}" }
  pass_env = ["COUNT"]
  output "n" { file = "value.txt" }
}

flow "command" "whole" {
  argv       = ["sh", "-c", "echo whole >> $COUNT"]
  pass_env   = ["COUNT"]
  depends_on = [flow.u, flow.x]
}

flow "command" "parameters" {
  for_each = toset(["p", "q"])
  argv     = ["sh", "-c", "echo $1 >> $COUNT; echo same > $K.txt", "sh", flow.d.parameters.run]
  env      = { K = each.key }
  pass_env = ["COUNT"]
  output "n" { file = "${each.key}.txt" }
}

flow "command" "last" {
  argv     = ["sh", "-c", "echo last >> $COUNT"]
  env      = { P = join(" ", [for f in flow.parameters : f.output.n.path]), V = flow.value.run_id }
  pass_env = ["COUNT"]
}

flow "command" "x" {
  argv     = ["sh", "-c", "echo x >> $COUNT; echo $V > x.txt"]
  env      = { V = var.x }
  pass_env = ["COUNT"]
  output "n" { file = "x.txt" }
}
`

// reached are the records that an edit of a variable may change.
var reached = map[string][]string{
	"u": {"u.json", "d.json", "value.json", "whole.json", "parameters/p.json", "parameters/q.json", "last.json"},
	"d": {"d.json", "value.json", "parameters/p.json", "parameters/q.json", "last.json"},
	"x": {"x.json", "whole.json"},
}

// clone is one of several machines with a datastore of its own.
type clone struct {
	*testing.T
	name, root string
}

func (c *clone) git(arguments ...string) string {
	c.Helper()
	command := exec.Command("git", append([]string{"-c", "user.name=" + c.name, "-c", "user.email=" + c.name + "@example.invalid", "-C", c.root}, arguments...)...)
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null") // nobody's signatures and hooks
	out, err := command.CombinedOutput()
	if err != nil {
		c.Fatalf("%s: git %s: %v\n%s", c.name, strings.Join(arguments, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (c *clone) load() *engine.Project {
	c.Helper()
	project, diags := engine.Load(c.root, engine.LoadOptions{})
	if diags.HasErrors() {
		c.Fatal(diags)
	}
	return project
}

// edit changes the default of a variable and commits it.
func (c *clone) edit(variable string, value int) {
	c.Helper()
	name := filepath.Join(c.root, "flowrider.hcl")
	text, err := os.ReadFile(name)
	if err != nil {
		c.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, fmt.Sprintf("variable %q", variable)) {
			lines[i] = fmt.Sprintf("variable %q { default = %d }", variable, value)
		}
	}
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		c.Fatal(err)
	}
	c.git("commit", "--quiet", "--allow-empty", "--all", "--message", "edit")
}

// apply applies the targets, or else everything.
func (c *clone) apply(targets ...string) {
	c.Helper()
	options := engine.ApplyOptions{Parallelism: 2}
	for _, name := range targets {
		options.Plan.Targets = append(options.Plan.Targets, plan.At(schema.FlowAddress(name)))
	}
	summary, _, diags, err := c.load().Apply(context.Background(), options, engine.Applying{
		Planned: func(*plan.Plan, hcl.Diagnostics) {}, Event: func(apply.Event) {},
	})
	if err != nil || diags.HasErrors() {
		c.Fatalf("%s: %v %v", c.name, err, diags)
	}
	if err := summary.Failures(); err != nil {
		c.Fatalf("%s: %v", c.name, err)
	}
}

// checkFresh expects that nothing is left to do.
func (c *clone) checkFresh() {
	c.Helper()
	project := c.load()
	session, diags := project.Session(plan.Options{})
	if diags.HasErrors() {
		c.Fatal(diags)
	}
	planned, diags := session.Plan(context.Background())
	if diags.HasErrors() {
		c.Fatal(diag.Problems(diags, project.Config.Sources))
	}
	for _, flow := range planned.Flows {
		if flow.Verdict != plan.Fresh {
			c.Errorf("%s: %s is %s after an apply: %v", c.name, flow.Address, flow.Verdict, flow.Reasons)
		}
	}
}

// changed are the records that git sees changed, and commits and pushes them.
func (c *clone) push() (changed []string) {
	c.Helper()
	for line := range strings.Lines(c.git("status", "--porcelain", "--untracked-files=all")) {
		changed = append(changed, strings.TrimPrefix(strings.Fields(line)[1], "runs/"))
	}
	if len(changed) > 0 {
		c.git("add", "--all")
		c.git("commit", "--quiet", "--message", "records")
	}
	c.git("push", "--quiet", "origin", "HEAD:main")
	return changed
}

// checkRuns expects that no config hash was run twice in this clone.
func (c *clone) checkRuns() {
	c.Helper()
	runs := map[string]string{}
	entries, problems := c.load().Records.Entries()
	if len(problems) > 0 {
		c.Error(problems)
	}
	for _, entry := range entries {
		all := map[string]string{entry.RunID: entry.ConfigHash}
		for _, equivalent := range entry.Equivalent {
			all[equivalent.RunID] = equivalent.ConfigHash
		}
		for run, hash := range all {
			if before := runs[hash]; before != "" && before != run {
				c.Errorf("%s: %s has run twice with the config hash %s: %s and %s", c.name, entry.Flow, hash, before, run)
			}
			runs[hash] = run
		}
	}
}

// Clones with a datastore of their own pull and apply in turn: no record of
// another one is written over while it is right, nothing runs twice, and
// everything is up to date after each apply.
func TestClonesWithTheirOwnDatastores(t *testing.T) {
	for seed := range uint64(cloneSeeds) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { takeTurns(t, rand.New(rand.NewPCG(seed, 0))) })
	}
}

func takeTurns(t *testing.T, random *rand.Rand) {
	folder := t.TempDir()
	t.Setenv("COUNT", filepath.Join(folder, "count"))
	t.Setenv("FLOWRIDER_CACHE_DIR", testenv.Cache(t))
	shared := &clone{T: t, name: "shared", root: folder}
	shared.git("init", "--quiet", "--bare", "--initial-branch=main", "shared.git")
	var clones []*clone
	for _, name := range cloneNames {
		shared.git("clone", "--quiet", "shared.git", name)
		clones = append(clones, &clone{T: t, name: name, root: filepath.Join(folder, name)})
	}
	for name, text := range map[string]string{"flowrider.hcl": cloned, ".gitignore": "*.txt\n"} {
		if err := os.WriteFile(filepath.Join(clones[0].root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	clones[0].apply()
	if got := clones[0].push(); len(got) != 10 {
		t.Fatalf("the first apply wrote %v", got)
	}
	values := map[string]int{}
	var owed []string // records that may not be right since an edit
	for round := range 10 {
		for _, c := range clones {
			c.git("pull", "--quiet", "origin", "main")
			edited, targets := "", []string(nil)
			if random.IntN(5) < 2 {
				edited = []string{"u", "d", "x"}[random.IntN(3)]
				values[edited] = (values[edited] + 1 + random.IntN(2)) % 3 // back to an earlier one, too
				c.edit(edited, 1+values[edited])
				owed = append(owed, reached[edited]...)
				if random.IntN(3) == 0 {
					targets = []string{edited}
				}
			}
			c.apply(targets...)
			changed := c.push()
			t.Logf("round %d, %s: edited %q, applied %v, changed %v", round+1, c.name, edited, targets, changed)
			for _, name := range changed {
				if !slices.Contains(owed, name) {
					t.Errorf("round %d: %s has written over the record %s", round+1, c.name, name)
				}
			}
			if targets == nil {
				c.checkFresh()
				owed = nil
			}
			if t.Failed() {
				return
			}
		}
	}
	for _, c := range clones {
		c.checkRuns()
	}
}
