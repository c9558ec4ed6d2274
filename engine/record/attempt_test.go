package record_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/record"
)

func TestLastAttempt(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	forest := address(t, `flow.train["a/b"]`)
	equal(t, (*record.Attempt)(nil), s.LastAttempt(forest))
	want := record.Attempt{ID: "01", Failed: true, Reason: "exit status 1", Log: record.LogPath(forest, "01"), Started: time.Unix(0, 0).UTC()}
	must(t, s.PutAttempt(forest, want))
	want.Flow = forest.String()
	equal(t, &want, s.LastAttempt(forest))
	equal(t, []string{".flowrider/.gitignore", ".flowrider/attempts/train/a%2Fb.json"}, names(t, root))
	equal(t, ".flowrider/logs/train/a%2Fb/01.log", want.Log)

	// One that cannot be read, or is another flow's, is as good as none.
	for _, text := range []string{"{", `{"flow": "flow.other"}`} {
		write(t, root, ".flowrider/attempts/train/a%2Fb.json", text)
		equal(t, (*record.Attempt)(nil), s.LastAttempt(forest))
	}
}

func TestAs(t *testing.T) {
	rec := sample("flow.clean", "1")
	rec.Equivalent = []record.Equivalent{{RunID: "2", ConfigHash: hash("4")}, {RunID: "3", ConfigHash: hash("5")}, {RunID: "4", ConfigHash: hash("4")}}
	for digit, want := range map[string][]record.Equivalent{
		"3": nil, "4": rec.Equivalent, "5": rec.Equivalent[:2],
	} {
		as := rec.As(hash(digit))
		if as == nil || as.CurrentHash() != hash(digit) {
			t.Fatalf("%s: %+v", digit, as)
		}
		if diff := cmp.Diff(want, as.Equivalent); diff != "" {
			t.Errorf("%s (-want +got)\n%s", digit, diff)
		}
	}
	equal(t, (*record.Record)(nil), rec.As(hash("6")))
	equal(t, 3, len(rec.Equivalent))
}

// The clock was set back: the ID of the attempt that was cut off says that it is
// the older one, and its number that it is not.
func TestLatestAttemptWhateverTheClockSays(t *testing.T) {
	s := open(t.TempDir())
	clean := address(t, "flow.clean")
	must(t, s.PutAttempt(clean, record.Attempt{ID: "01HZZZZZZZZZZZZZZZZZZZZZZZ", Number: 1, Failed: true, Reason: "exit status 1"}))
	journal, err := s.BeginJournal()
	must(t, err)
	must(t, journal.Intend(clean, record.Attempt{ID: "01GZZZZZZZZZZZZZZZZZZZZZZZ", Number: 2, ConfigHash: hash("1")}))
	must(t, journal.End(false))
	equal(t, 2, s.LatestAttempt(clean).Number)
	_, err = s.Recover(func([]record.Left) (string, error) { return "", nil })
	must(t, err)
	equal(t, 2, s.LastAttempt(clean).Number)
	equal(t, 2, s.LatestAttempt(clean).Number)
}
