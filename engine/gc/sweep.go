package gc

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/schema"
)

// sweep lists what is there and was not marked. Only what has a name that
// flowrider gives is its own.
func (m *marker) sweep() error {
	m.attempts()
	err := errors.Join(
		m.outputsThere(),
		m.tree(Text, "manifests", func(at string) bool { return isDigits(path.Base(at)) }),
		m.tree(Log, "logs", func(at string) bool { return isAttempt(strings.TrimSuffix(path.Base(at), ".log")) }),
		m.tree(Bundle, "bundles", func(at string) bool { return isAttempt(strings.TrimSuffix(path.Base(at), ".scratch")) }),
		m.leftovers(),
	)
	m.garbage.Kept.Displaced, m.garbage.Kept.DisplacedSize = m.measure(path.Join(record.Local, "displaced"))
	return err
}

// logPath is where the log of a record's run is; "" if flowrider has not made
// it.
func logPath(rec *record.Record) string {
	address, err := schema.ParseAddress(rec.Flow)
	if err != nil || rec.MadeBy() == "" {
		return ""
	}
	return record.LogPath(address, rec.MadeBy())
}

// attempts marks the logs of the last attempts, and lists the attempts at
// flows that are not declared any more where their records go too.
func (m *marker) attempts() {
	for _, there := range m.Records.Attempts() {
		address, err := schema.ParseAddress(there.Attempt.Flow)
		if err == nil && m.options.Records && !m.stays[address] && !slices.Contains(m.options.Declared, address) {
			_, size := m.measure(there.Path)
			m.add(Item{Kind: Attempt, Path: there.Path, Flow: there.Attempt.Flow, Size: size})
			continue
		}
		m.keep[there.Attempt.Log] = true
	}
}

// outputsThere lists the outputs in the store that were not marked.
func (m *marker) outputsThere() error {
	top := path.Join(record.Local, "blobs")
	homes, err := m.list(top)
	for _, home := range homes {
		if !isDigits(home.Name()) {
			continue
		}
		names, listErr := m.list(path.Join(top, home.Name()))
		err = errors.Join(err, listErr)
		for _, name := range names {
			at := path.Join(top, home.Name(), name.Name())
			if !m.keep[at] && !m.isNew(at) && !durable.IsTemp(name.Name()) {
				_, size := m.measure(at)
				m.add(Item{Kind: Output, Path: at, Size: size})
			}
		}
	}
	return err
}

// tree lists what is below a folder of .flowrider, has a name that flowrider
// gives, and was not marked.
func (m *marker) tree(kind, folder string, ours func(at string) bool) error {
	entries, err := m.list(path.Join(record.Local, folder))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		below := path.Join(folder, entry.Name())
		at := path.Join(record.Local, below)
		switch {
		case durable.IsTemp(entry.Name()), m.keep[at]: // a leftover; or needed
		case ours(at) && !m.isNew(at):
			_, size := m.measure(at)
			m.add(Item{Kind: kind, Path: at, Size: size})
		case entry.IsDir() && !ours(at):
			if err := m.tree(kind, below, ours); err != nil {
				return err
			}
		}
	}
	return nil
}

// written are the folders in which flowrider writes under temporary names, and
// how deep.
var written = []struct {
	folder string
	depth  int
}{{".", 0}, {"history", 0}, {"manifests", 1}, {"attempts", 1}, {"journal", 0}, {"selected", 2}, {"blobs", 1}, {"logs", 2}, {"bundles", 2}}

// leftovers lists what killed processes have left where flowrider writes.
func (m *marker) leftovers() error {
	err := m.temporary(m.Records.Runs(), 2)
	for _, w := range written {
		err = errors.Join(err, m.temporary(path.Join(record.Local, w.folder), w.depth))
	}
	return err
}

func (m *marker) temporary(folder string, depth int) error {
	entries, err := m.list(folder)
	for _, entry := range entries {
		at := path.Join(folder, entry.Name())
		switch {
		case durable.IsTemp(entry.Name()):
			_, size := m.measure(at)
			m.add(Item{Kind: Leftover, Path: at, Size: size})
		case entry.IsDir() && depth > 0:
			err = errors.Join(err, m.temporary(at, depth-1))
		}
	}
	return err
}

func skipMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// list is what is in a folder below the root; nothing if there is none.
func (m *marker) list(folder string) ([]fs.DirEntry, error) {
	entries, err := os.ReadDir(m.absolute(folder))
	return entries, skipMissing(err)
}

// isNew says whether a file or folder was changed too recently to be removed.
func (m *marker) isNew(at string) bool {
	info, err := os.Lstat(m.absolute(at))
	return err == nil && m.options.OlderThan > 0 && m.options.Now.Sub(info.ModTime()) < m.options.OlderThan
}

// measure counts the files at or below a path, and their bytes.
func (m *marker) measure(at string) (files int, size int64) {
	filepath.WalkDir(m.absolute(at), func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			if info, err := entry.Info(); err == nil {
				files, size = files+1, size+info.Size()
			}
		}
		return nil // what cannot be read counts nothing
	})
	return files, size
}

func isDigits(name string) bool {
	raw, err := hex.DecodeString(name)
	return err == nil && len(raw) == 32
}

func isAttempt(name string) bool {
	_, err := ulid.ParseStrict(name)
	return err == nil
}
