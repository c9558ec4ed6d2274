package record

import (
	"errors"
	"io/fs"
	"path"

	"github.com/flowrider/flowrider/internal/durable"
)

// Kept is a record that is selected in a workspace, or chosen there by this
// machine, and its file.
type Kept struct {
	Selected
	Workspace string
	Path      string // below the root folder, slash path
}

// AllWorkspaces reads what is selected and chosen in all workspaces.
func (s *Store) AllWorkspaces() (all []Kept, problems []*Problem) {
	for _, kept := range []*Store{s, s.choices} {
		for _, workspace := range kept.Workspaces() {
			in := kept.In(workspace)
			list, more := in.All()
			problems = append(problems, more...)
			for _, selected := range list {
				all = append(all, Kept{selected, workspace, path.Join(in.runs, fileName(selected.Address))})
			}
		}
	}
	return all, problems
}

// HistoryLog is one log of the history, for whoever clears it up.
type HistoryLog struct {
	Path    string // below the root folder, slash path
	Entries []HistoryEntry
	Problem *Problem // why nobody may rewrite it; what could be read of it is in Entries
}

// HistoryEntry is a record in a log, and how many bytes it takes there.
type HistoryEntry struct {
	Record *Record
	Size   int64
}

// HistoryLogs reads the whole history, sorted by the names of its logs.
func (s *Store) HistoryLogs() ([]HistoryLog, *Problem) {
	files, err := durable.ReadDir(s.local("history"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &Problem{Path: path.Join(Local, "history"), Reason: "cannot be read: " + plain(err)}
	}
	var logs []HistoryLog
	for _, file := range files {
		if durable.IsTemp(file.Name()) || path.Ext(file.Name()) != ".log" {
			continue
		}
		logs = append(logs, s.historyLog(file.Name()))
	}
	return logs, nil
}

func (s *Store) historyLog(name string) HistoryLog {
	log := HistoryLog{Path: path.Join(Local, "history", name)}
	there, err := s.readShard(name)
	if err != nil {
		log.Problem = &Problem{Path: log.Path, Reason: "cannot be read: " + plain(err)}
		return log
	}
	if problems := damage(there.contents); len(problems) > 0 {
		log.Problem = problems[0]
	}
	for _, entry := range there.contents.Entries {
		rec, problem := parseEntry(entry)
		if problem != nil {
			log.Problem = problem
			continue
		}
		log.Entries = append(log.Entries, HistoryEntry{rec, int64(len(entry))})
	}
	if log.Problem != nil {
		log.Problem.Path = log.Path
	}
	return log
}

// Prune takes the records for which drop is true out of one log of the
// history, at once. The caller holds the apply lock.
func (s *Store) Prune(log HistoryLog, drop func(*Record) bool) error {
	if log.Problem != nil {
		return log.Problem
	}
	name := path.Base(log.Path)
	err := s.writer.OpenLog(s.local("history/"+name), historyFormat).Rewrite(func(entry []byte) bool {
		rec, problem := parseEntry(entry)
		return problem != nil || !drop(rec)
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.shards, name)
	return err
}
