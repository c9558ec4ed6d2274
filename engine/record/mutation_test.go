package record_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine/record"
)

// mutations of data: at each position a bit flipped, a byte put in, a byte
// taken out, two bytes exchanged, and the end cut off. Seeded.
func mutations(data []byte, do func(kind string, mutant []byte)) int {
	random := rand.New(rand.NewPCG(3, 4))
	for at := range data {
		m := bytes.Clone(data)
		m[at] ^= 1 << random.IntN(8)
		do("flipped", m)
		do("inserted", slices.Insert(bytes.Clone(data), at, byte(random.IntN(256))))
		do("deleted", slices.Delete(bytes.Clone(data), at, at+1))
		do("cut", data[:at])
		m = bytes.Clone(data)
		other := random.IntN(len(data))
		m[at], m[other] = m[other], m[at]
		do("exchanged", m)
	}
	return 5 * len(data)
}

// A record that was changed anywhere is named, or it says the very same.
func TestRecordMutations(t *testing.T) {
	rec := sample("flow.clean", "17")
	rec.Equivalent = []record.Equivalent{{RunID: "18", ConfigHash: hash("4"), Finished: rec.Started}}
	root := t.TempDir()
	s := open(root)
	must(t, s.Select(rec))
	want, _ := s.Selected(address(t, "flow.clean"))
	same := 0
	count := mutations([]byte(read(t, root, "runs/clean.json")), func(kind string, mutant []byte) {
		got, problem := record.Parse(mutant)
		switch {
		case got == nil && problem == nil:
			t.Errorf("%s: neither believed nor named:\n%s", kind, mutant)
		case got != nil && !reflect.DeepEqual(got, want):
			t.Errorf("%s: believed:\n%s", kind, mutant)
		case got != nil:
			same++
		}
	})
	t.Logf("%d mutations, of which %d say the same", count, same)
	if count < 5000 || same > count/10 {
		t.Errorf("%d mutations, of which %d say the same", count, same)
	}
}

// Lines of a record are moved, doubled, and taken from another record.
func TestRecordLinesExchanged(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	must(t, s.Select(sample("flow.other", "16")))
	must(t, s.Select(sample("flow.clean", "17")))
	want, _ := s.Selected(address(t, "flow.clean"))
	lines := strings.SplitAfter(read(t, root, "runs/clean.json"), "\n")
	foreign := strings.SplitAfter(read(t, root, "runs/other.json"), "\n")
	for i := range lines {
		for j := range lines {
			swapped := slices.Clone(lines)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			doubled := slices.Insert(slices.Clone(lines), i, lines[j])
			mixed := slices.Clone(lines)
			mixed[i] = foreign[j%len(foreign)]
			for _, mutant := range [][]string{swapped, doubled, mixed} {
				got, problem := record.Parse([]byte(strings.Join(mutant, "")))
				if got == nil && problem == nil || got != nil && !reflect.DeepEqual(got, want) {
					t.Errorf("believed or silent: %v\n%s", problem, strings.Join(mutant, ""))
				}
			}
		}
	}
}

// A history that was changed anywhere gives no record that was not put in.
// What is missing is named, but for the last entry, which a crash may have
// torn.
func TestHistoryMutations(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	var all []*record.Record
	for _, runID := range []string{"1", "2", "3"} {
		rec := sample("flow.clean", runID)
		rec.Outputs, rec.Parameters = nil, nil // shorter, so that all positions are tried
		must(t, s.Append(rec))
	}
	data := []byte(read(t, root, ".flowrider/history/33.log"))
	all, _ = s.History(hash("3"))
	equal(t, 3, len(all))
	last := bytes.LastIndexByte(data[:len(data)-1], '\n') + 1
	count := mutations(data, func(kind string, mutant []byte) {
		found, problems := record.SearchHistory(mutant, hash("3"))
		for _, rec := range found {
			if !slices.ContainsFunc(all, func(r *record.Record) bool { return reflect.DeepEqual(r, rec) }) {
				t.Errorf("%s: believed %v", kind, rec)
			}
		}
		changed := 0
		for changed < len(mutant) && changed < len(data) && mutant[changed] == data[changed] {
			changed++
		}
		if len(found) < 3 && len(problems) == 0 && changed < last && kind != "cut" {
			t.Errorf("%s at %d: lost in silence", kind, changed)
		}
	})
	if count < 5000 {
		t.Errorf("only %d mutations", count)
	}
}

func TestTextMutations(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	text := "flowrider-manifest 1\nrunner command\nargv [\"sh\",\"-c\",\"echo a\"]\n" + strings.Repeat("line\n", 100)
	for _, digest := range []string{digestOf(text), hash("7")} { // of the text; of something else
		must(t, s.PutText(digest, text))
		digits := strings.TrimPrefix(digest, "h1:")
		data := []byte(read(t, root, ".flowrider/manifests/"+digits[:2]+"/"+digits))
		count := mutations(data, func(kind string, mutant []byte) {
			if got, ok := record.VerifyText(digest, mutant); ok && got != text {
				t.Errorf("%s: believed %q", kind, got)
			}
		})
		if count < 2000 {
			t.Errorf("only %d mutations", count)
		}
	}
}
