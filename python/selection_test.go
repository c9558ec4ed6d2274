package python

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/testenv"
)

// Which record counts, of which workspace, and whether this machine's choice
// does, is the same for Python as for engine/record, which lays the files out.
func TestPythonSelectsTheSameRecord(t *testing.T) {
	python := anyPython(t)
	for name, c := range map[string]struct {
		workspace       string // of the records
		selected, given string // by .flowrider/workspace and by FLOWRIDER_WORKSPACE
		elsewhere       bool   // whether the committed record's run lies in another store
		choice          bool
	}{
		"committed":                             {workspace: "default"},
		"a choice that is not asked for":        {workspace: "default", choice: true},
		"elsewhere, without a choice":           {workspace: "default", elsewhere: true},
		"a choice":                              {workspace: "default", elsewhere: true, choice: true},
		"a choice in a selected workspace":      {workspace: "dev", selected: "dev", elsewhere: true, choice: true},
		"a workspace that is given":             {workspace: "dev", selected: "prod", given: "dev"},
		"a choice in a workspace that is given": {workspace: "v1.2_a-B", given: "v1.2_a-B", elsewhere: true, choice: true},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			top := record.Open(root, "runs", durable.With(durable.OS()))
			here, err := top.StoreID()
			check(t, err)
			if c.selected != "" {
				check(t, top.SelectWorkspace(c.selected))
			}
			store := top.In(c.workspace)
			rec := *validRecords()["command.json"]
			rec.RunID, rec.Store = "committed", here
			if c.elsewhere {
				rec.Store = "local:01kamexample"
			}
			check(t, store.Select(&rec))
			if c.choice {
				rec.RunID, rec.Store = "choice", here
				check(t, store.Choose(&rec))
			}
			want, problem := store.Selected(address(t, rec.Flow))
			if problem != nil {
				t.Fatal(problem)
			}
			cmd := exec.Command(python, "-c", "from flowrider import client\nprint(client.get('report').run_id)")
			cmd.Env = append(testenv.Environ(t), "PYTHONPATH=.", "PYTHONDONTWRITEBYTECODE=1", "FLOWRIDER_ROOT="+root, "FLOWRIDER_WORKSPACE="+c.given)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if diff := cmp.Diff(want.RunID, strings.TrimSpace(string(out))); diff != "" {
				t.Errorf("selected run (-engine/record +Python):\n%s", diff)
			}
		})
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
