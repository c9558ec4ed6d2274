package plan_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/testenv"
	"github.com/flowrider/flowrider/schema"
)

// damaged is a project in which one file after the other is damaged.
type damaged struct {
	*project
	good  map[string][]string // the run IDs that are right, by flow and config hash
	plans map[string]string   // by variable's value, as nothing is damaged
}

// values of the variable: what is selected, what is in the history, and what
// has never run, so that reasons are asked for.
var values = []string{"2", "1", "3"}

// One file of what is kept is changed somewhere: a byte flipped, cut out or put
// in. Plan then says what it said before, or names the file; it never points to
// a run that was not recorded for the configuration.
func TestDamageIsNamed(t *testing.T) {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		t.Setenv("TMPDIR", "/dev/shm")
	}
	seed := testenv.Seed(t)
	random := rand.New(rand.NewPCG(seed, 0))
	d := newDamaged(t)
	files := d.kept()
	named, same, kinds := 0, 0, map[string]int{}
	for i := range damages {
		name := files[i%len(files)]
		kinds[strings.SplitN(strings.TrimPrefix(name, ".flowrider/"), "/", 2)[0]]++
		before, err := os.ReadFile(filepath.Join(d.root, name))
		if err != nil {
			t.Fatal(err)
		}
		after, what := mutate(random, before)
		d.write(name, string(after))
		if d.check(name, isTorn(name, before, after)) {
			named++
		} else {
			same++
		}
		d.write(name, string(before))
		if t.Failed() {
			t.Fatalf("%s, %s:\n%s", name, what, after)
		}
	}
	t.Logf("%d changes: %d named, %d as before; of %v", damages, named, same, kinds)
	if named < damages/4 || len(kinds) != 6 {
		t.Errorf("%d of %d named, of %v", named, damages, kinds)
	}
}

// newDamaged is a project with a selected record, an earlier run in the
// history, and a choice where the committed record's run lies elsewhere.
func newDamaged(t *testing.T) *damaged {
	d := &damaged{project: newProject(t), good: map[string][]string{}, plans: map[string]string{}}
	d.write("flowrider.hcl", `
variable "v" { default = "1" }
flow "command" "a" {
  argv = ["a", var.v]
  bundle { include = ["a.txt"] }
}
flow "command" "b" {
  argv = ["b", var.v, flow.a.run_id]
  bundle { include = [] }
}
flow "command" "c" {
  argv = ["c", var.v]
  bundle { include = [] }
}
`)
	d.write("a.txt", "one")
	d.variables["v"] = "1"
	d.apply()
	d.write("a.txt", "two")
	d.variables["v"] = "2"
	d.apply()
	entries, _ := d.records().Entries()
	for _, entry := range entries {
		key := entry.Flow + " " + entry.ConfigHash
		d.good[key] = append(d.good[key], entry.RunID)
		if entry.RunID == "flow.c/2" {
			committed := *entry
			committed.RunID, committed.Store = "elsewhere", "local:01jdj1s3v0000000000000000a"
			if err := d.records().Select(&committed); err != nil {
				t.Fatal(err)
			}
			if err := d.records().Choose(entry); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, value := range values {
		planned := d.planFor(value)
		if len(planned.Notes) > 0 {
			t.Fatal(planned.Notes)
		}
		d.plans[value] = shape(planned)
	}
	for value, verdict := range map[string]string{"2": `"verdict":"fresh"`, "1": `"verdict":"reuse"`, "3": `"verdict":"run"`} {
		if !strings.Contains(d.plans[value], verdict) {
			t.Fatalf("with %s: %s", value, d.plans[value])
		}
	}
	return d
}

// planFor plans with the files that there were when the value was applied.
func (d *damaged) planFor(value string) *plan.Plan {
	d.Helper()
	d.variables["v"] = value
	d.write("a.txt", map[string]string{"1": "one", "2": "two", "3": "three"}[value])
	planned, problems := d.plan()
	if problems != "" {
		d.Fatal(problems)
	}
	return planned
}

// shape is a plan without its notes.
func shape(planned *plan.Plan) string {
	plain := *planned
	plain.Notes = nil
	text, err := json.Marshal(plain)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// kept are the files of what is kept, sorted.
func (d *damaged) kept() []string {
	var files []string
	for _, top := range []string{"runs", ".flowrider/history", ".flowrider/manifests", ".flowrider/attempts", ".flowrider/selected", ".flowrider/store"} {
		err := filepath.WalkDir(filepath.Join(d.root, top), func(at string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				rel, _ := filepath.Rel(d.root, at)
				files = append(files, filepath.ToSlash(rel))
			}
			return err
		})
		if err != nil {
			d.Fatal(err)
		}
	}
	slices.Sort(files)
	return files
}

// check plans with each value, and says whether the file was named.
func (d *damaged) check(name string, torn bool) (named bool) {
	d.Helper()
	for _, value := range values {
		planned := d.planFor(value)
		isNamed := slices.ContainsFunc(told(planned), func(text string) bool { return strings.HasPrefix(text, name+" ") })
		named = named || isNamed
		for _, flow := range planned.Flows {
			if flow.RunID != nil && !slices.Contains(d.good[flow.Address+" "+*flow.ConfigHash], *flow.RunID) {
				d.Errorf("with %s %s points to run %s", value, flow.Address, *flow.RunID)
			}
		}
		if got := shape(planned); got != d.plans[value] && !isNamed && !torn {
			d.Errorf("with %s nobody names it, and the plan is not what it was; notes %v\n%s\n%s", value, planned.Notes, d.plans[value], got)
		}
	}
	return named
}

// told is all that a plan says in words: its notes, and the details of its
// reasons.
func told(planned *plan.Plan) []string {
	texts := slices.Clone(planned.Notes)
	for _, flow := range planned.Flows {
		for _, reason := range flow.Reasons {
			texts = append(texts, reason.Detail)
		}
	}
	return texts
}

// isTorn says whether the end of a log is as a crash may leave it, which is
// nothing to speak of.
func isTorn(name string, before, after []byte) bool {
	return strings.HasSuffix(name, ".log") && (bytes.HasPrefix(before, after) || !bytes.HasSuffix(after, []byte("\n")))
}

// mutate changes one place of a file.
func mutate(random *rand.Rand, before []byte) (after []byte, what string) {
	after = bytes.Clone(before)
	at := random.IntN(len(before))
	switch random.IntN(4) {
	case 0:
		after[at] ^= 1 << random.IntN(8)
		return after, fmt.Sprintf("byte %d flipped", at)
	case 1:
		return slices.Insert(after, at, byte(random.IntN(256))), fmt.Sprintf("a byte put in at %d", at)
	case 2:
		end := min(len(after), at+1+random.IntN(20))
		return slices.Delete(after, at, end), fmt.Sprintf("bytes %d to %d cut out", at, end)
	}
	return after[:at], fmt.Sprintf("cut off at %d", at)
}

// A kept text that was changed is named where it is needed, and the reasons
// fall back to what the record says itself.
func TestDamagedManifestIsNamed(t *testing.T) {
	d := newDamaged(t)
	d.planFor("2")
	selected, _ := d.records().Selected(schema.Address{Block: "flow", Name: "a"})
	name := record.TextPath(selected.ConfigHash)
	d.write(name, "runner command\n")
	planned := d.planFor("3")
	equal(t, []string{name + " was changed: it is not the text with that digest; it is not believed"}, planned.Notes)
	equal(t, "the values are in the history of the machine that made run flow.a/2", planned.Flow("flow.a").Reasons[0].Detail)

	d.variables["v"] = "2"
	d.replace = []string{"flow.a"}
	d.apply() // which puts it right
	d.replace = nil
	if notes := d.planFor("3").Notes; len(notes) > 0 {
		t.Error(notes)
	}
}
