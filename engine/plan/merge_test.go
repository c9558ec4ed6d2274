package plan_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/durable"
	"github.com/flowrider/flowrider/internal/testenv"
)

const (
	mergedFlows  = 3
	mergedValues = 2 // configurations of each flow
)

// Random pairs of branches that ran flows, merged by git itself: flows that
// ran on one branch alone do not conflict; a flow that ran on both is settled
// as judge says, ours before theirs before the history, and apply leaves whole
// records behind.
func TestRandomMerges(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("SKIPPED: git is not installed")
	}
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		t.Setenv("TMPDIR", "/dev/shm") // thousands of small files, each synced
	}
	seed := testenv.Seed(t)
	m := newMerges(t, rand.New(rand.NewPCG(seed, 0)))
	var histories []*history
	for i := range mergeCount {
		histories = append(histories, m.history(i))
	}
	m.git(m.stream.String(), "fast-import", "--quiet")
	for _, h := range histories {
		m.check(h)
		if t.Failed() {
			t.Fatalf("history %d", h.number)
		}
	}
	testenv.Figure(t, "T31", "%d histories of two branches, merged by git: no conflict where different flows ran, each where one flow did, 0 wrong verdicts; conflicts settled as ours %d, theirs %d, from the history %d, by a run %d",
		mergeCount, m.settled["ours"], m.settled["theirs"], m.settled["history"], m.settled["run"])
	for _, want := range []string{"ours", "theirs", "history", "run", "whole in the file", "completed by git"} {
		if m.settled[want] == 0 && mergeCount >= 500 { // in a few, one may be missing by chance
			t.Errorf("no conflict was %q", want)
		}
	}
}

// merges makes the histories of one repository.
type merges struct {
	*project
	random  *rand.Rand
	hashes  [mergedFlows][mergedValues]string // config hash by flow and value
	stores  []string                          // this machine's, and another's
	scratch string                            // where records are written to have their texts
	stream  bytes.Buffer                      // for git fast-import
	runs    int
	settled map[string]int // conflicts by how they were settled
}

// history is two branches and what they grew from.
type history struct {
	number             int
	base, ours, theirs [mergedFlows]*side
}

// side is the record of a flow on a branch; nil for none.
type side struct {
	record *record.Record
	text   string
}

func newMerges(t *testing.T, random *rand.Rand) *merges {
	m := &merges{project: newProject(t), random: random, scratch: t.TempDir(), settled: map[string]int{}}
	var config strings.Builder
	for flow := range mergedFlows {
		fmt.Fprintf(&config, "variable \"v%d\" { default = \"0\" }\nflow \"command\" \"f%[1]d\" {\n  argv = [\"f%[1]d\", var.v%[1]d]\n  bundle { include = [] }\n}\n", flow)
	}
	m.write("flowrider.hcl", config.String())
	for value := range mergedValues {
		m.configure(func(int) int { return value })
		planned, problems := m.plan()
		if problems != "" {
			t.Fatal(problems)
		}
		for flow := range mergedFlows {
			m.hashes[flow][value] = *planned.Flows[flow].ConfigHash
		}
	}
	here, err := m.records().StoreID()
	if err != nil {
		t.Fatal(err)
	}
	m.stores = []string{here, "local:01jdj1s3v0000000000000000a"}
	m.git("", "init", "-q")
	return m
}

func (m *merges) configure(value func(flow int) int) {
	for flow := range mergedFlows {
		m.variables[fmt.Sprintf("v%d", flow)] = fmt.Sprint(value(flow))
	}
}

// git runs git in the project and gives whether it succeeded.
func (m *merges) git(input string, arguments ...string) bool {
	m.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "gc.auto=0"}, arguments...)...)
	cmd.Dir, cmd.Stdin = m.root, strings.NewReader(input)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := cmd.CombinedOutput()
	if err != nil && arguments[0] != "merge" && !slices.Contains(arguments, "merge") {
		m.Fatalf("git %s: %v\n%s", arguments, err, out)
	}
	return err == nil
}

// history makes a random history and gives it to git.
func (m *merges) history(number int) *history {
	h := &history{number: number}
	for flow := range mergedFlows {
		if m.random.IntN(4) > 0 {
			h.base[flow] = m.ran(flow, nil)
		}
	}
	h.ours, h.theirs = h.base, h.base
	for _, branch := range []*[mergedFlows]*side{&h.ours, &h.theirs} {
		for range 1 + m.random.IntN(3) {
			flow := m.random.IntN(mergedFlows)
			// Where others are new, git would take that for a renamed file.
			if m.random.IntN(12) == 0 && !slices.Contains(h.base[:], nil) {
				branch[flow] = nil
				continue
			}
			branch[flow] = m.ran(flow, branch[flow])
		}
	}
	for i, records := range [][mergedFlows]*side{h.base, h.ours, h.theirs} {
		fmt.Fprintf(&m.stream, "commit refs/heads/%s-%d\ncommitter t <t@example.org> %d +0000\ndata 0\n", branches[i], number, number+1)
		if i > 0 {
			fmt.Fprintf(&m.stream, "from refs/heads/base-%d\n", number)
		}
		m.stream.WriteString("deleteall\n")
		for flow, side := range records {
			if side != nil {
				fmt.Fprintf(&m.stream, "M 100644 inline runs/f%d.json\ndata %d\n%s\n", flow, len(side.text), side.text)
			}
		}
		m.stream.WriteByte('\n')
	}
	return h
}

var branches = []string{"base", "ours", "theirs"}

// ran is the record of a new run. Some of what it says is what the older one
// said, so that git finds lines that only one branch has changed.
func (m *merges) ran(flow int, older *side) *side {
	m.runs++
	id := fmt.Sprintf("01RUN%08d", m.runs)
	rec := &record.Record{
		Flow: fmt.Sprintf("flow.f%d", flow), Runner: "command", RunID: id, Store: m.stores[0],
		ConfigHash: m.hashes[flow][m.random.IntN(mergedValues)], DataVersion: "content:" + id,
		Started: time.Unix(int64(m.runs)*3600, 0).UTC(), Duration: float64(m.random.IntN(3)), Platform: "linux/amd64",
		Components: map[string]string{}, Outputs: map[string]record.Output{}, Parameters: map[string]json.RawMessage{},
	}
	for _, label := range []string{"argv", "bundle", "entry", "env", "environment", "options", "parameters", "salt"} {
		rec.Components[label] = fmt.Sprintf("h1:%064x", m.random.IntN(2))
	}
	for i := range m.random.IntN(4) {
		digest := fmt.Sprintf("h1:%064x", m.random.IntN(2))
		rec.Outputs[fmt.Sprintf("o%d", i)] = record.Output{Artifact: "a", Digest: digest, DataVersion: "content:" + digest}
		rec.Parameters[fmt.Sprintf("p%d", i)] = json.RawMessage(fmt.Sprint(m.random.IntN(2)))
	}
	if older != nil && m.random.IntN(2) == 0 {
		rec.Outputs, rec.Parameters, rec.Started = older.record.Outputs, older.record.Parameters, older.record.Started
	}
	if m.random.IntN(4) == 0 {
		rec.Store = m.stores[1]
	}
	if m.random.IntN(4) == 0 {
		m.gone[id] = true
	}
	store := record.Open(m.scratch, "runs", durable.With(durable.OS()))
	if err := store.Select(rec); err != nil {
		m.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(m.scratch, "runs", fmt.Sprintf("f%d.json", flow)))
	if err != nil {
		m.Fatal(err)
	}
	return &side{rec, string(text)}
}

// expectation is what must come of one flow.
type expectation struct {
	conflict bool
	verdict  plan.Verdict
	runID    string // "" for a run that is to be made
	by       string // of a conflict: ours, theirs, history or run
}

// check merges the branches of a history, plans and applies.
func (m *merges) check(h *history) {
	m.Helper()
	values := [mergedFlows]int{}
	for flow := range values {
		values[flow] = m.random.IntN(mergedValues)
	}
	m.configure(func(flow int) int { return values[flow] })
	past := m.remember(h)
	if err := os.RemoveAll(filepath.Join(m.root, "runs")); err != nil {
		m.Fatal(err)
	}
	m.git("", "checkout", "-qf", fmt.Sprintf("ours-%d", h.number))
	style := []string{"merge", "diff3"}[m.random.IntN(2)]
	clean := m.git("", "-c", "merge.conflictStyle="+style, "merge", "-q", "--no-edit", fmt.Sprintf("theirs-%d", h.number))
	wants, both := [mergedFlows]expectation{}, false
	for flow := range wants {
		base, ours, theirs := h.base[flow], h.ours[flow], h.theirs[flow]
		both = both || ours != theirs && ours != base && theirs != base
		wants[flow] = m.expect(base, ours, theirs, m.hashes[flow][values[flow]], past[flow])
	}
	if clean == both {
		m.Errorf("git merged without a conflict: %v; a flow ran on both branches: %v", clean, both)
	}
	m.checkPlan(wants)
	m.apply()
	m.checkSettled(wants)
}

// remember makes some of the runs of a history known on this machine, and
// gives them by flow, newest first.
func (m *merges) remember(h *history) (past [mergedFlows][]*record.Record) {
	for _, folder := range []string{"history", "selected"} {
		if err := os.RemoveAll(filepath.Join(m.root, record.Local, folder)); err != nil {
			m.Fatal(err)
		}
	}
	store := m.records()
	for flow := range past {
		for _, side := range []*side{h.base[flow], h.ours[flow], h.theirs[flow]} {
			if side == nil || m.random.IntN(3) == 0 || slices.Contains(past[flow], side.record) {
				continue
			}
			if err := store.Append(side.record); err != nil {
				m.Fatal(err)
			}
			past[flow] = slices.Insert(past[flow], 0, side.record)
		}
	}
	return past
}

// expect is the rule, once more: of what git leaves, and the history, the
// first that has the hash and whose run is here.
func (m *merges) expect(base, ours, theirs *side, hash string, past []*record.Record) expectation {
	good := func(rec *record.Record) bool {
		return rec.ConfigHash == hash && rec.Store == m.stores[0] && !m.gone[rec.RunID]
	}
	var want expectation
	left := cmp.Or(ours, theirs) // of a branch that removed the record nothing is left
	switch {
	case theirs == base:
		left = ours
	case ours == base:
		left = theirs
	case ours != nil && theirs != nil && ours != theirs:
		want.conflict = true
		for i, side := range []*side{ours, theirs} {
			if good(side.record) && want.by == "" {
				want.by, want.verdict, want.runID = branches[i+1], plan.Reuse, side.record.RunID
			}
		}
	}
	if !want.conflict && left != nil && good(left.record) {
		return expectation{verdict: plan.Fresh, runID: left.record.RunID}
	}
	for _, rec := range past {
		if good(rec) && want.verdict == "" {
			want.verdict, want.runID, want.by = plan.Reuse, rec.RunID, "history"
		}
	}
	if want.verdict == "" {
		want.verdict, want.by = plan.Run, "run"
	}
	return want
}

// says is the end of what is said of a conflict.
var says = map[string]string{
	"ours": ": ours is selected", "theirs": ": theirs is selected", "history": " of the history is selected",
	"run": ": neither has this configuration and a run that is here, so it runs",
}

func (m *merges) checkPlan(wants [mergedFlows]expectation) {
	m.Helper()
	planned, problems := m.plan()
	if problems != "" {
		m.Fatal(problems)
	}
	for flow, want := range wants {
		got := planned.Flows[flow]
		runID := ""
		if got.RunID != nil {
			runID = *got.RunID
		}
		if got.Verdict != want.verdict || runID != want.runID {
			m.Errorf("%s: %s of run %q, want %+v", got.Address, got.Verdict, runID, want)
		}
		conflict := len(got.Reasons) > 0 && got.Reasons[0].Code == "record_conflict"
		if conflict != want.conflict || conflict && !strings.HasSuffix(got.Reasons[0].Detail, says[want.by]) {
			m.Errorf("%s: %v, want %+v", got.Address, got.Reasons, want)
		}
		if want.conflict {
			m.settled[want.by]++
			_, problem := m.records().Selected(got.Instance.Address)
			if problem == nil {
				m.Fatalf("%s: no conflict", got.Address)
			}
			m.settled[map[bool]string{true: "whole in the file", false: "completed by git"}[problem.Whole()]]++
		}
	}
}

// checkSettled expects that after an apply every record is whole, is of the
// run that was promised, and all is up to date.
func (m *merges) checkSettled(wants [mergedFlows]expectation) {
	m.Helper()
	planned, problems := m.plan()
	if problems != "" || len(planned.Notes) > 0 || planned.Summary.Fresh != mergedFlows {
		m.Fatalf("not settled: %s %v %+v", problems, planned.Notes, planned.Summary)
	}
	for flow, want := range wants {
		if got := planned.Flows[flow]; want.runID != "" && got.Selected.RunID != want.runID {
			m.Errorf("%s: run %s was selected, want %+v", got.Address, got.Selected.RunID, want)
		}
	}
}

// unmerged is what git has of a file that it could not merge.
func (p *project) unmerged(name string) (ours, theirs []byte) {
	for stage, text := range map[string]*[]byte{"2": &ours, "3": &theirs} {
		cmd := exec.Command("git", "cat-file", "blob", ":"+stage+":./"+name)
		cmd.Dir = p.root
		*text, _ = cmd.Output() // nothing where git has nothing
	}
	return ours, theirs
}
