package saved

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/manifest"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/sealed"
	"github.com/flowrider/flowrider/schema"
)

// sample is a plan with one flow that runs, one that may run, and one that is
// up to date.
func sample() *Plan {
	hash, run := "h1:"+strings.Repeat("1", 64), "01M80PCRTK14DXAT8Y3MCB5X4C"
	flow := func(address string, verdict plan.Verdict, facts ...manifest.Fact) *plan.Flow {
		return &plan.Flow{Address: address, Runner: "command", Verdict: verdict, Reasons: []plan.Reason{}, DependsOn: []string{}, Manifest: manifest.New(facts)}
	}
	known := manifest.Fact{Path: manifest.At("env", "V"), Value: `"<2> & é"`}
	a := flow("flow.a", plan.Run, known)
	a.ConfigHash = &hash
	a.Reasons = []plan.Reason{{Code: "env_changed", Changes: []plan.Change{{Path: "V", Old: json.RawMessage(`"1"`), New: json.RawMessage(`"<2> & é"`)}}}}
	b := flow("flow.b", plan.MayRun, known, manifest.Fact{Path: manifest.At("env", "A"), Unknown: true})
	b.DependsOn = []string{"flow.a"}
	x := flow(`flow.x["k"]`, plan.Fresh, known)
	x.ConfigHash, x.RunID = &hash, &run
	return &Plan{
		Version: schema.Version, Project: Identity{Folder: hash, Configuration: hash},
		Variables: map[string]string{"v": "2"}, Withheld: []string{"token"},
		Approved: &plan.Approved{
			Plan: &plan.Plan{
				FormatVersion: plan.FormatVersion, Workspace: "default", Flows: []*plan.Flow{a, b, x},
				Summary: plan.Summary{Fresh: 1, Run: 1, MayRun: 1}, Notes: []string{"a note"},
			},
			Pending: []string{"flow.a", "flow.b"}, Replace: []string{"flow.a"}, Newest: map[string]string{"flow.a": run},
			Hooks: map[string]plan.Answer{"h": {Call: hash, Value: json.RawMessage(`{"z":1,"a":[1.50,null]}`)}},
			Locks: map[string]string{"ml": hash},
		},
	}
}

func text(t testing.TB) []byte {
	t.Helper()
	text, err := encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAPlanReadsBack(t *testing.T) {
	got, err := decode(text(t))
	if err != nil {
		t.Fatal(err)
	}
	again, err := encode(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text(t)), string(again)); diff != "" {
		t.Errorf("written again (-want +got):\n%s", diff)
	}
	for i, want := range sample().Approved.Plan.Flows {
		flow := got.Approved.Plan.Flows[i]
		if diff := cmp.Diff(want.Manifest.Facts(), flow.Manifest.Facts()); diff != "" {
			t.Errorf("manifest of %s (-want +got):\n%s", want.Address, diff)
		}
		if planned := flow.Selected != nil; planned != (want.Address == "flow.a") {
			t.Errorf("%s has a record: %v", want.Address, planned)
		}
	}
}

// Whatever is flipped, cut out or put in, anywhere: the file is refused.
func TestAChangedPlanIsRefused(t *testing.T) {
	whole := text(t)
	random := rand.New(rand.NewPCG(4, 12))
	for i := range mutations {
		changed, what := mutate(random, whole, i)
		if bytes.Equal(changed, whole) {
			continue
		}
		if p, err := decode(changed); err == nil || p != nil {
			t.Fatalf("believed although %s", what)
		} else if err.Error() == "" {
			t.Fatalf("refused without a reason although %s", what)
		}
	}
}

// mutate changes a text in the ith way: each byte is flipped, left out and
// doubled once, then the kind and the place are random.
func mutate(random *rand.Rand, whole []byte, i int) (changed []byte, what string) {
	changed = bytes.Clone(whole)
	at, kind := i/3, i%3
	if at >= len(whole) {
		at, kind = random.IntN(len(whole)), random.IntN(5)
	}
	switch kind {
	case 0:
		changed[at] ^= 1 << random.IntN(8)
		return changed, "a byte is flipped"
	case 1:
		return append(changed[:at], changed[at+1:]...), "a byte is cut out"
	case 2:
		return append(changed[:at+1], whole[at:]...), "a byte is doubled"
	case 3:
		return changed[:at], "the end is missing"
	}
	end := at + random.IntN(len(whole)-at) + 1
	return append(changed[:at], whole[end:]...), "a part is missing"
}

func TestWhatIsNoPlanIsRefused(t *testing.T) {
	forged := func(change func(*file)) []byte {
		var f file
		if err := json.Unmarshal(text(t), &f); err != nil {
			t.Fatal(err)
		}
		change(&f)
		text, err := sealed.Encode(&f)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"empty":                {nil, "is empty"},
		"blank":                {[]byte(" \n"), "is empty"},
		"something else":       {[]byte("flow.a\n"), "is no saved plan"},
		"a record":             {[]byte("{\n  \"checksum\": \"sha256:" + strings.Repeat("0", 64) + "\",\n  \"components\": {}\n}\n"), "is no saved plan"},
		"cut":                  {text(t)[:200], "is cut short"},
		"a newer one":          {forged(func(f *file) { f.Format = 2 }), "was written by a newer flowrider (saved plan format 2, this one knows 1); use that one"},
		"no plan in it":        {forged(func(f *file) { f.Plan = nil }), "is no saved plan: it has no plan"},
		"an unknown verdict":   {forged(func(f *file) { f.Plan.Flows[0].Verdict = "perhaps" }), "is no saved plan: it has a flow without a verdict"},
		"a missing manifest":   {forged(func(f *file) { delete(f.Manifests, "flow.b") }), "is no saved plan: flow.b: this is no manifest of a format that this flowrider knows"},
		"a damaged manifest":   {forged(func(f *file) { f.Manifests["flow.b"] += "x\n" }), "is no saved plan: flow.b: the manifest has no value for x"},
		"laid out differently": {bytes.ReplaceAll(text(t), []byte("\n"), []byte("\r\n")), "was edited: it is not written as flowrider writes it"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decode(c.text)
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestWhatItWasMadeForIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Plan)
		want   string
	}{
		"the same":                {func(*Plan) {}, ""},
		"another folder":          {func(p *Plan) { p.Project.Folder = "h1:2" }, ""},
		"an edited configuration": {func(p *Plan) { p.Project.Configuration = "h1:2" }, ""},
		"another project":         {func(p *Plan) { p.Project = Identity{"h1:2", "h1:2"} }, "made for another project"},
		"another version":         {func(p *Plan) { p.Version = "0.0.1" }, "made by flowrider 0.0.1, and this is " + schema.Version},
		"another workspace":       {func(p *Plan) { p.Approved.Plan.Workspace = "prod" }, "made in the workspace prod, and this is default; give --workspace prod"},
	} {
		t.Run(name, func(t *testing.T) {
			p := sample()
			c.change(p)
			err := p.Check("p", sample().Project, "default")
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestAPlanIsWrittenForItsOwnerAndOverNothingElse(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "p")
	for range 2 {
		if err := Write(path, sample()); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if _, err := Read(path); err != nil {
		t.Error(err)
	}
	other := filepath.Join(folder, "other")
	if err := os.WriteFile(other, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{other, folder, filepath.Join(folder, "no", "p")} {
		if err := Write(path, sample()); err == nil {
			t.Errorf("%s was written", filepath.Base(path))
		}
	}
	if content, err := os.ReadFile(other); err != nil || string(content) != "mine" {
		t.Errorf("a file of the user's has %q, %v", content, err)
	}
}

// FuzzDecode reads texts as they are, and with a checksum that fits.
func FuzzDecode(f *testing.F) {
	f.Add(text(f))
	f.Add([]byte(`{"flowrider_plan": 1, "plan": {"flows": [{"verdict": "run"}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var fields map[string]any
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		if decoder.Decode(&fields) == nil && fields != nil {
			if resealed, err := sealed.Encode(fields); err == nil {
				decode(resealed)
			}
		}
		p, err := decode(text)
		if err != nil {
			return
		}
		if p.Approved.Plan == nil {
			t.Error("believed without a plan in it")
		}
	})
}
