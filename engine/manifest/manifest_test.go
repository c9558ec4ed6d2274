package manifest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func fact(path Path, value string) Fact { return Fact{Path: path, Value: value} }

var example = New([]Fact{
	fact(At("runner"), `"metaflow"`),
	fact(At("parameters", "n_gram"), "3"),
	fact(At("parameters", "learning rate"), "0.5"),
	fact(At("parameters", "grid").With(Index(10)), "1"),
	fact(At("parameters", "grid").With(Index(9)), "2"),
	fact(At("entry"), `"pkg/flow.py"`),
})

func TestTextIsReadable(t *testing.T) {
	want := `flowrider manifest 1
entry = "pkg/flow.py"
parameters.grid[9] = 2
parameters.grid[10] = 1
parameters["learning rate"] = 0.5
parameters.n_gram = 3
runner = "metaflow"
`
	if diff := cmp.Diff(want, example.Text()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

// The hash is pinned: a change of the format would rerun every flow of every
// user and must be meant, with a new number in the header.
func TestHashIsPinned(t *testing.T) {
	if got, want := example.Hash(), "h1:"; !strings.HasPrefix(got, want) || len(got) != 67 {
		t.Errorf("hash %q is not h1: and 64 digits", got)
	}
	if got, want := New([]Fact{fact(At("runner"), `"command"`)}).Hash(), "h1:64dd948e79f30a9825027f8b76fce77b78402273e9879969bf269a909cb15abc"; got != want {
		t.Errorf("hash: got %s, want %s", got, want)
	}
}

func TestEachFactChangesTheHash(t *testing.T) {
	for i, f := range example.Facts() {
		changed := example.Facts()
		changed[i] = fact(f.Path, `"other"`)
		if New(changed).Hash() == example.Hash() {
			t.Errorf("the hash does not depend on %s", f.Path)
		}
		if New(append(changed[:i:i], changed[i+1:]...)).Hash() == example.Hash() {
			t.Errorf("the hash does not depend on whether there is a %s", f.Path)
		}
	}
}

func TestKeysAndIndexesDiffer(t *testing.T) {
	list := New([]Fact{fact(At("p").With(Index(0)), "1")})
	object := New([]Fact{fact(At("p").With(Key("0")), "1")})
	if list.Hash() == object.Hash() {
		t.Error(`[1] and {"0" = 1} have one hash`)
	}
	nested := New([]Fact{fact(At("p", "a", "b"), "1")})
	flat := New([]Fact{fact(At("p", "a.b"), "1")})
	if nested.Hash() == flat.Hash() {
		t.Error(`{a = {b = 1}} and {"a.b" = 1} have one hash`)
	}
}

func TestCompare(t *testing.T) {
	old := New([]Fact{fact(At("a"), "1"), fact(At("b", "x"), "1"), fact(At("b", "y"), "2"), fact(At("gone"), "1")})
	now := New([]Fact{fact(At("a"), "2"), {Path: At("b"), Unknown: true}, fact(At("new"), "1")})
	want := []Change{
		{Path: At("a"), Old: "1", New: "2"},
		{Path: At("b"), Old: "2", NewUnknown: true},
		{Path: At("gone"), Old: "1"},
		{Path: At("new"), New: "1"},
	}
	if diff := cmp.Diff(want, Compare(old, now)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestAgrees(t *testing.T) {
	old := New([]Fact{fact(At("a"), "1"), fact(At("b", "x"), "1")})
	for name, c := range map[string]struct {
		now  Manifest
		want bool
	}{
		"same":                       {old, true},
		"unknown leaf":               {New([]Fact{fact(At("a"), "1"), {Path: At("b"), Unknown: true}}), true},
		"known leaf differs":         {New([]Fact{fact(At("a"), "2"), {Path: At("b"), Unknown: true}}), false},
		"unknown and sure to change": {New([]Fact{fact(At("a"), "1"), {Path: At("b"), Unknown: true, Changes: true}}), false},
		"unknown leaf added":         {New([]Fact{fact(At("a"), "1"), fact(At("b", "x"), "1"), {Path: At("c"), Unknown: true}}), false},
		"leaf added":                 {New([]Fact{fact(At("a"), "1"), fact(At("b", "x"), "1"), fact(At("c"), "1")}), false},
		"leaf removed":               {New([]Fact{fact(At("a"), "1")}), false},
	} {
		if got := Agrees(old, c.now); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestUnknownIsNeverHashed(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a manifest with an unknown fact gave a hash")
		}
	}()
	New([]Fact{{Path: At("a"), Unknown: true}}).Hash()
}

func TestDraftReadsBack(t *testing.T) {
	draft := New([]Fact{fact(At("a"), "1"), {Path: At("b", "x"), Unknown: true}, fact(At("b", "y"), `"(known after apply)"`)})
	want := header + "a = 1\nb.x = (known after apply)\nb.y = \"(known after apply)\"\n"
	if diff := cmp.Diff(want, draft.Draft()); diff != "" {
		t.Errorf("draft (-want +got):\n%s", diff)
	}
	back, err := ParseDraft(draft.Draft())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(draft.Facts(), back.Facts()); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	if _, err := Parse(draft.Draft()); err == nil {
		t.Error("a draft was taken for a manifest")
	}
	if diff := cmp.Diff(example.Text(), example.Draft()); diff != "" {
		t.Errorf("the draft of what is known is not its text (-text +draft):\n%s", diff)
	}
}

func TestTextReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := map[string]Fact{}
		for range rapid.IntRange(0, 8).Draw(t, "facts") {
			path := At(rapid.StringMatching(`[a-z]{1,3}`).Draw(t, "label"))
			for range rapid.IntRange(0, 3).Draw(t, "depth") {
				if rapid.Bool().Draw(t, "index") {
					path = path.With(Index(rapid.IntRange(0, 20).Draw(t, "i")))
				} else {
					path = path.With(Key(rapid.String().Draw(t, "key")))
				}
			}
			facts[path.String()] = fact(path, Quote(rapid.String().Draw(t, "value")))
		}
		var list []Fact
		for _, f := range facts {
			list = append(list, f)
		}
		m := New(list)
		back, err := Parse(m.Text())
		if err != nil {
			t.Fatalf("%v in\n%s", err, m.Text())
		}
		if back.Text() != m.Text() {
			t.Fatalf("read back (-want +got):\n%s", cmp.Diff(m.Text(), back.Text()))
		}
	})
}

// Whatever bytes two texts are made of, they are written alike only if they are
// the same.
func TestTwoTextsAreNeverWrittenAlike(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string { // few bytes, so that many texts are near each other
		return string(rapid.SliceOfN(rapid.SampledFrom([]byte("a\"\\u0e9<\n\x00\xc3\xa9\xe8\xe9\xef\xbf\xbd\xe2\x80\xa8")), 0, 6).Draw(t, "bytes"))
	})
	written := map[string]string{}
	rapid.Check(t, func(t *rapid.T) {
		a := text.Draw(t, "text")
		quoted := Quote(a)
		if !json.Valid([]byte(quoted)) {
			t.Fatalf("%q is written as %s, which is not JSON", a, quoted)
		}
		if b, ok := written[quoted]; ok && a != b {
			t.Fatalf("%q and %q are both written as %s", a, b, quoted)
		}
		written[quoted] = a
	})
	if a, b := Quote("caf\xe9"), Quote("caf\xe8"); a == b {
		t.Errorf("two texts in Latin-1 are both written as %s", a)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(example.Text())
	f.Add(header + "a[\"x\"][0].b = {}\n")
	f.Add(header + "a.b = (known after apply)\n")
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := Parse(text); err == nil && m.Text() != text {
			t.Errorf("%q was read as %q", text, m.Text())
		}
		if m, err := ParseDraft(text); err == nil && m.Draft() != text {
			t.Errorf("the draft %q was read as %q", text, m.Draft())
		}
	})
}
