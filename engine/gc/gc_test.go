package gc_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/blob"
	"github.com/flowrider/flowrider/engine/gc"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/schema"
)

// now is later than everything in these tests.
var now = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// project is a folder with records, history and outputs.
type project struct {
	testing.TB
	root    string
	backend durable.Backend
}

func newProject(t testing.TB) *project {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		root, err := os.MkdirTemp("/dev/shm", "gc")
		if err == nil {
			t.Cleanup(func() { os.RemoveAll(root) })
			return &project{t, root, durable.OS()}
		}
	}
	return &project{t, t.TempDir(), durable.OS()}
}

func (p *project) records() *record.Store {
	return record.Open(p.root, "runs", durable.With(p.backend))
}

func (p *project) blobs() *blob.Store { return blob.OpenWith(p.root, durable.With(p.backend)) }

func (p *project) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// collect finds what is garbage and removes it.
func (p *project) collect(options gc.Options) (*gc.Garbage, error) {
	p.Helper()
	options.Now = now
	if options.Declared == nil {
		for _, name := range []string{"a", "b", "m"} {
			options.Declared = append(options.Declared, schema.Address{Block: "flow", Name: name})
		}
	}
	c := &gc.Collector{Root: p.root, Records: p.records(), Blobs: p.blobs(), Writer: durable.With(p.backend)}
	garbage, err := c.Find(options)
	if err != nil {
		return nil, err
	}
	return garbage, c.Remove(garbage)
}

// ran puts a run of a flow into the history, with an output of that text.
func (p *project) ran(flow, runID, output string) *record.Record {
	p.Helper()
	rec := &record.Record{
		Flow: "flow." + flow, Runner: "command", RunID: runID, ConfigHash: digestOf(flow + runID),
		DataVersion: "content:" + output, Started: now.Add(-time.Hour), Platform: "linux/amd64",
		Components: map[string]string{"argv": digestOf("argv")},
	}
	if output != "" {
		file := filepath.Join(p.TempDir(), "out.txt")
		p.must(os.WriteFile(file, []byte(output), 0o644))
		digest, err := p.blobs().Put(file)
		p.must(err)
		rec.Outputs = map[string]record.Output{"n": {File: "out.txt", Digest: digest, DataVersion: digest}}
	}
	p.must(p.records().PutText(rec.ConfigHash, "bundle "+digestOf("files of "+runID)+"\n"))
	p.must(p.records().PutText(digestOf("files of "+runID), "the files of "+runID))
	p.must(p.records().Append(rec))
	return rec
}

func (p *project) selects(rec *record.Record) {
	p.Helper()
	p.must(p.records().Select(rec))
}

func digestOf(text string) string { return fmt.Sprintf("h1:%064x", []byte(fmt.Sprintf("%.31s", text))) }

// files are all files below the root, but for the ones that say nothing.
func (p *project) files() []string {
	p.Helper()
	var list []string
	p.must(filepath.WalkDir(p.root, func(at string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			rel, _ := filepath.Rel(p.root, at)
			list = append(list, rel)
		}
		return err
	}))
	return list
}

// past are the runs of the history.
func (p *project) past() []string {
	var list []string
	entries, _ := p.records().Entries()
	for _, entry := range entries {
		list = append(list, entry.Flow+" "+entry.RunID)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (p *project) has(rec *record.Record) bool {
	for _, output := range rec.Outputs {
		if p.blobs().Verify(output.Digest, output.File) != nil {
			return false
		}
	}
	return true
}

func equal[T any](t testing.TB, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// kinds are what of each kind was found, in the order of its removal.
func kinds(garbage *gc.Garbage) []string {
	var list []string
	for _, item := range garbage.Items {
		name := strings.TrimSpace(item.Flow + " " + item.RunID)
		if name == "" {
			name = filepath.Base(item.Path)
		}
		list = append(list, item.Kind+" "+name)
	}
	return list
}

func TestWhatIsReachedStays(t *testing.T) {
	p := newProject(t)
	first, second := p.ran("a", "1", "one"), p.ran("a", "2", "two")
	third, fourth := p.ran("a", "3", "three"), p.ran("b", "4", "four")
	p.ran("b", "5", "two")   // the same output as the selected run of a
	p.ran("b", "6", "")      // nothing in the store
	p.ran("m", "17", "lost") // before the flow became one of Metaflow
	metaflow := p.ran("m", "18", "")
	metaflow.Runner, metaflow.Outputs = "metaflow", map[string]record.Output{"model": {Artifact: "model", Digest: digestOf("x")}}
	p.must(p.records().Append(metaflow))
	p.selects(second)
	p.must(p.records().In("prod").Select(third))
	p.must(p.records().In("prod").Choose(p.ran("b", "7", "seven")))

	garbage, err := p.collect(gc.Options{Pinned: []string{"4"}})
	p.must(err)
	want := []string{"run flow.a 1", "run flow.m 17", "output out.txt", "output out.txt"}
	for _, text := range []string{"a1", "m17", "files of 1", "files of 17"} { // as their digests are sorted
		want = append(want, "text "+strings.TrimPrefix(digestOf(text), "h1:"))
	}
	equal(t, want, kinds(garbage))
	equal(t, []string{"flow.a 2", "flow.a 3", "flow.b 4", "flow.b 5", "flow.b 6", "flow.b 7", "flow.m 18"}, p.past())
	for _, rec := range []*record.Record{second, third, fourth} {
		if _, ok, _ := p.records().Text(rec.ConfigHash); !ok || !p.has(rec) {
			t.Errorf("run %s lost its output or its manifest", rec.RunID)
		}
	}
	if p.has(first) {
		t.Error("run 1 has its output still")
	}
	again, err := p.collect(gc.Options{Pinned: []string{"4"}})
	p.must(err)
	equal(t, []gc.Item{}, again.Items)
	garbage, err = p.collect(gc.Options{})
	p.must(err)
	equal(t, "run flow.b 4", kinds(garbage)[0])
}

// Only what has a name that flowrider gives is its own.
func TestOtherFilesStay(t *testing.T) {
	p := newProject(t)
	p.must(p.records().Prepare())
	leftover := ".x.tmp.01JDJ1S3V0000000000000000A"
	attempt := "01JDJ1S3V0000000000000000B"
	stay := []string{
		".flowrider/.gitignore", ".flowrider/blobs/notes.txt", ".flowrider/manifests/aa/notes.txt", ".flowrider/logs/a/notes.txt",
		".flowrider/bundles/a/notes/x", ".flowrider/cache/x", ".flowrider/displaced/x/" + leftover, ".flowrider/aside/runs/a.json.1234",
		".flowrider/exec/" + attempt + "/x", ".flowrider/history/33.log.damaged." + attempt, ".flowrider/logs/a/" + attempt + ".log",
		".flowrider/workspace-x", "runs/README.md", "src/" + leftover,
	}
	for _, name := range append(stay,
		"runs/"+leftover, "runs/@prod/"+leftover, ".flowrider/"+leftover, ".flowrider/history/"+leftover, ".flowrider/manifests/aa/"+leftover,
		".flowrider/blobs/"+leftover+"/content", ".flowrider/bundles/a/"+attempt+"/x/y", ".flowrider/bundles/a/key/"+attempt+".scratch/z",
		".flowrider/logs/a/01JDJ1S3V0000000000000000C.log",
	) {
		p.must(os.MkdirAll(filepath.Join(p.root, filepath.Dir(name)), 0o755))
		p.must(os.WriteFile(filepath.Join(p.root, name), []byte("x"), 0o644))
	}
	p.must(p.records().PutAttempt(schema.Address{Block: "flow", Name: "a"}, record.Attempt{ID: attempt, Log: ".flowrider/logs/a/" + attempt + ".log"}))
	garbage, err := p.collect(gc.Options{})
	p.must(err)
	equal(t, gc.Kept{Undeclared: []string{}, Displaced: 1, DisplacedSize: 1, Damaged: []string{}}, garbage.Kept)
	want := append(slices.Clone(stay), ".flowrider/attempts/a.json")
	slices.Sort(want)
	got := p.files()
	slices.Sort(got)
	equal(t, want, got)
}

// What is young stays, and what it refers to.
func TestOlderThan(t *testing.T) {
	p := newProject(t)
	old, young := p.ran("a", "1", "one"), p.ran("a", "2", "two")
	young.Started, young.ConfigHash = now.Add(-time.Minute), digestOf("younger")
	p.must(p.records().Append(young))
	for _, name := range p.files() {
		p.must(os.Chtimes(filepath.Join(p.root, name), now.Add(-time.Hour), now.Add(-time.Hour)))
	}
	_, err := p.collect(gc.Options{OlderThan: 30 * time.Minute})
	p.must(err)
	equal(t, []string{"flow.a 2"}, p.past())
	if p.has(old) || !p.has(young) {
		t.Errorf("old %v, young %v", p.has(old), p.has(young))
	}
}

// In doubt nothing is removed.
func TestInDoubt(t *testing.T) {
	for name, text := range map[string]string{
		"runs/a.json": "{", "runs/@prod/a.json": "<<<<<<< a\n=======\n>>>>>>> b\n", "runs/b.json": `{"schema": 2}`,
		".flowrider/history/00.log": "FRH2\nnew\n",
	} {
		t.Run(name, func(t *testing.T) {
			p := newProject(t)
			p.ran("m", "1", "one")
			p.must(os.MkdirAll(filepath.Join(p.root, filepath.Dir(name)), 0o755))
			p.must(os.WriteFile(filepath.Join(p.root, name), []byte(text), 0o644))
			before := p.files()
			_, err := p.collect(gc.Options{})
			if err == nil || !strings.HasPrefix(err.Error(), "nothing is removed, since nobody can tell what is still needed: "+name) {
				t.Errorf("%v", err)
			}
			equal(t, before, p.files())
		})
	}
}

// A damaged log of the history stays as it is, with all that it names.
func TestDamagedHistory(t *testing.T) {
	p := newProject(t)
	rec := p.ran("a", "1", "one")
	var log string
	for _, name := range p.files() {
		if strings.HasPrefix(name, ".flowrider/history/") {
			log = filepath.Join(p.root, name)
		}
	}
	data, err := os.ReadFile(log)
	p.must(err)
	p.must(os.WriteFile(log, append(data, "garbage\n"...), 0o644))
	garbage, err := p.collect(gc.Options{})
	p.must(err)
	if len(garbage.Items) > 0 || len(garbage.Kept.Damaged) != 1 || !p.has(rec) {
		t.Errorf("%+v", garbage)
	}
}

// sample is a project with something of every kind to remove, and what has to
// stay.
func sample(t testing.TB) (p *project, stay []*record.Record) {
	p = newProject(t)
	selected := p.ran("a", "1", "one")
	p.selects(selected)
	confirmed := p.ran("b", "2", "two")
	confirmed.Equivalent = []record.Equivalent{{RunID: "3", ConfigHash: digestOf("b3"), Finished: now}}
	p.must(p.records().Append(confirmed))
	p.selects(confirmed)
	gone := p.ran("a", "4", "four")
	gone.Equivalent = []record.Equivalent{{RunID: "5", ConfigHash: digestOf("z"), Finished: now}}
	p.must(p.records().Append(gone))
	p.selects(p.ran("old", "6", "six"))
	p.must(p.records().PutAttempt(schema.Address{Block: "flow", Name: "old"}, record.Attempt{ID: "6"}))
	p.must(os.MkdirAll(filepath.Join(p.root, ".flowrider/bundles/a/01JDJ1S3V0000000000000000B/x"), 0o755))
	return p, []*record.Record{selected, confirmed}
}

// Stopped at each operation as if killed, or with a failing disk: what stays
// is whole, nothing that is left names an output that is gone, and the next gc
// ends where one that was not disturbed does.
func TestFaults(t *testing.T) {
	undisturbed, _ := sample(t)
	_, err := undisturbed.collect(gc.Options{Records: true})
	undisturbed.must(err)
	want := undisturbed.files()
	for _, errno := range []error{nil, syscall.EIO, syscall.ENOSPC} {
		at := 1
		for ; ; at++ {
			p, stay := sample(t)
			faulty := durable.NewFaulty(durable.OS(), durable.Fault{At: at, Err: errno})
			p.backend = faulty
			_, err := p.collect(gc.Options{Records: true})
			p.backend = durable.OS()
			if faulty.Struck() && err == nil && errno == nil {
				t.Errorf("at %d: stopped, and no error", at)
			}
			all, problems := p.records().All()
			for _, selected := range all {
				stay = append(stay, selected.Record)
			}
			entries, _ := p.records().Entries()
			for _, rec := range append(stay, entries...) {
				if !p.has(rec) {
					t.Errorf("%v at %d: run %s of %s is named and its output is gone", errno, at, rec.RunID, rec.Flow)
				}
			}
			for _, rec := range stay[:2] {
				found, problems := p.records().History(rec.ConfigHash)
				if len(found) == 0 || len(problems) > 0 {
					t.Errorf("%v at %d: run %s is not in the history: %v", errno, at, rec.RunID, problems)
				}
			}
			if len(problems) > 0 {
				t.Errorf("%v at %d: %v", errno, at, problems)
			}
			_, err = p.collect(gc.Options{Records: true})
			p.must(err)
			equal(t, want, p.files())
			if !faulty.Struck() || t.Failed() {
				break
			}
		}
		t.Logf("%v: %d operations", errno, at-1)
		if at < 30 {
			t.Errorf("only %d operations", at-1)
		}
	}
}

func TestGarbageAsJSON(t *testing.T) {
	p, _ := sample(t)
	garbage, err := p.collect(gc.Options{})
	p.must(err)
	text, err := json.Marshal(garbage)
	p.must(err)
	if !strings.HasPrefix(string(text), `{"items":[{"kind":"run","flow":"flow.a","run_id":"4","size":`) {
		t.Errorf("%s", text)
	}
}
