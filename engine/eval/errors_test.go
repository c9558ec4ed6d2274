package eval

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

var update = flag.Bool("update", false, "write golden files")

// Each file of testdata/errors is a broken configuration that says on its
// lines what is wrong there: # ERROR: Summary. All messages must be expected,
// each on its line, and the text beside the file is how they are shown.
func TestMistakesAreReportedOnTheirLinesAllAtOnce(t *testing.T) {
	files, err := filepath.Glob("testdata/errors/*.hcl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no configurations: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".hcl"), func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var first string
			for range 20 { // map order must not show
				problems := check(t, source)
				var got []string
				for _, problem := range problems {
					got = append(got, fmt.Sprintf("%d: %s", problem.Range.Start.Line, problem.Summary))
				}
				if diff := cmp.Diff(expected(string(source)), got); diff != "" {
					t.Fatalf("messages (-want +got):\n%s", diff)
				}
				var text strings.Builder
				diag.WriteText(&text, problems, "")
				if first == "" {
					first = text.String()
				}
				if diff := cmp.Diff(first, text.String()); diff != "" {
					t.Fatalf("the text differs from call to call:\n%s", diff)
				}
			}
			golden := strings.TrimSuffix(file, ".hcl") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(first), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), first); diff != "" {
				t.Errorf("text (-want +got), -update writes it:\n%s", diff)
			}
		})
	}
}

// expected reads the # ERROR: comments; several of one line are separated by
// semicolons.
func expected(source string) []string {
	var list []string
	number := 0
	for line := range strings.Lines(source) {
		number++
		if _, summaries, ok := strings.Cut(line, "# ERROR: "); ok {
			for summary := range strings.SplitSeq(strings.TrimSpace(summaries), "; ") {
				list = append(list, fmt.Sprintf("%d: %s", number, summary))
			}
		}
	}
	return list
}

func check(t *testing.T, source []byte) []diag.Problem {
	t.Helper()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, schema.FileName), source, 0o666); err != nil {
		t.Fatal(err)
	}
	config, diags := schema.Load(root)
	diags = append(diags, Check(config)...)
	if !diags.HasErrors() {
		values, moreDiags := Variables(config, nil)
		diags = append(diags, moreDiags...)
		if !diags.HasErrors() {
			e := New(config, Given{Variables: values})
			_, moreDiags := e.Instances()
			diags = append(diags, moreDiags...)
		}
	}
	problems := diag.Problems(diags, config.Sources)
	return problems
}
