package durable_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/flowrider/flowrider/internal/durable"
)

// maxUnsynced bounds the subsets: 2 to this power states at one instant.
const maxUnsynced = 12

// eachPowerCut shows to check every state that a power cut at one instant can
// leave, and returns how many those are.
func eachPowerCut(m *durable.Memory, instant int, check func(disk map[string]string)) int {
	open := m.Unsynced(instant)
	if len(open) > maxUnsynced {
		// The oldest changes are taken as written, so that the newest, which
		// a missing sync is about, vary.
		open = open[len(open)-maxUnsynced:]
	}
	bit := map[int]int{}
	for i, change := range open {
		bit[change] = i
	}
	for subset := range 1 << len(open) {
		check(m.PowerCut(instant, func(change int) bool {
			i, varies := bit[change]
			return !varies || subset&(1<<i) != 0
		}))
	}
	return 1 << len(open)
}

// cutOneWrite writes over a file with a backend and cuts the power at each
// instant in each way. It returns how many states there were, and the bad ones.
func cutOneWrite(t *testing.T, wrap func(durable.Backend) durable.Backend) (states int, bad []string) {
	t.Helper()
	memory := durable.NewMemory()
	if err := durable.With(memory).WriteFile("/runs/a.json", []byte(oldContent)); err != nil {
		t.Fatal(err)
	}
	start := memory.Changes()
	if err := durable.With(wrap(memory)).WriteFile("/runs/a.json", []byte(newContent)); err != nil {
		t.Fatal(err)
	}
	for instant := start; instant <= memory.Changes(); instant++ {
		states += eachPowerCut(memory, instant, func(disk map[string]string) {
			content, there := disk["/runs/a.json"]
			done := instant == memory.Changes()
			switch {
			case !there:
				bad = append(bad, fmt.Sprintf("at %d: no file", instant))
			case done && content != newContent:
				bad = append(bad, fmt.Sprintf("after it was reported: %q", content))
			case content != oldContent && content != newContent:
				bad = append(bad, fmt.Sprintf("at %d: torn: %q", instant, content))
			}
		})
	}
	return states, bad
}

func whole(b durable.Backend) durable.Backend { return b }

func TestWriteSurvivesAPowerCut(t *testing.T) {
	states, bad := cutOneWrite(t, whole)
	t.Logf("%d states", states)
	equal(t, nil, bad)
	if states < 20 {
		t.Errorf("only %d states", states)
	}
}

func TestFirstWriteSurvivesAPowerCut(t *testing.T) {
	memory := durable.NewMemory()
	if err := durable.With(memory).WriteFile("/project/runs/train/a.json", []byte(newContent)); err != nil {
		t.Fatal(err)
	}
	eachPowerCut(memory, memory.Changes(), func(disk map[string]string) {
		equal(t, map[string]string{"/project/runs/train/a.json": newContent}, disk)
	})
}

// A process that was killed between making a folder and syncing it leaves the
// next one a folder that a power cut can still take away.
func TestFoldersOfAKilledProcessAreMadeSure(t *testing.T) {
	for at := 1; ; at++ {
		memory := durable.NewMemory()
		backend := durable.NewFaulty(memory, durable.Fault{At: at})
		durable.With(backend).WriteFile("/project/runs/train/a.json", []byte(oldContent))
		if err := durable.With(memory).WriteFile("/project/runs/train/a.json", []byte(newContent)); err != nil {
			t.Fatal(err)
		}
		eachPowerCut(memory, memory.Changes(), func(disk map[string]string) {
			if disk["/project/runs/train/a.json"] != newContent {
				t.Errorf("first process killed at %d: lost: %v", at, disk)
			}
		})
		if !backend.Struck() {
			return
		}
	}
}

// The steps of a write are each there for a reason: without it the model finds
// a state in which a record is lost or torn. This is also the proof that the
// tests above can fail.
func TestPowerCutCatchesMissingSteps(t *testing.T) {
	variants := map[string]struct {
		wrong durable.Wrong
		sees  string
	}{
		"without the file fsync":   {durable.Wrong{NoFileSync: true}, `torn: ""`},
		"without the folder fsync": {durable.Wrong{NoFolderSync: true}, "after it was reported"},
		"rewritten in place":       {durable.Wrong{InPlace: true}, "torn"},
	}
	for name, v := range variants {
		t.Run(name, func(t *testing.T) {
			states, bad := cutOneWrite(t, func(b durable.Backend) durable.Backend {
				v.wrong.Backend = b
				return v.wrong
			})
			t.Logf("%d of %d states are bad", len(bad), states)
			if !strings.Contains(strings.Join(bad, "\n"), v.sees) {
				t.Errorf("no state shows %q: %v", v.sees, bad)
			}
		})
	}
}

// Any sequence of writes, removals and log entries, with the power cut at any
// instant: what was reported is there.
func TestEverythingSurvivesAPowerCut(t *testing.T) {
	for states := 0; states < 100_000 && !t.Failed(); {
		rapid.Check(t, func(t *rapid.T) { states += cutRandomProgram(t) })
	}
}

// cutRandomProgram runs a few random operations and cuts the power after and
// during each.
func cutRandomProgram(t *rapid.T) (states int) {
	memory := durable.NewMemory()
	w := durable.With(memory)
	files := map[string]string{} // what was reported
	var entries []string
	log := w.OpenLog("/p/log", durable.Format{Name: "T", Version: 1})
	for i := range rapid.IntRange(5, 15).Draw(t, "operations") {
		path := rapid.SampledFrom([]string{"/p/a", "/p/b", "/p/q/a", "/r/a"}).Draw(t, "path")
		start := memory.Changes()
		before := files[path]
		after, entry := before, ""
		switch rapid.SampledFrom([]string{"write", "write", "remove", "log"}).Draw(t, "operation") {
		case "write":
			after = fmt.Sprintf("%d%s", i, strings.Repeat("x", rapid.IntRange(0, 9).Draw(t, "length")))
			must(t, w.WriteFile(path, []byte(after)))
		case "remove":
			dir, err := w.OpenDir(path[:strings.LastIndexByte(path, '/')])
			must(t, err)
			must(t, dir.Remove(path[strings.LastIndexByte(path, '/')+1:]))
			after = ""
		case "log":
			entry = fmt.Sprintf(`{"entry": %d}`, i)
			must(t, log.Append([]byte(entry)))
		}
		for instant := start; instant <= memory.Changes(); instant++ {
			done := instant == memory.Changes()
			states += eachPowerCut(memory, instant, func(disk map[string]string) {
				for other, want := range files {
					if other != path && disk[other] != want {
						t.Fatalf("%s was %q, and is %q", other, want, disk[other])
					}
				}
				if got := disk[path]; got != after && (done || got != before) {
					t.Fatalf("%s is %q (done %v)", path, got, done)
				}
				checkLog(t, disk["/p/log"], entries, entry, done)
			})
		}
		files[path] = after
		if entry != "" {
			entries = append(entries, entry)
		}
	}
	return states
}

// checkLog wants all reported entries and perhaps the one under way, and that
// what a power cut leaves is not taken for damage.
func checkLog(t *rapid.T, data string, want []string, next string, done bool) {
	c := durable.ParseLog([]byte(data), durable.Format{Name: "T", Version: 1})
	if len(c.Damage) > 0 {
		t.Fatalf("%q is called damaged: %v", data, c.Damage)
	}
	var got []string
	for _, payload := range c.Entries {
		got = append(got, string(payload))
	}
	full := append(append([]string(nil), want...), next)
	if next == "" {
		full = want
	}
	text := strings.Join(got, "\n")
	if text != strings.Join(full, "\n") && (done || text != strings.Join(want, "\n")) {
		t.Fatalf("log has %q, want %q (done %v)", got, full, done)
	}
}

func must(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}
