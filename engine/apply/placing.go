package apply

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/attempt"
	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/eval"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
)

// Publisher is a runner that places outputs in the project: it puts back what
// is missing there, or what belongs to another run of the flow.
type Publisher interface {
	Restore(root, project string, rec *record.Record, published map[string]string) (notes []string, err error)
}

// restore places the outputs of a recorded run. placed are the digests of what
// flowrider has placed last, by path.
func (l *loop) restore(decision *plan.Flow, rec *record.Record, placed map[string]string) ([]string, error) {
	publisher, ok := l.tools.Runners[decision.Runner].(Publisher)
	if !ok {
		return nil, nil
	}
	return publisher.Restore(l.session.Config.Root, decision.Place.Project, rec, placed)
}

// notePlaced keeps in mind which files of the project's are flowrider's own, for
// the day when nothing declares them any more. That it cannot is no failure.
func (l *loop) notePlaced(decision *plan.Flow, rec *record.Record) (notes []string) {
	note := func(at, digest string) {
		name, err := filepath.Rel(l.session.Config.Root, at)
		if err == nil {
			err = l.tools.Records.Place(filepath.ToSlash(name), digest)
		}
		if err != nil {
			notes = append(notes, fmt.Sprintf("%s: %v", decision.Address, err))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rec.Outputs)) {
		if output := rec.Outputs[name]; output.Published != "" {
			note(filepath.Join(decision.Place.Project, filepath.FromSlash(output.Published)), output.Digest)
		}
	}
	if name, ok := decision.Resolved.Arguments["run_id_file"].Text(); ok {
		at := filepath.Join(l.session.Config.Root, filepath.FromSlash(name))
		if digest, err := blob.Digest(at, nil); err == nil {
			note(at, digest)
		}
	}
	return notes
}

// withPlaces is a record with its outputs at the places where the flow wants
// them now: where they are published does not count in the config hash.
func withPlaces(rec *record.Record, resolved *eval.Flow) *record.Record {
	moved := *rec
	moved.Outputs = maps.Clone(rec.Outputs)
	for name, output := range rec.Outputs {
		output.Published = attempt.Output(name, resolved.Outputs[name]).Publish
		moved.Outputs[name] = output
	}
	return &moved
}

// sameRecord says whether two records of one run differ neither in a place nor
// in what other machines know it by.
func sameRecord(a, b *record.Record) bool {
	return a.Shared() == b.Shared() && maps.EqualFunc(a.Outputs, b.Outputs, func(x, y record.Output) bool { return x.Published == y.Published })
}

// writeRunIDFile writes the bare run ID for code that reads such files. What
// is there and is no run ID of the flow's is the user's: it is moved aside.
// The record is durable by now, so that whatever goes wrong is a note.
func (l *loop) writeRunIDFile(decision *plan.Flow, rec *record.Record) (notes []string) {
	name, ok := decision.Resolved.Arguments["run_id_file"].Text()
	if !ok {
		return nil
	}
	root := l.session.Config.Root
	ours := func(id string) bool {
		if runIDs(decision.Selected, rec)[id] {
			return true
		}
		past, _ := l.tools.Records.Entries() // of another branch or workspace; all are read
		return runIDs(past...)[id]
	}
	kept, err := replaceRunID(root, filepath.FromSlash(name), rec.RunID, ours)
	if kept != "" {
		notes = append(notes, fmt.Sprintf("%s was not written by flowrider; it is kept as %s (displaced by run_id_file)", name, kept))
	}
	if err != nil {
		notes = append(notes, fmt.Sprintf("%s: the run ID cannot be written to %s: %v", decision.Address, name, err))
	}
	return notes
}

// runIDs are those of records and of the runs that confirmed them.
func runIDs(records ...*record.Record) map[string]bool {
	all := map[string]bool{}
	for _, rec := range records {
		if rec == nil {
			continue
		}
		all[rec.RunID] = true
		for _, equivalent := range rec.Equivalent {
			all[equivalent.RunID] = true
		}
	}
	return all
}

// errSaved says that somebody has written the file in between.
var errSaved = errors.New("it is written again and again by another program")

// replaceRunID writes a run ID to the file name below root. kept is where that
// is now which was there, if it is none of ours; "" for nothing.
func replaceRunID(root, name, runID string, ours func(id string) bool) (kept string, err error) {
	top, err := os.OpenRoot(root)
	if err != nil {
		return "", err
	}
	defer top.Close()
	for range 5 {
		content, there, err := readRunID(top, name)
		switch {
		case err != nil:
			return kept, plain(err)
		case there && content == runID:
			return kept, nil
		case there && !ours(strings.TrimSpace(content)):
			if kept, err = blob.Displace(root, filepath.Join(root, name), filepath.ToSlash(name)); err != nil {
				return "", fmt.Errorf("what is there was not written by flowrider and cannot be moved aside: %w; move it away yourself", plain(err))
			}
			content, there = "", false
		}
		err = writeUnlessSaved(top, root, name, runID, content, there)
		if !errors.Is(err, errSaved) {
			return kept, err
		}
	}
	return kept, errSaved
}

// readRunID reads what is at the place of a run ID. A link, a folder or what
// is too long for a run ID is there, with no content.
func readRunID(top *os.Root, name string) (content string, there bool, err error) {
	info, err := top.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	if err != nil || !info.Mode().IsRegular() || info.Size() > 1000 {
		return "", true, err
	}
	text, err := top.ReadFile(name)
	return string(text), true, err
}

// writeUnlessSaved writes a run ID if what is there is still what was read.
func writeUnlessSaved(top *os.Root, root, name, runID, content string, there bool) error {
	dir, err := durable.OpenDir(filepath.Join(root, filepath.Dir(name)))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.WriteWith(filepath.Base(name), []byte(runID), durable.Options{Check: func() error {
		now, stillThere, err := readRunID(top, name)
		if err == nil && (now != content || stillThere != there) {
			err = errSaved
		}
		return err
	}})
}

// plain is an error of the file system without a path of this machine.
func plain(err error) error {
	if cause := (*fs.PathError)(nil); errors.As(err, &cause) {
		return cause.Err
	}
	return err
}
