// The test compares the model with the engine: it makes the same edits to
// both, and after each step holds what one says against the other.
package model_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"pgregory.net/rapid"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/internal/model"
	"github.com/flowrider/flowrider/internal/testenv"
	"github.com/flowrider/flowrider/schema"
)

// leastSteps is how many steps each run of the test takes at least. More, from
// one seed, are taken with
//
//	FLOWRIDER_MODEL_STEPS=200000 go test ./internal/model -v -timeout 0 -rapid.checks 20000 -rapid.seed 1
//
// The seed is testenv's where none is given.
const leastSteps = 2000

// TestEngineDoesWhatTheModelSays makes random edits, losses, plans and
// applies. A failure names its seed: -rapid.seed=N repeats it.
func TestEngineDoesWhatTheModelSays(t *testing.T) {
	want := leastSteps
	if text := os.Getenv("FLOWRIDER_MODEL_STEPS"); text != "" {
		var err error
		if want, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	flag.Set("rapid.nofailfile", "true")
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	counts := &counts{t: t, byAction: map[string]int{}, ended: map[string]int{}}
	seed := uint64(0)
	if flag.Lookup("rapid.seed").Value.String() == "0" {
		seed = testenv.Seed(t)
	}
	for counts.total < want && !t.Failed() {
		if seed != 0 {
			flag.Set("rapid.seed", strconv.FormatUint(seed, 10))
			seed++
		}
		rapid.Check(t, func(rt *rapid.T) {
			if counts.total >= want {
				return
			}
			defer counts.noteFailure(rt)
			newMachine(rt, counts).walk()
		})
	}
	t.Logf("%v; flows that ended: %v", counts.byAction, counts.ended)
	testenv.Figure(t, "T33", "%d steps (edits, losses, plans, applies), in each of which the engine did what the model says", counts.total)
}

// counts are the steps of all machines so far.
type counts struct {
	t        *testing.T
	total    int
	byAction map[string]int
	ended    map[string]int // flows in applies, by state
	failed   bool
}

// noteFailure says how far the test has come when it fails first: what comes
// after that makes the failure smaller.
func (c *counts) noteFailure(rt *rapid.T) {
	if rt.Failed() && !c.failed {
		c.failed = true
		c.t.Logf("%s %d", failedAfter, c.total+1)
	}
}

// count counts one step.
func (c *counts) count(action string) {
	c.byAction[action]++
	if c.total++; c.total%10_000 == 0 {
		c.t.Logf("%d steps", c.total)
	}
}

const failedAfter = "the first failure came in step"

// machine is one project with its model, and the actions of the test.
type machine struct {
	comparison
	root     string
	begun    bool // something was applied or accepted, so that there may be files
	reversed bool // flows are declared after those that need them
	unhashed int
	counts   *counts
}

func newMachine(t *rapid.T, counts *counts) *machine {
	memory := "/dev/shm" // flows are many and small: most of their time is fsync elsewhere
	if _, err := os.Stat(memory); err != nil {
		memory = ""
	}
	root, err := os.MkdirTemp(memory, "flowrider-model-")
	if err == nil {
		root, err = filepath.EvalSymlinks(root)
	}
	if err == nil {
		err = os.Mkdir(filepath.Join(root, "src"), 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	world := newWorld(t)
	world.Workspace = record.DefaultWorkspace
	return &machine{
		root: root, counts: counts, reversed: rapid.Bool().Draw(t, "reversed"),
		comparison: comparison{
			t: t, world: world, engine: newEngine(root, world),
			hashes: newNames(), runs: newNames(), versions: newNames(), digests: map[string]string{},
		},
	}
}

// walk takes random steps.
func (m *machine) walk() {
	actions := map[string]func(*rapid.T){
		"apply":                   m.apply,
		"change the flows":        m.edit(changeFlows),
		"edit a flow":             m.edit(editFlow),
		"edit another flow":       m.edit(editFlow),
		"edit something else":     m.edit(editRest),
		"edit what is not hashed": m.edit(func(*rapid.T, *model.World) { m.unhashed++ }),
		"lose something":          m.lose,
		"pin or accept":           m.assert,
		"plan":                    m.plan,
		"select a workspace":      m.selectWorkspace,
	}
	for name, action := range actions {
		actions[name] = func(t *rapid.T) {
			m.t = t
			action(t)
			m.counts.count(name)
		}
	}
	actions[""] = m.check
	m.t.Repeat(actions)
}

func (m *machine) edit(change func(*rapid.T, *model.World)) func(*rapid.T) {
	return func(t *rapid.T) { change(t, m.world) }
}

// check plans all after each step.
func (m *machine) check(t *rapid.T) {
	m.t = t
	if err := write(m.root, m.world, m.reversed, m.unhashed, m.runs); err != nil {
		t.Fatal(err)
	}
	m.planWith(model.Options{}, nil)
	if _, err := os.Stat(filepath.Join(m.root, record.Local)); err == nil && !m.begun {
		t.Fatal("plan has written something before anything was applied")
	}
}

// planWith plans and compares.
func (m *machine) planWith(options model.Options, targets []model.Address) {
	session, diags := m.engine.session(m.options(options, targets))
	if diags.HasErrors() {
		m.t.Fatal(diags)
	}
	p, diags := session.Plan(m.t.Context())
	if m.refused(diags, options, targets) {
		return
	}
	m.comparison.plan(p, options, targets)
}

// refused holds that there is an error just where a flow is pinned to a run
// that is not there.
func (m *machine) refused(err error, options model.Options, targets []model.Address) bool {
	unpinnable := 0
	for a := range m.world.Closure(targets...) {
		if m.world.Unpinnable(a, options) {
			unpinnable++
		}
	}
	var diags hcl.Diagnostics
	if errors.As(err, &diags) && len(diags) == 0 {
		err = nil
	}
	switch {
	case err == nil && unpinnable > 0:
		m.t.Fatal("a pin to a run that is not there is no error")
	case err != nil && (unpinnable == 0 || len(diags) != unpinnable || diags[0].Summary != "Pinned run is not there"):
		m.t.Fatal(err)
	}
	return err != nil
}

func (m *machine) options(options model.Options, targets []model.Address) plan.Options {
	return plan.Options{Targets: m.parse(targets), Replace: m.parse(options.Replace), NoHooks: options.NoHooks, NoRefresh: options.NoRefresh}
}

func (m *machine) parse(addresses []model.Address) []plan.Target {
	var list []plan.Target
	for _, a := range addresses {
		address, err := schema.ParseAddress(a.String())
		if err != nil {
			m.t.Fatal(err)
		}
		list = append(list, plan.At(address))
	}
	return list
}

// plan plans some flows, as the command line can ask for, and holds that
// nothing is written.
func (m *machine) plan(t *rapid.T) {
	options := model.Options{
		NoHooks: rapid.Bool().Draw(t, "no hooks"), NoRefresh: rapid.Bool().Draw(t, "no refresh"), Replace: m.some("replace"),
	}
	targets := m.some("targets")
	if len(targets) > 0 {
		targets = append(targets, options.Replace...)
	}
	before := m.snapshot()
	m.planWith(options, targets)
	if after := m.snapshot(); !maps.Equal(before, after) {
		t.Fatalf("plan has written: %v, then %v", before, after)
	}
}

// some is none of the instances most of the time, else one or two.
func (m *machine) some(what string) []model.Address {
	var list []model.Address
	for range max(0, rapid.IntRange(-3, 2).Draw(m.t, what)) {
		if a := oneOf(m.t, what, instances(m.world)); !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list
}

func (m *machine) snapshot() map[string]string {
	files := map[string]string{}
	filepath.WalkDir(m.root, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			info, _ := entry.Info()
			files[path] = fmt.Sprint(info.Size(), info.ModTime(), info.Mode())
		}
		return err
	})
	return files
}

// apply applies all or some. Noisy flows may give something else each time.
func (m *machine) apply(t *rapid.T) {
	m.world.Noise = rapid.IntRange(0, 1).Draw(t, "noise")
	targets, replace := m.some("targets"), m.some("replace")
	if len(targets) > 0 {
		targets = append(targets, replace...)
	}
	m.applyWith(model.Options{Replace: replace}, targets)
}

func (m *machine) applyWith(options model.Options, targets []model.Address) {
	m.begun = true
	os.Setenv("NOISE", strconv.Itoa(m.world.Noise))
	os.Setenv("FAIL", failing(m.world))
	planned, events, err := m.engine.apply(m.options(options, targets))
	if m.refused(err, options, targets) {
		return
	}
	m.comparison.plan(planned, options, targets)
	for _, event := range m.comparison.applied(events, options) {
		m.counts.ended[string(event.State)]++
	}
}

// assert pins a flow to a run, takes the pin away, or accepts a record.
func (m *machine) assert(t *rapid.T) {
	f := someFlow(t, m.world)
	switch kind := oneOf(t, "what", []string{"accept", "accept", "pin", "unpin"}); {
	case kind == "unpin":
		f.Pin = 0
	case kind == "pin" && len(m.world.Runs()) > 0 && f.Keys == nil:
		f.Pin = oneOf(t, "run", m.world.Runs())
	case kind == "accept":
		m.accept(oneOf(t, "instance", f.Instances()))
	}
}

func (m *machine) accept(a model.Address) {
	m.begun = true
	targets := []model.Address{a}
	var order []string
	session, diags := m.engine.session(m.options(model.Options{}, targets))
	if diags.HasErrors() {
		m.t.Fatal(diags)
	}
	for _, address := range session.Wants() {
		order = append(order, address)
	}
	adopted, err := m.engine.accept(m.options(model.Options{}, targets))
	var mistakes hcl.Diagnostics
	if errors.As(err, &mistakes) && m.refused(mistakes, model.Options{}, targets) {
		return
	}
	changed, ok := m.world.Accept(m.order(order, false), a)
	if ok != (err == nil) || ok && adopted[0].Changed != changed {
		m.t.Fatalf("accept %s: %v %v, want changed %t, ok %t", a, adopted, err, changed, ok)
	}
	m.records()
}

// selectWorkspace selects one of two workspaces.
func (m *machine) selectWorkspace(t *rapid.T) {
	m.world.Workspace = oneOf(t, "workspace", []string{record.DefaultWorkspace, "dev"})
}

// lose removes what is kept: a record, the history, or a result. A record that
// is torn is not believed, which is the same as none.
func (m *machine) lose(t *rapid.T) {
	switch kind := oneOf(t, "what", []string{"record", "result", "torn record", "history"}); kind {
	case "record", "torn record":
		var recorded []string
		for a := range m.world.Recorded() {
			recorded = append(recorded, a.String())
		}
		if len(recorded) == 0 {
			t.Skip("no record")
		}
		slices.Sort(recorded)
		address, _ := schema.ParseAddress(oneOf(t, "of", recorded))
		if name := m.recordFile(address); kind == "record" {
			m.remove(name)
		} else if err := os.Truncate(name, 100); err != nil {
			t.Fatal(err)
		}
		m.torn = m.torn || kind == "torn record"
		m.world.LoseRecord(model.Address{Flow: address.Name, Key: address.Key})
	case "result":
		output := oneOf(t, "output", []string{"n", "m"})
		content := rapid.IntRange(0, 2).Draw(t, "content")
		if !m.world.Stored(output, content) {
			t.Skip("not there")
		}
		digest := m.digests[fmt.Sprint(content)]
		m.remove(filepath.Join(m.root, record.Local, "blobs", strings.TrimPrefix(digest, "h1:"), output+".txt"))
		m.world.LoseResult(output, content)
	case "history":
		if err := os.RemoveAll(filepath.Join(m.root, record.Local, "history")); err != nil {
			t.Fatal(err)
		}
		m.world.LoseHistory()
	}
}

// recordFile is where the record of an instance stands.
func (m *machine) recordFile(address schema.Address) string {
	folder := filepath.Join(m.root, "runs")
	if m.world.Workspace != record.DefaultWorkspace {
		folder = filepath.Join(folder, "@"+m.world.Workspace)
	}
	if address.Keyed {
		return filepath.Join(folder, address.Name, address.Key+".json")
	}
	return filepath.Join(folder, address.Name+".json")
}

func (m *machine) remove(name string) {
	if err := os.Remove(name); err != nil {
		m.t.Fatal(err)
	}
}
