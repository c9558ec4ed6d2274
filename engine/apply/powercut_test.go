package apply_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/engine/apply"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner/command"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/testenv"
)

// survivors are flows of which some need others, and all have an output.
const survivors = `
	variable "v" { default = "1" }
	flow "command" "a" {
		for_each = toset(["x", "y", "z"])
		argv     = ["sh", "-c", "echo ${each.key} ${var.v} > ${each.key}"]
		output "o" { file = each.key }
	}
	flow "command" "b" {
		argv = concat(["cat"], [for a in flow.a : a.output.o.path])
		output "text" { stdout = "text" }
	}`

// maxUnsynced bounds the subsets: 2 to this power states at one instant.
const maxUnsynced = 12

// T04: the power is cut at each instant of whole applies: of new flows, of
// changed ones, of ones that are changed back, and of ones that come out the
// same. Of the changes that no fsync has made sure, any may be lost. What was
// reported is there and whole, and another apply goes on from there.
func TestT04PowerCuts(t *testing.T) {
	s := newCutStory(t)
	s.resumes = cutResumes
	s.play(s.mirror)
	bad := s.cut(cutSubsets)
	for _, text := range bad {
		t.Error(text)
	}
	if len(bad) > 0 || s.states < cutStates || s.resumed < cutResumes/2 {
		t.Errorf("%d of %d states are bad, %d were gone on from; want none of %d, and %d", len(bad), s.states, s.resumed, cutStates, cutResumes)
	}
	testenv.Figure(t, "T04", "%d states at %d instants of 4 applies: 0 bad; from %d of them another apply went on, and ran nothing again that was reported",
		s.states, s.mirror.memory.Changes(), s.resumed)
}

// Without an fsync, the same cuts find what is lost.
func TestT04FindsMissingSteps(t *testing.T) {
	for name, wrong := range map[string]durable.Wrong{
		"without the file fsync":   {NoFileSync: true},
		"without the folder fsync": {NoFolderSync: true},
		"rewritten in place":       {InPlace: true},
	} {
		s := newCutStory(t)
		wrong.Backend = s.mirror
		s.play(wrong)
		bad := s.cut(4)
		t.Logf("%s: %d of the first %d states are bad", name, len(bad), s.states)
		if len(bad) == 0 {
			t.Errorf("%s: none of %d states is bad", name, s.states)
		}
	}
}

// cutStory is a story of some applies whose power is cut.
type cutStory struct {
	*project
	mirror  mirror
	random  *rand.Rand
	says    []saying
	good    map[string]string // what is wrong with a record, by its path and content: "" for nothing
	resumes int               // how many states to go on from, about

	states, resumed int
}

func newCutStory(t *testing.T) *cutStory {
	t.Helper()
	p := newProject(t, survivors, command.Runner{})
	return &cutStory{project: p, mirror: newMirror(p.root), random: rand.New(rand.NewPCG(testenv.Seed(t), 0)), good: map[string]string{}}
}

// saying is what an apply has reported, and at which instant.
type saying struct {
	instant      int
	address, run string
	variable     string // with which v
}

// play plays the applies.
func (s *cutStory) play(backend durable.Backend) {
	s.Helper()
	defer durable.Use(backend)()
	s.parallelism = 3
	for _, v := range []string{"1", "2", "1", "2 "} { // the last one comes out as the second
		s.variables["v"] = v
		result := s.apply(context.Background(), func(event apply.Event) {
			if event.Type == "flow" && (event.State == apply.Succeeded || event.State == apply.Reused || event.State == apply.Fresh) {
				s.says = append(s.says, saying{s.mirror.memory.Changes(), event.Address, event.RunID, v})
			}
		})
		if result.err != nil || result.summary.Failures() != nil {
			s.Fatal(result.err, result.summary.Failures())
		}
	}
}

// cut cuts the power at all instants, each in up to so many ways, and says what
// was bad, up to ten states.
func (s *cutStory) cut(subsets int) (bad []string) {
	s.Helper()
	memory := s.mirror.memory
	for instant := 0; instant <= memory.Changes(); instant++ {
		open := memory.Unsynced(instant)
		open = open[max(0, len(open)-maxUnsynced):] // the older ones are taken as written
		bit := map[int]int{}
		for i, change := range open {
			bit[change] = i
		}
		ways := s.ways(len(open), subsets)
		goOn := s.random.Float64() < float64(s.resumes)/float64(memory.Changes())
		for i, way := range ways {
			s.states++
			disk := memory.PowerCut(instant, func(change int) bool {
				i, varies := bit[change]
				return !varies || way&(1<<i) != 0
			})
			problem := s.check(disk, instant)
			if problem == "" && goOn && i == len(ways)/2 {
				s.resumed++
				problem = s.goOn(disk, instant)
			}
			if problem != "" {
				if bad = append(bad, fmt.Sprintf("at %d of %d, with %b of %d: %s", instant, memory.Changes(), way, len(open), problem)); len(bad) == 10 {
					return bad
				}
			}
		}
	}
	return bad
}

// ways are subsets of so many changes: all, if there are not too many of them,
// else none, all, each one alone and all but each one, and others by chance.
func (s *cutStory) ways(changes, most int) []int {
	whole := 1<<changes - 1
	var list []int
	if whole < most {
		for way := range whole + 1 {
			list = append(list, way)
		}
		return list
	}
	list = append(list, 0, whole)
	for i := changes - 1; i >= 0; i-- { // the newest first
		list = append(list, whole&^(1<<i), 1<<i)
	}
	for len(list) < most {
		list = append(list, s.random.IntN(whole+1))
	}
	return list[:most]
}

// reportedAt is, by address, what was last reported by an instant, and what the
// next report says.
func (s *cutStory) reportedAt(instant int) (last, next map[string]saying) {
	last, next = map[string]saying{}, map[string]saying{}
	for _, say := range s.says {
		if say.instant <= instant {
			last[say.address] = say
		} else if _, ok := next[say.address]; !ok {
			next[say.address] = say
		}
	}
	return last, next
}

// check says what is wrong with a disk after a power cut, "" for nothing.
func (s *cutStory) check(disk map[string]string, instant int) string {
	last, next := s.reportedAt(instant)
	selected, history := map[string]string{}, map[string]bool{}
	for path, content := range disk {
		name, ok := strings.CutPrefix(path, s.root+"/")
		base := filepath.Base(name)
		if !ok || durable.IsTemp(base) || strings.Contains(name, ".tmp.") {
			continue
		}
		switch {
		case strings.HasPrefix(name, "runs/"):
			problem := s.wholeRecord(name, content)
			if problem != "" {
				return problem
			}
			var rec record.Record
			json.Unmarshal([]byte(content), &rec)
			selected[rec.Flow] = rec.RunID
		case strings.HasPrefix(name, ".flowrider/history/"):
			contents := durable.ParseLog([]byte(content), durable.Format{Name: "FRH", Version: 1})
			if len(contents.Damage) > 0 {
				return fmt.Sprintf("%s is damaged: %v", name, contents.Damage)
			}
			for _, entry := range contents.Entries {
				var rec record.Record
				json.Unmarshal(entry, &rec)
				history[rec.Flow+" "+rec.RunID] = true
			}
		case strings.HasPrefix(name, ".flowrider/journal/"):
			contents := durable.ParseLog([]byte(content), durable.Format{Name: "FRJ", Version: 1})
			damage := slices.DeleteFunc(contents.Damage, func(d durable.Damage) bool { return d.Hole }) // of what was written together
			if len(damage) > 0 || len(contents.Entries) == 0 {
				return fmt.Sprintf("%s is damaged: %v, with %d entries", name, contents.Damage, len(contents.Entries))
			}
		}
	}
	for address, say := range last {
		if run := selected[address]; run != say.run && run != next[address].run {
			return fmt.Sprintf("%s was reported with run %s, and the record has %q", address, say.run, run)
		}
		if !history[address+" "+say.run] {
			return fmt.Sprintf("the history does not have run %s of %s", say.run, address)
		}
	}
	return ""
}

// wholeRecord lets a store of its own read a record.
func (s *cutStory) wholeRecord(name, content string) string {
	key := name + "\n" + content
	if problem, known := s.good[key]; known {
		return problem
	}
	dir := s.TempDir()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		s.Fatal(err)
	}
	all, problems := record.Open(dir, "runs", durable.Writer{}).All()
	s.good[key] = ""
	if len(problems) > 0 || len(all) != 1 {
		s.good[key] = fmt.Sprintf("%s is not whole: %v", name, problems)
	}
	return s.good[key]
}

// goOn applies on what a power cut has left.
func (s *cutStory) goOn(disk map[string]string, instant int) string {
	last, next := s.reportedAt(instant)
	p := newProject(s, survivors, command.Runner{})
	for path, content := range disk {
		if name, ok := strings.CutPrefix(path, s.root+"/"); ok {
			p.write(name, content)
		}
	}
	p.variables["v"] = "1"
	for _, say := range slices.Concat(slices.Collect(maps.Values(last)), slices.Collect(maps.Values(next))) {
		p.variables["v"] = say.variable // any of those two
	}
	result := p.apply(context.Background(), nil)
	if result.err != nil || result.summary.Failures() != nil {
		return fmt.Sprintf("the next apply: %v %v", result.err, result.summary.Failures())
	}
	for _, event := range result.events {
		say, ok := last[event.Address]
		if ok && event.State == apply.Succeeded && say.variable == p.variables["v"] {
			return fmt.Sprintf("%s was recorded with run %s, and ran again: %+v", event.Address, say.run, result.planned.Flow(event.Address).Reasons)
		}
	}
	return ""
}
