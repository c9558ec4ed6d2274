package record_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
)

func TestNamesOfWorkspaces(t *testing.T) {
	for _, name := range []string{"default", "dev", "v1.2", "_", "-x", "A9", strings.Repeat("w", 64)} {
		must(t, record.CheckWorkspace(name))
	}
	for _, name := range []string{"", ".", "..", ".hidden", "a/b", `a\b`, "a b", "@a", "é", "a\n", strings.Repeat("w", 65)} {
		if record.CheckWorkspace(name) == nil {
			t.Errorf("%q is taken for a name", name)
		}
	}
}

func TestWorkspacesHaveRecordsOfTheirOwnAndOneHistory(t *testing.T) {
	root := t.TempDir()
	dev, prod := open(root).In("dev"), open(root).In("prod")
	for run, store := range map[string]*record.Store{"1": open(root), "2": dev, "3": prod} {
		must(t, store.Append(sample("flow.clean", run)))
		must(t, store.Select(sample("flow.clean", run)))
	}
	for want, store := range map[string]*record.Store{"1": open(root), "2": dev.In("dev"), "3": dev.In("prod"), "": open(root).In("other")} {
		rec, problem := store.Selected(address(t, "flow.clean"))
		if problem != nil {
			t.Fatal(problem)
		}
		got := ""
		if rec != nil {
			got = rec.RunID
		}
		equal(t, want, got)
		all, problems := store.All()
		equal(t, want != "", len(all) == 1 && len(problems) == 0)
		found, _ := store.History(hash("3"))
		equal(t, 3, len(found))
	}
	equal(t, []string{"default", "dev", "prod"}, open(root).Workspaces())
	equal(t, "dev", dev.Workspace())
	equal(t, "dev", prod.WorkspaceTwin("Dev"))
	equal(t, "", prod.WorkspaceTwin("dev"))
}

func TestSelectedWorkspace(t *testing.T) {
	root := t.TempDir()
	store := open(root)
	name, err := store.SelectedWorkspace()
	must(t, err)
	equal(t, "default", name)
	must(t, store.SelectWorkspace("dev"))
	name, err = store.In("prod").SelectedWorkspace()
	must(t, err)
	equal(t, "dev", name)
	equal(t, []string{"default", "dev"}, store.Workspaces())
	for _, text := range []string{"", "../elsewhere\n", "de\x00v\n", "dev\nprod\n"} {
		write(t, root, ".flowrider/workspace", text)
		if _, err := store.SelectedWorkspace(); err == nil || !strings.Contains(err.Error(), "flowrider workspace select default") {
			t.Errorf("%q: %v", text, err)
		}
		equal(t, []string{"default"}, store.Workspaces())
	}
}

func TestDeleteWorkspace(t *testing.T) {
	root := t.TempDir()
	dev := open(root).In("dev")
	must(t, open(root).Select(sample("flow.clean", "1")))
	for _, flow := range []string{"flow.clean", `flow.train["forest"]`, `flow.train["knn"]`} {
		must(t, dev.Select(sample(flow, "2")))
		must(t, dev.Choose(sample(flow, "3")))
	}
	must(t, dev.Append(sample("flow.clean", "2")))
	equal(t, 3, dev.Count())
	write(t, root, "runs/@dev/train/notes.txt", "mine")
	if err := dev.DeleteWorkspace(); err == nil || !strings.Contains(err.Error(), "runs/@dev/train/notes.txt is no record of flowrider's; move it away") {
		t.Errorf("deleted a folder with a file of the user's: %v", err)
	}
	equal(t, 0, dev.Count())
	must(t, os.Remove(filepath.Join(root, "runs/@dev/train/notes.txt")))
	must(t, dev.DeleteWorkspace())
	must(t, dev.DeleteWorkspace()) // as after a crash in between
	equal(t, []string{"default"}, open(root).Workspaces())
	for _, gone := range []string{"runs/@dev", ".flowrider/selected/@dev"} {
		if _, err := os.Lstat(filepath.Join(root, gone)); err == nil {
			t.Errorf("%s is still there", gone)
		}
	}
	equal(t, 1, open(root).Count())
	found, _ := open(root).History(hash("3"))
	equal(t, 1, len(found))
}

func TestLeftoversOfAWorkspaceAreRemoved(t *testing.T) {
	root := t.TempDir()
	dev := open(root).In("dev")
	must(t, dev.MakeWorkspace())
	for _, name := range []string{"runs/@dev/.a.json.tmp.01M80NYDX782WW8KVHJ2VEZSHE", ".flowrider/selected/@dev/train/.b.json.tmp.01M80NYDX782WW8KVHJ2VEZSHE"} {
		write(t, root, name, "torn")
		if !durable.IsTemp(filepath.Base(name)) {
			t.Fatalf("%s is no leftover", name)
		}
	}
	must(t, dev.RemoveLeftovers())
	equal(t, 0, dev.Count())
	for _, folder := range []string{"runs/@dev", ".flowrider/selected/@dev/train"} {
		entries, err := os.ReadDir(filepath.Join(root, folder))
		must(t, err)
		equal(t, 0, len(entries))
	}
}
