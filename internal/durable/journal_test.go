package durable_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/flowrider/flowrider/internal/durable"
)

func newJournal(t *testing.T, backend durable.Backend, path string) *durable.Journal {
	t.Helper()
	j, err := durable.With(backend).NewJournal(path, format, []byte(`"first"`))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// A journal is read while it grows, its room is there from the start, and what
// was not used of it is given back.
func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal", "01")
	j := newJournal(t, durable.OS(), path)
	want := []string{`"first"`}
	for i := range 5 {
		data, err := os.ReadFile(path)
		if err != nil || len(data) != 1<<20 {
			t.Fatalf("%d bytes, %v", len(data), err)
		}
		c := durable.ParseLog(data, format)
		equal(t, want, payloads(c))
		equal(t, nil, c.Damage)
		want = append(want, fmt.Sprintf(`"%d"`, i))
		if err := j.Append([]byte(want[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile(path)
	c := durable.ParseLog(data, format)
	equal(t, want, payloads(c))
	equal(t, len(data), c.End)
	if err := j.Append([]byte(`"late"`)); err == nil {
		t.Error("a closed journal has grown")
	}
	// It goes on as a log, also from room that was not given back.
	if err := os.Truncate(path, 1<<20); err != nil {
		t.Fatal(err)
	}
	if err := durable.With(durable.OS()).OpenLog(path, format).Append([]byte(`"after"`)); err != nil {
		t.Fatal(err)
	}
	data, _ = os.ReadFile(path)
	equal(t, append(want, `"after"`), payloads(durable.ParseLog(data, format)))
}

// gated is a backend that counts fsyncs. Each begins by saying so, and goes on
// when it is let go.
type gated struct {
	durable.Backend
	begun, letGo chan struct{}
	count        int
}

func newGated(inner durable.Backend) *gated {
	return &gated{Backend: inner, begun: make(chan struct{}), letGo: make(chan struct{})}
}

func (b *gated) sync() {
	if b.begun != nil {
		b.begun <- struct{}{}
		<-b.letGo
		b.count++
	}
}

// open lets everybody pass uncounted until shut.
func (b *gated) open() (shut func()) {
	begun := b.begun
	b.begun = nil
	return func() { b.begun = begun }
}

type gatedFolder struct {
	durable.Folder
	b *gated
}

type gatedFile struct {
	durable.File
	b *gated
}

func (b *gated) OpenFolder(path string) (durable.Folder, error) {
	folder, err := b.Backend.OpenFolder(path)
	return gatedFolder{folder, b}, err
}

func (d gatedFolder) Create(name string, perm fs.FileMode) (durable.File, error) {
	file, err := d.Folder.Create(name, perm)
	return gatedFile{file, d.b}, err
}

func (d gatedFolder) Same(other durable.Folder) bool {
	return d.Folder.Same(other.(gatedFolder).Folder)
}

func (d gatedFolder) Sync(name string) error {
	if name == "." {
		d.b.sync()
	}
	return d.Folder.Sync(name)
}

// onlyFolders is a gated backend whose files are not counted.
type onlyFolders struct{ *gated }

func (b onlyFolders) OpenFolder(path string) (durable.Folder, error) {
	folder, err := b.gated.OpenFolder(path)
	return plainFiles{folder}, err
}

type plainFiles struct{ durable.Folder }

func (d plainFiles) Create(name string, perm fs.FileMode) (durable.File, error) {
	return d.Folder.(gatedFolder).Folder.Create(name, perm)
}

func (d plainFiles) Same(other durable.Folder) bool { return d.Folder.Same(other.(plainFiles).Folder) }

func (f gatedFile) Sync() error {
	f.b.sync()
	return f.File.Sync()
}

// Many files that are written into one folder while its fsync runs share the
// next one, and each is reported after one that began when its name was there.
func TestManyWritesShareOneFolderSync(t *testing.T) {
	const many = 100
	memory := durable.NewMemory()
	b := newGated(memory)
	w := durable.With(onlyFolders{b})
	shut := b.open()
	if err := w.WriteFile("/runs/known", nil); err != nil {
		t.Fatal(err)
	}
	shut()
	var writing sync.WaitGroup
	write := func(name string) {
		writing.Go(func() {
			if err := w.WriteFile("/runs/"+name, []byte(name)); err != nil {
				t.Error(err)
			}
			// It is durable by now, whatever else the disk loses.
			if files := memory.PowerCut(memory.Changes(), func(int) bool { return false }); files["/runs/"+name] != name {
				t.Errorf("%s was reported and is not on the disk", name)
			}
		})
	}
	write("first")
	<-b.begun // its fsync runs
	for i := range many {
		write(fmt.Sprint(i))
	}
	for w.Queued("/runs") < many {
		runtime.Gosched()
	}
	b.letGo <- struct{}{}
	<-b.begun
	b.letGo <- struct{}{}
	writing.Wait()
	equal(t, 2, b.count)
}

// Entries that come while an fsync runs share the next one.
func TestManyEntriesShareOneSync(t *testing.T) {
	const many = 50
	path := filepath.Join(t.TempDir(), "01")
	b := newGated(durable.OS())
	shut := b.open()
	j := newJournal(t, b, path)
	shut()
	var writing sync.WaitGroup
	add := func(i int) {
		writing.Go(func() {
			if err := j.Append(fmt.Appendf(nil, "%d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	add(0)
	<-b.begun
	for i := range many {
		add(i + 1)
	}
	for j.Queued() < many {
		runtime.Gosched()
	}
	b.letGo <- struct{}{}
	<-b.begun
	b.letGo <- struct{}{}
	writing.Wait()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, many+2, len(durable.ParseLog(data, format).Entries))
	equal(t, 2, b.count)
}

// A journal that is killed, or fails, at any operation: no entry that was
// reported is lost, and what is there can be read and gone on with.
func TestJournalWithFaults(t *testing.T) {
	for _, errno := range []error{nil, syscall.ENOSPC, syscall.EIO} {
		for at := 1; ; at++ {
			path := filepath.Join(t.TempDir(), "01")
			backend := durable.NewFaulty(durable.OS(), durable.Fault{At: at, Err: errno})
			reported := journalSome(durable.With(backend), path)
			data, err := os.ReadFile(path)
			if err != nil && (!os.IsNotExist(err) || len(reported) > 0) {
				t.Fatal(err)
			}
			c := durable.ParseLog(data, format)
			if got := payloads(c); len(c.Damage) > 0 || len(got) < len(reported) || !slices.Equal(got[:len(reported)], reported) || err == nil && len(got) == 0 {
				t.Errorf("%v at %d: %q, reported %q, damage %v", errno, at, got, reported, c.Damage)
			}
			if !backend.Struck() {
				break
			}
			if err := durable.With(durable.OS()).OpenLog(path, format).Append([]byte(`"next"`)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// journalSome gives the entries that were reported as written.
func journalSome(w durable.Writer, path string) (reported []string) {
	j, err := w.NewJournal(path, format, []byte(`"first"`))
	if err != nil {
		return nil
	}
	reported = []string{`"first"`}
	for _, entry := range []string{`"one"`, `"two"`} {
		if j.MakeRoom() != nil || j.Append([]byte(entry)) != nil {
			return reported
		}
		reported = append(reported, entry)
	}
	j.Close()
	return reported
}

// The power fails at any instant, and any of what was not synced is lost: no
// entry that was reported is, and no other is read than one that was written.
func TestJournalInPowerCuts(t *testing.T) {
	memory := durable.NewMemory()
	w := durable.With(memory)
	j, err := w.NewJournal("/j/01", format, []byte(`"first"`))
	if err != nil {
		t.Fatal(err)
	}
	reported := map[int]int{memory.Changes(): 1} // entries by instant
	all := []string{`"first"`}
	for i := range 3 {
		entry := fmt.Sprintf(`"%d %s"`, i, strings.Repeat("x", 100))
		all = append(all, entry)
		if err := j.Append([]byte(entry)); err != nil {
			t.Fatal(err)
		}
		reported[memory.Changes()] = len(all)
	}
	states, least := 0, 0
	for instant := range memory.Changes() + 1 {
		least = max(least, reported[instant])
		open := memory.Unsynced(instant)
		for subset := range 1 << len(open) {
			states++
			files := memory.PowerCut(instant, func(change int) bool { return subset>>slices.Index(open, change)&1 == 1 })
			c := durable.ParseLog([]byte(files["/j/01"]), format)
			got := payloads(c)
			if len(got) < least || !slices.Equal(got, all[:len(got)]) {
				t.Fatalf("at %d: %q, want at least %d entries", instant, got, least)
			}
			for _, d := range c.Damage { // a torn end at most
				if d.Offset < c.End {
					t.Fatalf("at %d: damage %v before %d", instant, c.Damage, c.End)
				}
			}
		}
	}
	if states < 50 {
		t.Errorf("only %d states", states)
	}
}

// Two folders that have had one path do not share an fsync.
func TestFoldersThatWereReplacedShareNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "runs")
	backend := durable.OS()
	open := func() durable.Folder {
		t.Helper()
		folder, err := backend.OpenFolder(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { folder.Close() })
		return folder
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	before, again := open(), open()
	if err := os.Rename(path, filepath.Join(dir, "old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if after := open(); !before.Same(again) || before.Same(after) {
		t.Error("a folder is taken for another one")
	}
}
