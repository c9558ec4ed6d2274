package record

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/internal/durable"
)

// A workspace is a named set of selected records: those of DefaultWorkspace
// lie in the folder of records itself, those of another one in @NAME below it.
// The history, the texts and the last attempts belong to all of them.

// DefaultWorkspace is there without being made, and cannot be deleted.
const DefaultWorkspace = "default"

// maxWorkspace bounds a workspace's name, which is that of a folder.
const maxWorkspace = 64

// CheckWorkspace refuses what cannot be the name of a workspace.
func CheckWorkspace(name string) error {
	for i := range len(name) {
		c := name[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.' && i > 0) {
			return badWorkspace(name)
		}
	}
	if name == "" || len(name) > maxWorkspace {
		return badWorkspace(name)
	}
	return nil
}

func badWorkspace(name string) error {
	return fmt.Errorf("%q cannot be the name of a workspace: it takes up to %d letters, digits, _, - and ., and does not begin with a point", name, maxWorkspace)
}

// In is the same project's store with the selected records of a workspace,
// whose name is a valid one.
func (s *Store) In(workspace string) *Store { return open(s.root, s.top, workspace, s.writer) }

// workspaceFolder is where a workspace's records lie below the folder of all.
func workspaceFolder(workspace string) string {
	if workspace == DefaultWorkspace {
		return ""
	}
	return "@" + workspace
}

// Workspace is the name of the workspace whose records are selected here.
func (s *Store) Workspace() string { return s.workspace }

// Workspaces lists the workspaces that are known, sorted: the default one,
// those that have a folder of records, and the one that is selected.
func (s *Store) Workspaces() []string {
	names := []string{DefaultWorkspace}
	entries, _ := durable.ReadDir(s.below(s.top)) // none yet, or one that readers of records will complain of
	for _, entry := range entries {
		if name, is := strings.CutPrefix(entry.Name(), "@"); is && entry.IsDir() && CheckWorkspace(name) == nil {
			names = append(names, name)
		}
	}
	if selected, err := s.SelectedWorkspace(); err == nil {
		names = append(names, selected)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// WorkspaceTwin is the known workspace whose name differs from this one only
// in case, or "": some file systems would hold their folders for one.
func (s *Store) WorkspaceTwin(name string) string {
	for _, known := range s.Workspaces() {
		if known != name && strings.EqualFold(known, name) {
			return known
		}
	}
	return ""
}

// SelectedWorkspace is the workspace that .flowrider/workspace names, the
// default one if there is no such file.
func (s *Store) SelectedWorkspace() (string, error) {
	data, _, err := readFile(s.local(""), "workspace")
	if errors.Is(err, fs.ErrNotExist) {
		return DefaultWorkspace, nil
	}
	where := Local + "/workspace"
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %s", where, plain(err))
	}
	name := strings.TrimSpace(string(data))
	if err := CheckWorkspace(name); err != nil {
		return "", fmt.Errorf("%s is damaged (%w); select one: flowrider workspace select %s", where, err, DefaultWorkspace)
	}
	return name, nil
}

// SelectWorkspace makes a workspace the one that counts where none is named.
func (s *Store) SelectWorkspace(name string) error {
	if err := s.Prepare(); err != nil {
		return err
	}
	return s.writer.WriteFile(s.local("workspace"), []byte(name+"\n"))
}

// MakeWorkspace makes the folder of this store's workspace, so that it is
// known before it has a record.
func (s *Store) MakeWorkspace() error {
	dir, err := s.writer.OpenDir(s.selected(""))
	if err != nil {
		return err
	}
	return dir.Close()
}

// DeleteWorkspace removes the selected records of this store's workspace. The
// history stays. What is no record of flowrider's stays too, and its folder
// with it.
func (s *Store) DeleteWorkspace() error {
	if s.workspace == DefaultWorkspace {
		panic("record: the default workspace cannot be deleted")
	}
	if err := s.removeRecords(s.runs); err != nil {
		return err
	}
	return s.removeRecords(s.choices.runs)
}

// removeRecords removes the folder of records at a slash path below the root.
func (s *Store) removeRecords(runs string) error {
	names, problem := s.recordFiles(runs)
	if problem != nil {
		return problem
	}
	for _, name := range names {
		if err := s.remove(path.Join(runs, path.Dir(name)), path.Base(name)); err != nil {
			return err
		}
	}
	entries, _ := durable.ReadDir(s.below(runs)) // gone, or said below
	for _, entry := range entries {
		if entry.IsDir() {
			if err := s.removeFolder(path.Join(runs, entry.Name())); err != nil {
				return err
			}
		}
	}
	return s.removeFolder(runs)
}

// removeFolder removes a folder that is empty now. What is in it is not
// flowrider's.
func (s *Store) removeFolder(folder string) error {
	entries, err := durable.ReadDir(s.below(folder))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && len(entries) > 0:
		return fmt.Errorf("%s is no record of flowrider's; move it away", path.Join(folder, entries[0].Name()))
	}
	return s.remove(path.Dir(folder), path.Base(folder))
}

// remove removes a file, or an empty folder, durably. What it is in is there.
func (s *Store) remove(folder, name string) error {
	dir, err := s.writer.OpenDir(s.below(folder))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Remove(name)
}

// Count is how many files of records this store's workspace has.
func (s *Store) Count() int {
	names, _ := s.recordFiles(s.runs) // a folder that cannot be read is named by All
	return len(names)
}
