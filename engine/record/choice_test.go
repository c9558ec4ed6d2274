package record_test

import (
	"testing"

	"github.com/flowrider/flowrider/engine/record"
)

// lying is a record whose run lies in a store.
func lying(run, store string) *record.Record {
	rec := sample("flow.clean", run)
	rec.Store = store
	return rec
}

func TestAChoiceCountsWhereTheCommittedRecordLiesElsewhere(t *testing.T) {
	const other = "local:01jdj1s3v0000000000000000b"
	for name, c := range map[string]struct {
		committed, choice string // where their runs lie: here, elsewhere, "" for no record
		want, elsewhere   string // runs
	}{
		"no record":             {},
		"a choice alone":        {choice: "here"},
		"committed":             {committed: "here", want: "committed"},
		"committed, and choice": {committed: "here", choice: "here", want: "committed"},
		"elsewhere":             {committed: "elsewhere", want: "committed", elsewhere: "committed"},
		"elsewhere, and choice": {committed: "elsewhere", choice: "here", want: "choice", elsewhere: "committed"},
		"no store":              {committed: "nowhere", choice: "here", want: "committed"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			here, err := open(root).StoreID()
			must(t, err)
			stores := map[string]string{"here": here, "elsewhere": other, "nowhere": ""}
			if c.committed != "" {
				must(t, open(root).Select(lying("committed", stores[c.committed])))
			}
			if c.choice != "" {
				must(t, open(root).Choose(lying("choice", stores[c.choice])))
			}
			selection, problem := open(root).Selection(address(t, "flow.clean"))
			if problem != nil {
				t.Fatal(problem)
			}
			runOf := func(rec *record.Record) string {
				if rec == nil {
					return ""
				}
				return rec.RunID
			}
			equal(t, c.want, runOf(selection.Record))
			equal(t, c.elsewhere, runOf(selection.Elsewhere))
			if c.committed != "" {
				equal(t, "committed", runOf(selection.Committed()))
			}
		})
	}
}

// Without an ID of this machine's store, as in a fresh clone, every store is
// elsewhere, and nothing is made to find that out.
func TestReadingASelectionMakesNoStore(t *testing.T) {
	root := t.TempDir()
	must(t, open(root).Select(lying("1", "local:01jdj1s3v0000000000000000b")))
	selection, problem := open(root).Selection(address(t, "flow.clean"))
	if problem != nil || selection.Elsewhere == nil {
		t.Fatalf("%+v, %v", selection, problem)
	}
	if id, err := open(root).KnownStoreID(); id != "" || err != nil {
		t.Errorf("store %q, %v", id, err)
	}
}

func TestAChoiceThatIsNotBelievedCountsAsNone(t *testing.T) {
	root := t.TempDir()
	must(t, open(root).Select(lying("1", "local:01jdj1s3v0000000000000000b")))
	must(t, open(root).Choose(lying("2", "")))
	write(t, root, ".flowrider/selected/clean.json", "{\n")
	selection, problem := open(root).Selection(address(t, "flow.clean"))
	if selection.Record != nil || selection.Elsewhere == nil || problem == nil {
		t.Fatalf("%+v, %v", selection, problem)
	}
	equal(t, ".flowrider/selected/clean.json is cut short", problem.Error())
	must(t, open(root).Choose(lying("3", "")))
	selection, problem = open(root).Selection(address(t, "flow.clean"))
	if problem != nil {
		t.Fatal(problem)
	}
	equal(t, "3", selection.Record.RunID)
}

func TestSelectHereLeavesTheCommittedRecord(t *testing.T) {
	root := t.TempDir()
	store := open(root)
	here, err := store.StoreID()
	must(t, err)
	elsewhere, mine := lying("1", "local:01jdj1s3v0000000000000000b"), lying("2", here)
	must(t, store.Select(elsewhere))
	must(t, store.SelectHere(mine, elsewhere, ""))
	kept, _ := store.Committed(address(t, "flow.clean"))
	equal(t, "1", kept.RunID)

	// Under another name both are, and nothing stands under the old one.
	renamed := record.Selection{Record: mine, Elsewhere: elsewhere}.Renamed(address(t, "flow.tidy"))
	must(t, store.SelectHere(renamed.Record, renamed.Elsewhere, "flow.clean"))
	selection, problem := store.Selection(address(t, "flow.tidy"))
	if problem != nil {
		t.Fatal(problem)
	}
	equal(t, []string{"2", "1"}, []string{selection.Record.RunID, selection.Elsewhere.RunID})
	if before, _ := store.Selection(address(t, "flow.clean")); before.Record != nil || before.Elsewhere != nil {
		t.Errorf("still there: %+v", before)
	}

	// Without one that is to stay the record is committed.
	must(t, store.SelectHere(renamed.Record, nil, ""))
	kept, _ = store.Committed(address(t, "flow.tidy"))
	equal(t, "2", kept.RunID)
}

func TestSharedHash(t *testing.T) {
	rec := sample("flow.clean", "1")
	equal(t, hash("3"), rec.Shared())
	equal(t, hash("5"), rec.SharedAs(hash("5")).Shared())
	equal(t, hash("5"), rec.SharedAs(hash("5")).SharedAs("").Shared())
	equal(t, rec, rec.SharedAs(hash("5")).SharedAs(hash("3"))) // the same as its own is not said
	rec.Equivalent = []record.Equivalent{{RunID: "0", ConfigHash: hash("8")}, {RunID: "2", ConfigHash: hash("9")}}
	equal(t, hash("9"), rec.Shared())
	shared := rec.SharedAs(hash("5"))
	equal(t, hash("5"), shared.Shared())
	equal(t, "", rec.Equivalent[1].SharedHash) // the other record's
	equal(t, hash("9"), shared.CurrentHash())
	equal(t, hash("8"), shared.As(hash("8")).Shared())
}
