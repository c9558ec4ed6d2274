package record_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/boot"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/testenv"
	"github.com/flowrider/flowrider/schema"
)

// attemptID is a ULID, the later the greater n is.
func attemptID(n int) string { return fmt.Sprintf("01JDJ1S3V0000000000000%04d", n) }

// steps are what is written down of an attempt that succeeds, in order.
func steps(s *record.Store, j *record.Journal, id string, rec *record.Record) []func() error {
	clean, _ := schema.ParseAddress(rec.Flow)
	draft := *rec
	draft.RunID, draft.Outputs = "", nil
	return []func() error{
		func() error {
			return j.Intend(clean, record.Attempt{ID: id, Log: record.LogPath(clean, id), ConfigHash: rec.ConfigHash, Started: rec.Started})
		},
		func() error { return j.Start(id, os.Getpid()) },
		func() error { return j.Exit(id, record.Exit{Draft: &draft}) },
		func() error { return j.Verify(id, s.Witnessed(record.Success{Records: []*record.Record{rec}})) },
		func() error { return j.Commit(id, rec) },
	}
}

// dead makes the journal of an apply that died after so many steps of an
// attempt at the flow.
func dead(t *testing.T, s *record.Store, id string, rec *record.Record, count int) {
	t.Helper()
	j, err := s.BeginJournal()
	must(t, err)
	for _, step := range steps(s, j, id, rec)[:count] {
		must(t, step())
	}
	must(t, j.End(false)) // as if killed: a journal without its end
}

func sweepNothing([]record.Left) (string, error) { return "", nil }

// What becomes of an attempt whose apply died depends on how far it had come.
func TestRecover(t *testing.T) {
	clean := address(t, "flow.clean")
	id := attemptID(1)
	for _, test := range []struct {
		name     string
		steps    int
		place    bool // the bundle is still there
		recorded bool
		finished bool
		attempt  string // how the flow's last attempt ended
	}{
		{"before anything was started", 0, false, false, false, "none"},
		{"intent", 1, true, false, false, "cut off"},
		{"started", 2, true, false, false, "cut off"},
		{"exited", 3, true, false, true, "none"},
		{"exited, and its place is gone", 3, false, false, false, "cut off"},
		{"verified", 4, true, true, false, "succeeded"},
		{"verified, and its place is gone", 4, false, true, false, "succeeded"},
		{"committed", 5, true, false, false, "none"}, // it had been recorded, which this test does not do
	} {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			s := open(root)
			rec := sample("flow.clean", "17")
			dead(t, s, id, rec, test.steps)
			if test.place {
				must(t, os.MkdirAll(filepath.Join(root, record.WorkPath(clean), id), 0o755))
			}
			var swept []record.Left
			found, err := open(root).Recover(func(left []record.Left) (string, error) {
				swept = append(swept, left...)
				return "process 17 (sleep)", nil
			})
			must(t, err)
			left := record.Left{Apply: must1(s.Applies())[0].ID}
			if test.steps > 1 {
				left.Processes = []record.Process{{PID: os.Getpid(), Born: boot.Born(os.Getpid())}}
			}
			equal(t, []record.Left{left}, swept)
			equal(t, "ended process 17 (sleep), left by an apply that died", found.Notes[0])
			selected, problem := s.Selected(clean)
			if problem != nil || (selected != nil) != test.recorded {
				t.Errorf("selected %v, %v", selected, problem)
			}
			if test.recorded {
				past, problems := s.History(rec.ConfigHash)
				if len(past) != 1 || len(problems) > 0 {
					t.Fatalf("history %v, %v", past, problems)
				}
				for _, kept := range []*record.Record{selected, past[0]} {
					equal(t, encoded(t, rec), encoded(t, kept))
				}
			}
			equal(t, test.finished, len(found.Finished) == 1)
			equal(t, test.attempt, endOf(s.LastAttempt(clean)))
			applies, problems := s.Applies()
			equal(t, 0, len(problems))
			equal(t, !test.finished, applies[0].Ended)

			// Once more there is nothing to do, but for what waits for an apply.
			before := tree(t, root)
			again, err := open(root).Recover(sweepNothing)
			must(t, err)
			equal(t, test.finished, len(again.Finished) == 1)
			equal(t, 0, len(again.Notes))
			equal(t, before, tree(t, root))
		})
	}
}

func encoded(t *testing.T, rec *record.Record) string {
	t.Helper()
	text, err := record.Encode(rec)
	must(t, err)
	return string(text)
}

func endOf(attempt *record.Attempt) string {
	switch {
	case attempt == nil:
		return "none"
	case attempt.Succeeded():
		return "succeeded"
	case strings.HasPrefix(attempt.Reason, "cut off"):
		return "cut off"
	}
	return attempt.Reason
}

// tree are the contents of all files below a folder.
func tree(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	must(t, filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			data, readErr := os.ReadFile(path)
			files[path], err = string(data), readErr
		}
		return err
	}))
	return files
}

// A run that was found good and not recorded is selected if what it was to take
// the place of still stands, or nothing is left of it to do. Where something
// else has been selected since, be it by git or by a newer run, that stays: the
// run is in the history, for plan to choose.
func TestVerifiedRunIsOvertaken(t *testing.T) {
	clean, former := address(t, "flow.clean"), address(t, "flow.washed")
	old, fresh, other := sample("flow.clean", "16"), sample("flow.clean", "17"), sample("flow.clean", "18")
	moved, elsewhere := sample("flow.washed", "16"), sample("flow.clean", "15")
	for _, test := range []struct {
		name       string
		success    record.Success
		before     func(*record.Store) error // what stood when the run was found good
		meanwhile  func(*record.Store) error
		want       *record.Record
		wantFormer bool
	}{
		{"nothing stood", record.Success{}, nil, nil, fresh, false},
		{"one came", record.Success{}, nil, selecting(other), other, false},
		{"one stood", record.Success{}, selecting(old), nil, fresh, false},
		{"it was exchanged", record.Success{}, selecting(old), selecting(other), other, false},
		{"it went", record.Success{}, selecting(old), forgetting(clean), nil, false},
		{"recorded already", record.Success{}, selecting(old), selecting(fresh), fresh, false},
		{"moved", record.Success{Former: "flow.washed"}, selecting(moved), nil, fresh, false},
		{"half moved", record.Success{Former: "flow.washed"}, selecting(moved), selecting(fresh), fresh, false},
		{"all moved but for the end", record.Success{Former: "flow.washed"}, selecting(moved), func(s *record.Store) error {
			return errors.Join(s.Select(fresh), s.Forget(former))
		}, fresh, false},
		{"another one under the former address", record.Success{Former: "flow.washed"}, selecting(moved),
			selecting(sample("flow.washed", "19")), nil, true},
		{"half moved, and it stays elsewhere", record.Success{Former: "flow.washed", Elsewhere: elsewhere}, selecting(moved), selecting(elsewhere), elsewhere, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(t.TempDir())
			if test.before != nil {
				must(t, test.before(s))
			}
			test.success.Records = []*record.Record{fresh}
			j, err := s.BeginJournal()
			must(t, err)
			must(t, j.Intend(clean, record.Attempt{ID: attemptID(1)}))
			must(t, j.Verify(attemptID(1), s.Witnessed(test.success)))
			must(t, j.End(false))
			if test.meanwhile != nil {
				must(t, test.meanwhile(s))
			}
			_, err = s.Recover(sweepNothing)
			must(t, err)
			selected, problem := s.Committed(clean)
			if problem != nil {
				t.Fatal(problem)
			}
			equal(t, runOf(test.want), runOf(selected))
			left, _ := s.Committed(former)
			equal(t, test.wantFormer, left != nil)
			past, _ := s.History(fresh.ConfigHash)
			equal(t, true, slices.ContainsFunc(past, func(rec *record.Record) bool { return rec.RunID == fresh.RunID }))
			equal(t, true, must1(s.Applies())[0].Ended)
			equal(t, "succeeded", endOf(s.LastAttempt(clean)))
		})
	}
}

func selecting(rec *record.Record) func(*record.Store) error {
	return func(s *record.Store) error { return s.Select(rec) }
}

func forgetting(address schema.Address) func(*record.Store) error {
	return func(s *record.Store) error { return s.Forget(address) }
}

func runOf(rec *record.Record) string {
	if rec == nil {
		return "none"
	}
	return rec.RunID
}

// A run that could not be recorded at one time never takes the place of a newer
// one's record at another.
func TestRunThatCouldNotBeRecordedIsOvertaken(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	dead(t, s, attemptID(1), sample("flow.clean", "17"), 4)
	must(t, os.MkdirAll(filepath.Join(root, "runs/clean.json"), 0o755)) // in the way
	found, err := s.Recover(sweepNothing)
	must(t, err)
	if !strings.Contains(fmt.Sprint(found.Notes), "run 17 has succeeded, and cannot be recorded") {
		t.Errorf("notes %q", found.Notes)
	}
	must(t, os.Remove(filepath.Join(root, "runs/clean.json")))
	must(t, s.Select(sample("flow.clean", "18")))
	_, err = s.Recover(sweepNothing)
	must(t, err)
	selected, _ := s.Selected(address(t, "flow.clean"))
	equal(t, "18", selected.RunID)
}

// What had ended well is not forgotten when an apply that was going on with it
// dies too, before it had written that down.
func TestFinishedRunOutlivesASecondKill(t *testing.T) {
	root := t.TempDir()
	s, rec := open(root), sample("flow.clean", "17")
	must(t, os.MkdirAll(filepath.Join(root, record.WorkPath(address(t, "flow.clean")), attemptID(1)), 0o755))
	dead(t, s, attemptID(1), rec, 3)
	for range 3 {
		found, err := s.Recover(sweepNothing)
		must(t, err)
		equal(t, 1, len(found.Finished))
		if draft := found.Finished[0].Exit.Draft; draft == nil {
			t.Fatal("nothing is known of its end")
		}
		dead(t, s, attemptID(1), rec, 1) // the next one, too
	}
	dead(t, s, attemptID(1), rec, 5)
	_, err := s.Recover(sweepNothing)
	must(t, err)
	for _, apply := range must1(s.Applies()) {
		equal(t, true, apply.Ended)
	}
}

// A journal that cannot be read may be of an apply whose flows still run: they are
// ended by its name, it is named and stays, and the others are finished. Nothing is
// started where not even the names are known.
func TestUnreadableJournalDoesNotKeepOthers(t *testing.T) {
	for name, spoil := range map[string]func(path string){
		"is no file": func(path string) { must(t, os.Remove(path)); must(t, os.Mkdir(path, 0o755)) },
		"no JSON": func(path string) {
			must(t, durable.With(durable.OS()).OpenLog(path, durable.Format{Name: "FRJ", Version: 1}).Append([]byte("x")))
		},
		"its folder": func(path string) {
			must(t, os.RemoveAll(filepath.Dir(path)))
			must(t, os.WriteFile(filepath.Dir(path), nil, 0o644))
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			s := open(root)
			dead(t, s, attemptID(1), sample("flow.clean", "17"), 2)
			spoiled := must1(s.Applies())[0].ID
			dead(t, s, attemptID(2), sample("flow.tidy", "18"), 4)
			spoil(filepath.Join(root, ".flowrider/journal", spoiled))
			var swept []string
			found, err := s.Recover(func(left []record.Left) (string, error) {
				for _, l := range left {
					swept = append(swept, l.Apply)
				}
				return "", nil
			})
			if name != "its folder" {
				must(t, err)
				equal(t, true, slices.Contains(swept, spoiled))
				tidy, _ := s.Selected(address(t, "flow.tidy"))
				equal(t, "18", runOf(tidy))
				if note := found.Notes[0]; !strings.HasPrefix(note, ".flowrider/journal/"+spoiled) || !strings.Contains(note, "make it readable, and apply again, or move it away") {
					t.Errorf("note %q", note)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), ".flowrider/journal") || !strings.Contains(err.Error(), "whether they still run") {
				t.Errorf("err = %v", err)
			}
		})
	}
}

// A run that had ended before the machine was started anew is not believed: what
// it wrote may have been in memory only.
func TestFinishedBeforeAnotherBoot(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	dead(t, s, attemptID(1), sample("flow.clean", "17"), 3)
	must(t, os.MkdirAll(filepath.Join(root, record.WorkPath(address(t, "flow.clean")), attemptID(1)), 0o755))
	applies, _ := s.Applies()
	name := ".flowrider/journal/" + applies[0].ID
	write(t, root, name, reframed(t, read(t, root, name), applies[0].Boot, "another"))
	found, err := open(root).Recover(sweepNothing)
	must(t, err)
	equal(t, 0, len(found.Finished))
	equal(t, "cut off", endOf(s.LastAttempt(address(t, "flow.clean"))))
}

// reframed is a log in which one text stands for another, with the checksums of
// that.
func reframed(t *testing.T, log, old, text string) string {
	t.Helper()
	format := durable.Format{Name: "FRJ", Version: 1}
	path := filepath.Join(t.TempDir(), "log")
	for _, entry := range durable.ParseLog([]byte(log), format).Entries {
		must(t, durable.With(durable.OS()).OpenLog(path, format).Append([]byte(strings.ReplaceAll(string(entry), old, text))))
	}
	data, err := os.ReadFile(path)
	must(t, err)
	return string(data)
}

// Of two attempts that were cut off the later one is the flow's last, and one
// that another apply has gone on with is over when it is over there.
func TestRecoverSeveral(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	clean := address(t, "flow.clean")
	must(t, os.MkdirAll(filepath.Join(root, record.WorkPath(clean), attemptID(2)), 0o755))
	dead(t, s, attemptID(3), sample("flow.clean", "3"), 2)
	dead(t, s, attemptID(1), sample("flow.clean", "1"), 2)
	dead(t, s, attemptID(2), sample("flow.clean", "2"), 3)
	dead(t, s, attemptID(2), sample("flow.clean", "2"), 5) // which was taken up, and recorded
	equal(t, attemptID(1), s.LatestAttempt(clean).ID)      // of the apply that began last
	found, err := s.Recover(sweepNothing)
	must(t, err)
	equal(t, 0, len(found.Finished))
	equal(t, attemptID(3), s.LastAttempt(clean).ID)
	for _, apply := range must1(s.Applies()) {
		equal(t, true, apply.Ended)
	}
}

func must1(applies []*record.Apply, _ []*record.Problem) []*record.Apply { return applies }

// Of the journals of applies that have ended the last ones are kept.
func TestOldJournalsAreRemoved(t *testing.T) {
	s := open(t.TempDir())
	for range 30 {
		j, err := s.BeginJournal()
		must(t, err)
		must(t, j.End(true))
	}
	all := must1(s.Applies())
	_, err := s.Recover(sweepNothing)
	must(t, err)
	equal(t, all[10:], must1(s.Applies()), cmpopts.IgnoreUnexported(record.Apply{}))
}

// A journal that was changed anywhere gives no run that was not found good, and
// never lets one that was recorded be recorded again. Damage is named with its
// byte, unless the end is torn, as a crash may leave it; a torn end costs no
// entry before it.
func TestT25JournalMutations(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	j, err := s.BeginJournal()
	must(t, err)
	var want []*record.Record
	for i, flow := range []string{"flow.clean", `flow.train["forest"]`} {
		rec := sample(flow, fmt.Sprint(i))
		rec.Outputs, rec.Parameters = nil, nil // shorter
		want = append(want, rec)
		for _, step := range steps(s, j, attemptID(i), rec)[:5-2*i] {
			must(t, step())
		}
	}
	must(t, j.End(false))
	applies, _ := s.Applies()
	data := []byte(read(t, root, ".flowrider/journal/"+applies[0].ID))
	entries := durable.ParseLog(data, durable.Format{Name: "FRJ", Version: 1}).Entries
	lines := strings.SplitAfter(string(data), "\n")
	last := len(data) - len(lines[len(lines)-2]) // where the last entry begins
	named, torn := 0, 0
	count := mutations(data, func(kind string, mutant []byte) {
		apply, problem := record.ParseJournal(mutant)
		if problem != nil {
			named++
		}
		if apply == nil {
			return // named, and nothing is used
		}
		for _, tried := range apply.Tried {
			if tried.Success != nil && !slices.ContainsFunc(want, func(rec *record.Record) bool {
				return rec.RunID == tried.Success.Records[0].RunID && rec.Flow == tried.Success.Records[0].Flow
			}) {
				t.Fatalf("%s: believed %+v", kind, tried.Success.Records[0])
			}
		}
		// Nothing is missing in silence but at the end, as after a crash; and what
		// stands before the end is read.
		read := durable.ParseLog(mutant, durable.Format{Name: "FRJ", Version: 1}).Entries
		if problem == nil && !isPrefix(read, entries) {
			t.Fatalf("%s: lost in silence:\n%s", kind, mutant)
		}
		if len(mutant) >= last && string(mutant[:last]) == string(data[:last]) {
			if torn++; len(read) < len(entries)-1 {
				t.Fatalf("%s: %d of %d entries:\n%s", kind, len(read), len(entries), mutant)
			}
		}
	})
	if count < 10_000 || torn == 0 || named < count/2 {
		t.Errorf("%d mutations, %d named, %d at the end", count, named, torn)
	}
	testenv.Figure(t, "T25", "%d journals with a bit flipped, a byte put in or taken out, two exchanged, or the end cut off: 0 runs believed that were not found good", count)
}

func isPrefix(list, of [][]byte) bool {
	return len(list) <= len(of) && slices.EqualFunc(list, of[:len(list)], bytes.Equal)
}

// A journal that is damaged in the middle is kept before anything is added to
// it, and what it does not say counts as unfinished.
func TestDamagedJournalIsKept(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	dead(t, s, attemptID(1), sample("flow.clean", "17"), 3)
	name := ".flowrider/journal/" + must1(s.Applies())[0].ID
	data := []byte(read(t, root, name))
	at := strings.Index(string(data), `"started"`)
	data[at+3] ^= 1
	write(t, root, name, string(data))
	_, problems := s.Applies()
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), name+" is damaged at byte ") {
		t.Errorf("problems %v", problems)
	}
	equal(t, string(data), read(t, root, name)) // reading repairs nothing
	found, err := s.Recover(sweepNothing)
	must(t, err)
	if !strings.Contains(found.Notes[0], "is damaged at byte") {
		t.Errorf("notes %q", found.Notes)
	}
	kept, _ := filepath.Glob(filepath.Join(root, ".flowrider/aside/journal/*"))
	if len(kept) != 1 {
		t.Fatalf("kept %v", kept)
	}
	copied, err := os.ReadFile(kept[0])
	must(t, err)
	equal(t, string(data), string(copied))
}

// A journal of a newer flowrider stops whoever would record something, and
// stays as it is.
func TestNewerJournalIsLeftAlone(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	dead(t, s, attemptID(1), sample("flow.clean", "17"), 4)
	name := ".flowrider/journal/" + must1(s.Applies())[0].ID
	text := strings.Replace(read(t, root, name), "FRJ1\n", "FRJ2\n", 1)
	write(t, root, name, text)
	if _, err := s.Recover(sweepNothing); err == nil || !strings.Contains(err.Error(), name+" was written by a newer flowrider") {
		t.Errorf("err = %v", err)
	}
	equal(t, text, read(t, root, name))
	if rec, _ := s.Selected(address(t, "flow.clean")); rec != nil {
		t.Error("something was recorded")
	}
}
