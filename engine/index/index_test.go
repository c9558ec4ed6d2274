package index

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

const device = 7

// at is a moment, in milliseconds.
func at(ms int64) Time { return Time{ms / 1000, ms % 1000 * int64(time.Millisecond)} }

// file is a file that was last written at a moment.
func file(ms int64) Status {
	return Status{Mode: 0o100644, Size: 3, Mtime: at(ms), Ctime: at(ms), Inode: 5, Device: device}
}

// passAt is a pass over an index at a moment.
func passAt(x *Index, ms int64) *Pass {
	return &Pass{index: x, reference: reference{device: device, at: at(ms), margin: marginLocal}}
}

func newIndex() *Index { return &Index{state: usable, entries: map[string]*entry{}} }

// open opens an index in a folder, as a new process would.
func open(dir string) *Index { return Open(dir, func() error { return nil }, false).Of("/root") }

func checkKnown(t *testing.T, p *Pass, path string, s Status, want bool) {
	t.Helper()
	if digest, ok := p.Digest(path, s); ok != want || ok && digest != "d" {
		t.Errorf("%s is known: %v (%q), want %v", path, ok, digest, want)
	}
}

func TestSettled(t *testing.T) {
	older := file(1000)
	older.Mtime = at(100)
	restored := file(100)
	restored.Ctime = at(1000)
	future := file(1000)
	future.Mtime = Time{math.MaxInt64, 999_999_999}
	elsewhere := file(1000)
	elsewhere.Device++
	for _, c := range []struct {
		name   string
		status Status
		now    int64
		want   bool
	}{
		{"long ago", file(1000), 2000, true},
		{"just beyond the margin", file(1000), 1021, true},
		{"at the margin", file(1000), 1020, false},
		{"in the same tick", file(1000), 1000, false},
		{"an older mtime does not help", older, 1010, false},
		{"nor does a restored one", restored, 1010, false},
		{"in the future", file(5000), 2000, false},
		{"in the furthest future", future, 2000, false},
		{"on another device", elsewhere, 9000, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := passAt(newIndex(), c.now)
			p.Put("a", c.status, "d")
			checkKnown(t, p, "a", c.status, c.want)
		})
	}
}

// A file of which anything is different is read again.
func TestEverythingIsCompared(t *testing.T) {
	p := passAt(newIndex(), 9000)
	p.Put("a", file(1000), "d")
	checkKnown(t, p, "a", file(1000), true)
	checkKnown(t, p, "b", file(1000), false)
	for i := range reflect.TypeFor[Status]().NumField() {
		changed := file(1000)
		field := reflect.ValueOf(&changed).Elem().Field(i)
		switch value := field.Addr().Interface().(type) {
		case *Time:
			value.Nsec++
		case *int64:
			*value++
		default:
			field.SetUint(field.Uint() + 1)
		}
		if changed == file(1000) {
			t.Fatal("the test changed nothing")
		}
		t.Run(reflect.TypeFor[Status]().Field(i).Name, func(t *testing.T) { checkKnown(t, p, "a", changed, false) })
	}
}

// What was not settled when it was hashed is hashed again, however much later,
// and however often the index was written.
func TestUnsettledStaysSo(t *testing.T) {
	dir := t.TempDir()
	first := open(dir)
	p := first.Begin()
	now := p.reference
	young, old := file(0), file(0)
	young.Device, young.Mtime, young.Ctime = now.device, now.at, now.at
	old.Device = now.device
	p.Put("young", young, "d")
	p.Put("old", old, "d")
	first.save()
	for range 3 {
		x := open(dir)
		p := x.Begin()
		p.reference.at = p.reference.at.plus(time.Hour)
		checkKnown(t, p, "young", young, false)
		checkKnown(t, p, "old", old, true)
		p.Put("other", old, fmt.Sprint(p.reference.at.Nsec)) // so that it is written again
		x.save()
	}
	x := open(dir)
	p = x.Begin()
	p.reference.at = p.reference.at.plus(time.Hour)
	p.Put("young", young, "d")
	checkKnown(t, p, "young", young, true) // read again, and settled now
}

func TestRehashBelievesNothing(t *testing.T) {
	dir := t.TempDir()
	x := open(dir)
	p := x.Begin()
	s := file(0)
	s.Device = p.reference.device
	p.Put("a", s, "d")
	x.save()
	cache := Open(dir, func() error { return nil }, true)
	p = cache.Of("/root").Begin()
	checkKnown(t, p, "a", s, false)
	p.Put("b", s, "d")
	cache.Save()
	p = open(dir).Begin()
	checkKnown(t, p, "a", s, false)
	checkKnown(t, p, "b", s, true)
}

// Two digests of one status are something that no stat shows: neither is
// believed.
func TestTwoDigests(t *testing.T) {
	x := newIndex()
	passAt(x, 9000).Put("a", file(1000), "old")
	passAt(x, 9001).Put("a", file(1000), "d")
	checkKnown(t, passAt(x, 9002), "a", file(1000), false)
}

// A pass that began earlier does not take back what a later one knows.
func TestEarlierPass(t *testing.T) {
	x := newIndex()
	early, late := passAt(x, 1001), passAt(x, 2000)
	late.Put("a", file(1000), "d")
	early.Put("a", file(1000), "d")
	checkKnown(t, late, "a", file(1000), true)
}

func TestClock(t *testing.T) {
	const minute = 60_000
	then := clock{reference: at(100 * minute), boot: "one", offset: int64(time.Hour)}
	back := func(d time.Duration) int64 { return int64(time.Hour - d) }
	for _, c := range []struct {
		name       string
		now        clock
		young, old bool // whether a file written 5 minutes before, or 50, is still known
	}{
		{"goes on", clock{at(101 * minute), "one", then.offset}, true, true},
		{"goes forward", clock{at(200 * minute), "one", then.offset + 1e12}, true, true},
		{"set back a little", clock{at(101 * minute), "one", back(20 * time.Millisecond)}, true, true},
		{"set back", clock{at(101 * minute), "one", back(21 * time.Millisecond)}, false, false},
		{"shows an earlier time", clock{at(100*minute - 1), "one", then.offset}, false, false},
		{"earlier after a start of the machine", clock{at(99 * minute), "two", 5}, false, false},
		{"later after a start of the machine", clock{at(101 * minute), "two", 5}, false, true},
		{"nobody knows whether it was started", clock{at(101 * minute), "", 5}, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newIndex()
			x.clock = then
			p := passAt(x, 100*minute)
			p.Put("young", file(95*minute), "d")
			p.Put("old", file(50*minute), "d")
			x.changed = false
			x.meet(c.now, marginLocal)
			checkKnown(t, p, "young", file(95*minute), c.young)
			checkKnown(t, p, "old", file(50*minute), c.old)
			if x.changed != (!c.young || !c.old) {
				t.Errorf("changed: %v", x.changed)
			}
			p.Put("old", file(50*minute), "d")
			x.meet(c.now, marginLocal)
			checkKnown(t, p, "old", file(50*minute), true) // distrusted once
		})
	}
}

func TestSmallStepsBackAddUp(t *testing.T) {
	x := newIndex()
	x.clock = clock{at(1000), "one", 0}
	p := passAt(x, 1000)
	p.Put("a", file(100), "d")
	x.meet(clock{at(1001), "one", -int64(15 * time.Millisecond)}, marginLocal)
	checkKnown(t, p, "a", file(100), true)
	x.meet(clock{at(1002), "one", -int64(30 * time.Millisecond)}, marginLocal)
	checkKnown(t, p, "a", file(100), false)
}

// Waiting must be worth it: it costs less than to read the files once more.
func TestWait(t *testing.T) {
	large, small, elsewhere := file(1000), file(1000), file(1000)
	large.Size = 100 << 20
	elsewhere.Size, elsewhere.Device = large.Size, device+1
	many := make([]Status, 10_000)
	for i := range many {
		many[i] = small
	}
	for _, c := range []struct {
		name  string
		now   int64
		fresh []Status
		want  time.Duration
	}{
		{"a large file", 1012, []Status{large}, 18 * time.Millisecond},
		{"many files", 1015, many, 15 * time.Millisecond},
		{"a small file", 1015, []Status{small}, 0},
		{"nothing", 1015, nil, 0},
		{"settled", 1021, []Status{large}, 0},
		{"too fresh for any wait", 1000, []Status{large}, 0},
		{"in the future", 900, []Status{large}, 0},
		{"on another device", 1015, []Status{elsewhere}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := passAt(nil, c.now).reference.pause(c.fresh); got != c.want {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestFilesThatNobodyLooksAtAreDropped(t *testing.T) {
	dir := t.TempDir()
	s := file(0)
	for i := range maxUnseen + 3 {
		x := open(dir)
		p := x.Begin()
		s.Device = p.reference.device
		if i == 0 {
			p.Put("gone", s, "d")
		} else if known := x.entries["gone"] != nil; known != (i <= maxUnseen+1) {
			t.Errorf("known in round %d: %v", i, known)
		}
		p.Put("kept", s, fmt.Sprint(i))
		x.save()
	}
}

func TestNothingIsWrittenWithoutNeed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "files")
	x := open(dir)
	if _, err := os.Lstat(dir); err == nil {
		t.Fatal("a folder before the first pass")
	}
	p := x.Begin()
	s := file(0)
	s.Device = p.reference.device
	p.Put("a", s, "d")
	x.save()
	check(t, os.Remove(x.file()))
	for range 2 {
		p.Put("a", s, "d")
		p.Digest("a", s)
		x.save()
	}
	if _, err := os.Lstat(x.file()); err == nil {
		t.Error("written although nothing has changed")
	}
}

// Where no time can be asked for, nothing is known and nothing kept.
func TestUseless(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(dir string) error
	}{
		{"the folder is a file", func(dir string) error { return os.WriteFile(dir, nil, 0o644) }},
		{"the probe is a link", func(dir string) error {
			return errors.Join(os.Mkdir(dir, 0o755), os.Symlink("/dev/null", filepath.Join(dir, probe)))
		}},
		{"the probe is a folder", func(dir string) error { return os.MkdirAll(filepath.Join(dir, probe), 0o755) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "files")
			check(t, c.make(dir))
			if open(dir).Begin() != nil {
				t.Error("a pass began")
			}
		})
	}
	refused := Open(filepath.Join(t.TempDir(), "files"), func() error { return errors.New("read-only") }, false)
	p := refused.Of("/root").Begin()
	p.Put("a", file(0), "d") // on nil, as all that follows
	checkKnown(t, p, "a", file(0), false)
	p.Wait([]Status{file(0)})
	refused.Save()
	if _, err := os.Lstat(refused.dir); p.Fresh(file(0)) || err == nil {
		t.Error("something was made")
	}
}

func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	check(t, os.WriteFile(filepath.Join(dir, ".tmp-123"), nil, 0o644))
	cache := Open(dir, func() error { return nil }, false)
	x := cache.Of("/root")
	p := x.Begin()
	p.Put("a", file(0), "d")
	cache.Save()
	cache.RemoveLeftovers()
	names, err := os.ReadDir(dir)
	check(t, err)
	if len(names) != 2 || names[0].Name() == ".tmp-123" {
		t.Errorf("left: %v", names)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
