package record_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
)

func runIDs(records []*record.Record) []string {
	var ids []string
	for _, rec := range records {
		ids = append(ids, rec.RunID)
	}
	return ids
}

func TestHistoryFindsByConfigHash(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	put := func(runID, configHash string) {
		rec := sample("flow.clean", runID)
		rec.ConfigHash = configHash
		must(t, s.Append(rec))
	}
	put("1", hash("3"))
	put("2", hash("4"))
	put("3", hash("3"))
	put("4", "h1:33"+strings.Repeat("0", 62)) // the same log, another hash
	put("5", "not a digest")
	for _, reader := range []*record.Store{s, open(root)} {
		for configHash, want := range map[string][]string{
			hash("3"): {"1", "3"}, hash("4"): {"2"}, hash("5"): nil, "": nil,
			"h1:33" + strings.Repeat("0", 62): {"4"}, "not a digest": {"5"}, "h1:33": nil,
		} {
			found, problems := reader.History(configHash)
			equal(t, want, runIDs(found))
			equal(t, nil, problems)
		}
	}
}

// A record is found under the config hash of each of its equivalents too.
func TestHistoryFindsEquivalents(t *testing.T) {
	s := open(t.TempDir())
	rec := sample("flow.clean", "1")
	must(t, s.Append(rec))
	for i, digit := range []string{"4", "5", "4"} {
		rec.Equivalent = append(rec.Equivalent, record.Equivalent{RunID: fmt.Sprint(i + 2), ConfigHash: hash(digit)})
		must(t, s.Append(rec))
	}
	for _, digit := range []string{"3", "4", "5"} {
		found, problems := s.History(hash(digit))
		equal(t, []string{"1"}, runIDs(found))
		equal(t, nil, problems)
		equal(t, 3, len(found[0].Equivalent)) // the last word on this run
	}
}

func TestHistoryKeepsAssertedApart(t *testing.T) {
	s := open(t.TempDir())
	must(t, s.Append(sample("flow.clean", "1")))
	asserted := sample("flow.clean", "1")
	asserted.Asserted = true
	must(t, s.Append(asserted))
	found, _ := s.History(hash("3"))
	equal(t, 2, len(found))
}

func TestHistoryDoesNotGrowByTheSame(t *testing.T) {
	root := t.TempDir()
	for range 3 {
		must(t, open(root).Append(sample("flow.clean", "1")))
	}
	equal(t, 2, strings.Count(read(t, root, ".flowrider/history/33.log"), "\n"))
	equal(t, []string{".flowrider/.gitignore", ".flowrider/history/33.log"}, names(t, root))
}

func TestHistoryDamagedInTheMiddle(t *testing.T) {
	root := t.TempDir()
	s := open(root)
	for _, runID := range []string{"1", "2", "3"} {
		must(t, s.Append(sample("flow.clean", runID)))
	}
	text := read(t, root, ".flowrider/history/33.log")
	second := len("FRH1\n") + strings.IndexByte(text[5:], '\n') + 1
	damaged := text[:second+50] + "X" + text[second+51:]
	write(t, root, ".flowrider/history/33.log", damaged)
	check := func(want ...string) {
		t.Helper()
		found, problems := open(root).History(hash("3"))
		equal(t, want, runIDs(found))
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Error(),
			fmt.Sprintf(".flowrider/history/33.log is damaged at byte %d (", second)) {
			t.Errorf("%v", problems)
		}
	}
	check("1", "3")
	must(t, open(root).Append(sample("flow.clean", "4")))
	check("1", "3", "4")
}

func TestHistoryOfANewerFlowrider(t *testing.T) {
	root := t.TempDir()
	write(t, root, ".flowrider/history/33.log", "FRH2\nsomething else\n")
	found, problems := open(root).History(hash("3"))
	if len(found) > 0 || len(problems) != 1 || !problems[0].Newer {
		t.Errorf("%v, %v", found, problems)
	}
	if err := open(root).Append(sample("flow.clean", "1")); err == nil {
		t.Error("a newer history was written to")
	}
	equal(t, "FRH2\nsomething else\n", read(t, root, ".flowrider/history/33.log"))
}

// A crash tears the last entry: readers say nothing, and the next append goes
// on where the whole entries end.
func TestHistoryTorn(t *testing.T) {
	root := t.TempDir()
	must(t, open(root).Append(sample("flow.clean", "1")))
	must(t, open(root).Append(sample("flow.clean", "2")))
	text := read(t, root, ".flowrider/history/33.log")
	whole := len("FRH1\n") + strings.IndexByte(text[5:], '\n') + 1
	for cut := whole; cut < len(text); cut += 97 {
		write(t, root, ".flowrider/history/33.log", text[:cut])
		found, problems := open(root).History(hash("3"))
		equal(t, []string{"1"}, runIDs(found))
		equal(t, nil, problems)
		must(t, open(root).Append(sample("flow.clean", "3")))
		found, problems = open(root).History(hash("3"))
		equal(t, []string{"1", "3"}, runIDs(found))
		equal(t, nil, problems)
	}
}

func TestHistoryThatIsNoFile(t *testing.T) {
	root := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(root, ".flowrider/history"), 0o755))
	must(t, syscall.Mkfifo(filepath.Join(root, ".flowrider/history/33.log"), 0o644))
	if _, problems := open(root).History(hash("3")); len(problems) != 1 {
		t.Errorf("%v", problems)
	}
	if err := open(root).Append(sample("flow.clean", "1")); err == nil {
		t.Error("appended to a pipe")
	}
}

// Readers in other stores see only whole records while one writes.
func TestHistoryReadWhileWritten(t *testing.T) {
	root := t.TempDir()
	const runs = 60
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		s := open(root)
		readers.Go(func() {
			for last := 0; ; {
				found, problems := s.History(hash("3"))
				if len(problems) > 0 || len(found) < last {
					t.Errorf("%d after %d, %v", len(found), last, problems)
				}
				last = len(found)
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	s := open(root)
	for i := range runs {
		must(t, s.Append(sample("flow.clean", fmt.Sprint(i))))
	}
	close(done)
	readers.Wait()
	found, _ := open(root).History(hash("3"))
	equal(t, runs, len(found))
}

func TestAppendWithFaults(t *testing.T) {
	for _, errno := range []error{nil, syscall.ENOSPC, syscall.EIO} {
		for at := 1; ; at++ {
			root := t.TempDir()
			must(t, open(root).Append(sample("flow.clean", "1")))
			rec := sample("flow.clean", "2")
			rec.Equivalent = []record.Equivalent{{RunID: "9", ConfigHash: hash("4")}}
			backend := durable.NewFaulty(durable.OS(), durable.Fault{At: at, Err: errno})
			err := record.Open(root, "runs", durable.With(backend)).Append(rec)
			for _, digit := range []string{"3", "4"} {
				found, problems := open(root).History(hash(digit))
				ids := strings.Join(runIDs(found), " ")
				full := strings.TrimSpace(map[string]string{"3": "1", "4": ""}[digit] + " 2")
				if len(problems) > 0 || ids != full && (err == nil || ids != strings.TrimSuffix(full, "2") && ids+" 2" != full) {
					t.Errorf("%v at %d: %q, %v, err %v", errno, at, ids, problems, err)
				}
			}
			if !backend.Struck() {
				if at < 10 {
					t.Errorf("only %d operations", at-1)
				}
				break
			}
			must(t, open(root).Append(rec))
			found, _ := open(root).History(hash("4"))
			equal(t, []string{"2"}, runIDs(found))
		}
	}
}
