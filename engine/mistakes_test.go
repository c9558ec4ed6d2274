package engine_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/redact"
)

var update = flag.Bool("update", false, "write golden files")

// Each file of testdata/mistakes is a broken configuration. What is wrong is
// said on its line, with # ERROR: Summary; several of one line are separated by
// semicolons. Where no comment can stand, as in JSON, the section "expected"
// has lines "file:line: Summary", and "-: Summary" for those without a place.
// The section "given" has values of variables, as after --var. All messages
// must be expected, each on its line; "messages" is how they are shown, without
// those comments.
func TestMistakesAreToldOnTheirLinesAllAtOnce(t *testing.T) {
	for name, archive := range mistakes(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newMistaken(t, archive)
			var first string
			for range mistakeRuns { // map order must not show
				problems := c.problems()
				if diff := cmp.Diff(c.expected, summaries(problems)); diff != "" {
					t.Fatalf("messages (-want +got):\n%s\n%s", diff, text(problems))
				}
				if first == "" {
					first = text(problems)
				}
				if diff := cmp.Diff(first, text(problems)); diff != "" {
					t.Fatalf("the text differs from call to call:\n%s", diff)
				}
			}
			if *update {
				write(t, name, archive, first)
			} else if diff := cmp.Diff(c.golden, first); diff != "" {
				t.Errorf("text (-want +got), -update writes it:\n%s", diff)
			}
		})
	}
}

// At least so many mistakes have to be told in words that were read by somebody:
// two messages that differ in nothing but names and places count as one.
func TestThereAreManyMistakes(t *testing.T) {
	const least, leastJSON = 120, 20
	all, inJSON := map[string]bool{}, map[string]bool{}
	for _, archive := range mistakes(t) {
		for _, problem := range newMistaken(t, archive).problems() {
			key := problem.Summary + ": " + quotedNames.ReplaceAllString(problem.Detail, "…")
			all[key] = true
			if problem.Range != nil && strings.HasSuffix(problem.Range.Filename, ".json") {
				inJSON[key] = true
			}
		}
	}
	t.Logf("%d different mistakes, %d of them in JSON", len(all), len(inJSON))
	if len(all) < least || len(inJSON) < leastJSON {
		t.Errorf("there are %d different mistakes and %d in JSON, want %d and %d", len(all), len(inJSON), least, leastJSON)
	}
}

var quotedNames = regexp.MustCompile(`"[^"]*"|[a-z.]+:[0-9]+|\b(var|local|flow|hook|environment|profile|project|each|path|git)\.[\w.-]+`)

// The plan of one configuration is the same, byte for byte, every time.
func TestAPlanIsTheSameEveryTime(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/plan_of_many.txtar")
	if err != nil {
		t.Fatal(err)
	}
	c, first := newMistaken(t, archive), ""
	for range mistakeRuns {
		project, diags := engine.Load(c.root, engine.LoadOptions{NoCache: true})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		session, diags := project.Session(plan.Options{NoHooks: true})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		planned, diags := session.Plan(context.Background())
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		got, err := json.Marshal(planned)
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(got)
		}
		if diff := cmp.Diff(first, string(got)); diff != "" {
			t.Fatalf("the plan differs from call to call:\n%s", diff)
		}
	}
}

func mistakes(t *testing.T) map[string]*txtar.Archive {
	t.Helper()
	files, err := filepath.Glob("testdata/mistakes/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no configurations: %v", err)
	}
	all := map[string]*txtar.Archive{}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".txtar")] = archive
	}
	return all
}

func write(t *testing.T, name string, archive *txtar.Archive, messages string) {
	t.Helper()
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "messages" })
	archive.Files = append(archive.Files, txtar.File{Name: "messages", Data: []byte(messages)})
	if err := os.WriteFile(filepath.Join("testdata", "mistakes", name+".txtar"), txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// mistaken is a broken configuration in a folder of its own.
type mistaken struct {
	t        *testing.T
	root     string
	given    map[string]string
	files    []string // of values, as after --var-file
	expected []string
	golden   string
}

func newMistaken(t *testing.T, archive *txtar.Archive) *mistaken {
	t.Helper()
	c := &mistaken{t: t, root: t.TempDir(), given: map[string]string{}}
	c.write("flowrider.hcl", "")
	for _, file := range archive.Files {
		data := string(file.Data)
		switch file.Name {
		case "messages":
			c.golden = data
		case "expected":
			c.expected = append(c.expected, strings.Split(strings.TrimSpace(data), "\n")...)
		case "given":
			for line := range strings.Lines(data) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
				c.given[name] = value
			}
		default:
			c.write(file.Name, c.expect(file.Name, data))
		}
	}
	return c
}

// expect takes the comments that say what is wrong out of a file.
func (c *mistaken) expect(name, source string) string {
	var plain strings.Builder
	number := 0
	for line := range strings.Lines(source) {
		number++
		code, list, ok := strings.Cut(line, "# ERROR: ")
		if !ok {
			plain.WriteString(line)
			continue
		}
		plain.WriteString(strings.TrimRight(code, " ") + "\n")
		for summary := range strings.SplitSeq(strings.TrimSpace(list), "; ") {
			c.expected = append(c.expected, fmt.Sprintf("%s:%d: %s", name, number, summary))
		}
	}
	if name, ok := strings.CutSuffix(name, ".given"); ok {
		c.files = append(c.files, filepath.Join(c.root, name))
	}
	return plain.String()
}

func (c *mistaken) write(name, content string) {
	c.t.Helper()
	path := filepath.Join(c.root, filepath.FromSlash(strings.TrimSuffix(name, ".given")))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		c.t.Fatal(err)
	}
}

// problems is what validate finds.
func (c *mistaken) problems() []diag.Problem {
	secrets := &redact.Secrets{}
	project, diags := engine.Load(c.root, engine.LoadOptions{
		Secrets: secrets, Values: engine.Values{Texts: c.given, Files: c.files}, NoCache: true,
	})
	if !diags.HasErrors() {
		_, moreDiags := project.Validate(context.Background())
		diags = append(diags, moreDiags...)
	}
	return diag.Hide(diag.Problems(diags, project.Config.Sources), secrets.Text)
}

func summaries(problems []diag.Problem) []string {
	var list []string
	for _, problem := range problems {
		place := "-"
		if problem.Range != nil {
			place = fmt.Sprintf("%s:%d", problem.Range.Filename, problem.Range.Start.Line)
		}
		list = append(list, place+": "+problem.Summary)
	}
	return list
}

func text(problems []diag.Problem) string {
	var text strings.Builder
	diag.WriteText(&text, problems, "")
	return text.String()
}
