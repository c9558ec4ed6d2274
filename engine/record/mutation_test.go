package record_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/testenv"
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
func TestT25RecordMutations(t *testing.T) {
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
	testenv.Figure(t, "T25", "%d records changed in the same ways: 0 believed, but for %d that say the very same", count, same)
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
// What is missing is named, unless its end is torn, as a crash may leave it.
func TestT25HistoryMutations(t *testing.T) {
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
		torn := bytes.HasPrefix(data, mutant) || !bytes.HasSuffix(mutant, []byte("\n"))
		switch {
		case len(found) < 3 && len(problems) == 0 && !torn:
			t.Errorf("%s: lost in silence:\n%s", kind, mutant)
		case len(found) < 2 && kind != "cut" && bytes.HasPrefix(mutant, data[:last]):
			t.Errorf("%s: a whole entry is lost:\n%s", kind, mutant)
		}
	})
	if count < 5000 {
		t.Errorf("only %d mutations", count)
	}
	testenv.Figure(t, "T25", "%d logs of the history: 0 records believed that were not put in", count)
}

func TestT25TextMutations(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	text := "flowrider-manifest 1\nrunner command\nargv [\"sh\",\"-c\",\"echo a\"]\n" + strings.Repeat("line\n", 100)
	total := 0
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
		total += count
	}
	testenv.Figure(t, "T25", "%d manifests: 0 believed", total)
}

// One wrong letter would make another store's ID of this one's.
func TestStoreIDMutations(t *testing.T) {
	root := t.TempDir()
	want, err := open(root).StoreID()
	must(t, err)
	count := mutations([]byte(read(t, root, ".flowrider/store")), func(kind string, mutant []byte) {
		write(t, root, ".flowrider/store", string(mutant))
		got, err := open(root).KnownStoreID()
		if err == nil && got != want || err != nil && !strings.HasPrefix(err.Error(), ".flowrider/store does not hold") {
			t.Errorf("%s: %q, %v", kind, got, err)
		}
	})
	if count < 500 {
		t.Errorf("only %d mutations", count)
	}
}

// An attempt decides nothing: it can be read, or is as good as none.
func TestAttemptMutations(t *testing.T) {
	root := t.TempDir()
	clean := address(t, "flow.clean")
	must(t, open(root).PutAttempt(clean, record.Attempt{ID: "01", Failed: true, Reason: "exit status 1", Log: record.LogPath(clean, "01")}))
	mutations([]byte(read(t, root, ".flowrider/attempts/clean.json")), func(kind string, mutant []byte) {
		write(t, root, ".flowrider/attempts/clean.json", string(mutant))
		if attempt := open(root).LastAttempt(clean); attempt != nil && attempt.Flow != "flow.clean" {
			t.Errorf("%s: %+v", kind, attempt)
		}
	})
}
