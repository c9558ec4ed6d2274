package record_test

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/schema"
)

func instance(name, key string) schema.Address { return schema.FlowAddress(name).Instance(key) }

func TestFileNames(t *testing.T) {
	for _, c := range []struct {
		address schema.Address
		want    string
	}{
		{schema.FlowAddress("clean"), "clean.json"},
		{schema.FlowAddress("Übung"), "%C3%9Cbung.json"},
		{instance("train", "forest"), "train/forest.json"},
		{instance("train", ""), "train/%.json"},
		{instance("train", "."), "train/%2E.json"},
		{instance("train", ".."), "train/%2E..json"},
		{instance("train", ".hidden"), "train/%2Ehidden.json"},
		{instance("train", "v1.2"), "train/v1.2.json"},
		{instance("train", "a/b"), "train/a%2Fb.json"},
		{instance("train", "a%2Fb"), "train/a%252Fb.json"},
		{instance("train", "../../etc/passwd"), "train/%2E.%2F..%2Fetc%2Fpasswd.json"},
		{instance("train", `a\b`), "train/a%5Cb.json"},
		{instance("train", "-rf *\n"), "train/-rf%20%2A%0A.json"},
		{instance("train", "@prod"), "train/%40prod.json"},
		{instance("train", strings.Repeat("k", 120)), "train/" + strings.Repeat("k", 120) + ".json"},
		{instance("train", strings.Repeat("k", 121)), "train/" + strings.Repeat("k", 80) + "%~cea82bb5d4b3d1dc5d1c5d53ba71fe7e.json"},
		{instance("train", strings.Repeat("ü", 50)), "train/" + strings.Repeat("%C3%BC", 13) + "%~aa.json"},
	} {
		got := record.FileName(c.address)
		if want, _, cut := strings.Cut(c.want, "%~"); cut { // the digest itself is not the point
			if head, digest, ok := strings.Cut(got, "%~"); !ok || head != want || len(digest) != 32+len(".json") {
				t.Errorf("%s: %s", c.address, got)
			}
			continue
		}
		equal(t, c.want, got)
	}
}

// Any two different keys have different file names, none leads out of its
// folder, none is hidden, and all are short enough with a temporary name.
func TestFileNamesOfAnyKeys(t *testing.T) {
	key := rapid.OneOf(rapid.String(), rapid.StringMatching(`[./%~ab]{0,5}`), rapid.StringN(100, 300, -1),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	rapid.Check(t, func(t *rapid.T) {
		a, b := key.Draw(t, "a"), key.Draw(t, "b")
		nameA, nameB := record.FileName(instance("f", a)), record.FileName(instance("f", b))
		if (a == b) != (nameA == nameB) {
			t.Fatalf("%q and %q: %s and %s", a, b, nameA, nameB)
		}
		base, ok := strings.CutPrefix(nameA, "f/")
		if !ok || strings.ContainsAny(base, "/\\\x00") || strings.HasPrefix(base, ".") || !filepath.IsLocal(nameA) ||
			len(base) > 140 || !utf8.ValidString(base) || base != strings.TrimSpace(base) {
			t.Fatalf("%q: %q", a, nameA)
		}
	})
}

func TestAnyKeyCanBeRecorded(t *testing.T) {
	for _, key := range []string{"", ".", "..", "/", "\x00", "a\nb", "${x}", `"`, `\`, strings.Repeat("long ", 200), "日本", "%41", "A"} {
		s := open(t.TempDir())
		a := instance("train", key)
		must(t, s.Select(sample(a.String(), "1")))
		rec, problem := s.Selected(a)
		if problem != nil || rec == nil || rec.Flow != a.String() {
			t.Errorf("%q: %v, %v", key, rec, problem)
		}
		all, problems := s.All()
		if len(all) != 1 || len(problems) > 0 || all[0].Address != a {
			t.Errorf("%q: %v, %v", key, all, problems)
		}
	}
}

// Names that differ only in case are one file on some machines of the team.
func TestCaseTwins(t *testing.T) {
	for _, c := range [][2]string{
		{`flow.train["UK"]`, `flow.train["uk"]`},
		{"flow.Clean", "flow.clean"},
		{`flow.Train["a"]`, `flow.train["b"]`},
	} {
		s := open(t.TempDir())
		must(t, s.Select(sample(c[0], "1")))
		must(t, s.Select(sample(c[0], "2")))
		err := s.Select(sample(c[1], "1"))
		if err == nil || !strings.Contains(err.Error(), "differ only in case") {
			t.Errorf("%s after %s: %v", c[1], c[0], err)
		}
		for _, addresses := range [][]schema.Address{
			{address(t, c[0]), address(t, c[1])}, {address(t, c[1]), address(t, c[0])},
		} {
			err := record.CheckNames(addresses)
			if err == nil || !strings.Contains(err.Error(), c[0]+" and "+c[1]+" differ only in case") {
				t.Errorf("%v: %v", c, err)
			}
		}
	}
	must(t, record.CheckNames([]schema.Address{
		address(t, "flow.a"), address(t, `flow.a["x"]`), address(t, `flow.a["y"]`), address(t, "flow.ab"), address(t, `flow.b["x"]`),
	}))
}

// Once the twin is gone, the name is free.
func TestCaseTwinThatIsGone(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	must(t, s.Select(sample("flow.Clean", "1")))
	dir, err := s.OpenRuns()
	must(t, err)
	must(t, dir.Remove("Clean.json"))
	must(t, s.Select(sample("flow.clean", "1")))
	equal(t, []string{"runs/clean.json"}, names(t, root))
}
