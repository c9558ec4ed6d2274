package gc

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/schema"
)

// marker finds out what the roots reach.
type marker struct {
	*Collector
	options Options
	garbage *Garbage
	keep    map[string]bool         // paths below the root, of what is reached
	stays   map[schema.Address]bool // flows that have a record, once all is done
}

// mark marks what is reached from the selected records, the pins and what is
// young, and finds the runs of the history that are not good for anything any
// more.
func (m *marker) mark() error {
	roots, err := m.selected()
	if err != nil {
		return err
	}
	logs, problem := m.Records.HistoryLogs()
	if problem != nil {
		return inDoubt(problem)
	}
	for _, log := range logs {
		if log.Problem != nil && log.Problem.Newer {
			return inDoubt(log.Problem)
		}
		for _, entry := range log.Entries {
			// A log that cannot be rewritten goes on naming what is in it.
			if log.Problem != nil || slices.Contains(m.options.Pinned, entry.Record.RunID) || m.isYoung(entry.Record) {
				roots = append(roots, entry.Record)
			}
		}
	}
	roots = append(roots, m.open()...)
	for _, rec := range roots {
		for _, output := range m.outputs(rec) {
			m.keep[output] = true
		}
	}
	m.garbage.drop = func(rec *record.Record) bool {
		return slices.ContainsFunc(m.outputs(rec), func(output string) bool { return !m.keep[output] })
	}
	for _, rec := range append(roots, m.past(logs)...) {
		m.reach(rec)
	}
	return nil
}

// open are the records of runs that an apply is about to make, or that the next
// one will make of what one that died has left. The places and logs of their
// attempts, and of all that are not over, are marked.
func (m *marker) open() (roots []*record.Record) {
	applies, _ := m.Records.Applies() // apply names what is damaged
	for _, apply := range applies {
		for _, tried := range apply.Open() {
			m.keep[tried.Place()], m.keep[tried.Place()+".scratch"], m.keep[tried.Log] = true, true, true
			if tried.Success != nil {
				roots = append(roots, tried.Success.Records...)
			}
		}
	}
	return roots
}

func inDoubt(problem error) error {
	return fmt.Errorf("nothing is removed, since nobody can tell what is still needed: %w", problem)
}

// selected are the selected records of all workspaces, but for those that are
// to go themselves.
func (m *marker) selected() ([]*record.Record, error) {
	all, problems := m.Records.AllWorkspaces()
	if len(problems) > 0 {
		return nil, inDoubt(errors.Join(asErrors(problems)...))
	}
	var roots []*record.Record
	undeclared := []string{}
	for _, kept := range all {
		isUndeclared := kept.Workspace == m.Records.Workspace() && !slices.Contains(m.options.Declared, kept.Address)
		if isUndeclared && m.options.Records {
			_, size := m.measure(kept.Path)
			m.garbage.records = append(m.garbage.records, kept.Address)
			m.add(Item{Kind: Record, Flow: kept.Record.Flow, RunID: kept.Record.RunID, Path: kept.Path, Size: size})
			continue
		}
		if isUndeclared {
			undeclared = append(undeclared, kept.Record.Flow)
		}
		roots = append(roots, kept.Record)
		m.stays[kept.Address] = true
	}
	slices.Sort(undeclared)
	m.garbage.Kept.Undeclared = slices.Compact(undeclared) // a record and a choice are of one flow
	return roots, nil
}

func asErrors(problems []*record.Problem) []error {
	var list []error
	for _, problem := range problems {
		list = append(list, problem)
	}
	return list
}

// isYoung says whether a record was made or confirmed too recently.
func (m *marker) isYoung(rec *record.Record) bool {
	_, _, _, finished := rec.Current()
	return m.options.OlderThan > 0 && m.options.Now.Sub(finished) < m.options.OlderThan
}

// outputs are the paths of a record's outputs in the store, below the root.
// Only runs whose outputs are kept there have any: others are where their
// runner keeps them.
func (m *marker) outputs(rec *record.Record) []string {
	var paths []string
	for _, output := range rec.Outputs {
		if output.File != "" {
			paths = append(paths, m.slash(m.Blobs.Path(output.Digest, path.Base(output.File))))
		}
	}
	return paths
}

// past are the runs of the history that stay. The others are listed.
func (m *marker) past(logs []record.HistoryLog) []*record.Record {
	var stay []*record.Record
	m.garbage.Kept.Damaged = []string{}
	gone := map[[2]string]int{} // of flow and run: which item it is
	for _, log := range logs {
		if log.Problem != nil {
			m.garbage.Kept.Damaged = append(m.garbage.Kept.Damaged, log.Problem.Error())
			continue // what it holds is a root
		}
		pruned := false
		for _, entry := range log.Entries {
			rec := entry.Record
			if !m.garbage.drop(rec) {
				stay = append(stay, rec)
				continue
			}
			pruned = true
			key := [2]string{rec.Flow, rec.RunID}
			if at, known := gone[key]; known {
				m.garbage.Items[at].Size += entry.Size
				continue
			}
			gone[key] = len(m.garbage.Items)
			m.add(Item{Kind: Run, Flow: rec.Flow, RunID: rec.RunID, Size: entry.Size})
		}
		if pruned {
			m.garbage.logs = append(m.garbage.logs, log)
		}
	}
	return stay
}

// digest is one that a manifest mentions: of a list of files, or of a lock.
var digest = regexp.MustCompile(`h1:[0-9a-f]{64}`)

// reach marks the texts that a record's manifests are explained by, and the
// log of its run.
func (m *marker) reach(rec *record.Record) {
	m.keep[logPath(rec)] = true
	hashes := []string{rec.ConfigHash}
	for _, equivalent := range rec.Equivalent {
		hashes = append(hashes, equivalent.ConfigHash)
	}
	for _, hash := range hashes {
		at := record.TextPath(hash)
		if m.keep[at] {
			continue
		}
		m.keep[at] = true
		text, _, _ := m.Records.Text(hash) // one that is not here names nothing
		for _, mentioned := range digest.FindAllString(text, -1) {
			m.keep[record.TextPath(mentioned)] = true
		}
	}
}

func (m *marker) add(item Item) { m.garbage.Items = append(m.garbage.Items, item) }

// slash is a path below the root as a slash path.
func (m *marker) slash(absolute string) string {
	rel, err := filepath.Rel(m.Root, absolute)
	if err != nil {
		panic(err) // both are absolute
	}
	return filepath.ToSlash(rel)
}
