package metaflow

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/record"
	"github.com/flowrider/flowrider/engine/runner"
)

// parametersJob gives a value of every type, and variables that must have no
// effect.
func parametersJob(t *testing.T, p *place) *runner.Job {
	job := p.job(t, "parameters.py")
	give(job, map[string]cty.Value{
		"text":          cty.StringVal(`--n=5 "quoted" $HOME ü`),
		"whole":         cty.NumberIntVal(-1_000_000_000_000),
		"learning-rate": cty.MustParseNumberVal("1e-7"),
		"flag":          cty.False,
		"other_flag":    cty.True,
		"tree":          cty.ObjectVal(map[string]cty.Value{"a": cty.ListVal([]cty.Value{cty.NumberIntVal(1)}), "b": cty.NullVal(cty.DynamicPseudoType)}),
		"items":         cty.TupleVal([]cty.Value{cty.StringVal("x"), cty.True}),
		"parts":         cty.StringVal("a,b"),
		"untouched":     cty.NullVal(cty.String),
		"words":         cty.StringVal("pipeline/clean/words.txt"),
	})
	job.Args["configs"] = cty.MapVal(map[string]cty.Value{"settings": cty.StringVal("settings.json")})
	job.Args["config_values"] = cty.ObjectVal(map[string]cty.Value{"other_settings": cty.ObjectVal(map[string]cty.Value{"from": cty.StringVal("value")})})
	job.Hashed["config_values"] = job.Args["config_values"]
	job.Args["options"] = cty.ObjectVal(map[string]cty.Value{"with": cty.StringVal(`environment:vars={"FROM_DECORATOR":"yes"}`), "quiet": cty.False})
	job.Args["run_options"] = cty.ObjectVal(map[string]cty.Value{"max-workers": cty.NumberIntVal(2)})
	job.Tags = []string{"glass", "-odd tag"}
	job.Outputs = []runner.Output{{Name: "colours", Artifact: "colours"}, {Name: "words", Artifact: "words"}}
	job.Env["METAFLOW_RUN_N"] = "99"
	job.Env["METAFLOW_RUN_UNTOUCHED"] = "99"
	job.Env["METAFLOW_DEFAULT_DATASTORE"] = "s3"
	job.Env["PYTHONDONTWRITEBYTECODE"] = "1"
	job.Env["USER"] = "root"
	delete(job.Env, "METAFLOW_USER") // as in a container, where nobody has a name
	if err := os.WriteFile(filepath.Join(p.bundle, "settings.json"), []byte(`{"from": "file"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	return job
}

func TestParameters(t *testing.T) {
	t.Parallel()
	place := shared()
	job := parametersJob(t, place)
	finished, log := succeed(t, job)

	t.Run("arrive", func(t *testing.T) {
		want := map[string]any{
			"text": `--n=5 "quoted" $HOME ü`, "whole": -1e12, "learning-rate": 1e-7, "flag": false, "other_flag": true,
			"tree": map[string]any{"a": []any{1.0}, "b": nil}, "items": []any{"x", true}, "parts": []any{"a", "b"},
			"untouched": "its default", "n": 1.0, "words": "one two three\n",
			"settings": map[string]any{"from": "file"}, "other_settings": map[string]any{"from": "value"},
			"user": "flowrider", "byte code": true, "hash seed": "0", "variable": "yes",
		}
		if diff := cmp.Diff(want, report(t, log, "ARRIVED")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("tags", func(t *testing.T) {
		var self struct{ Tags []string }
		data := must(os.ReadFile(filepath.Join(place.root, ".metaflow", "ParametersFlow", finished.ID, "_meta", "_self.json")))
		if err := json.Unmarshal(data, &self); err != nil {
			t.Fatal(err)
		}
		if len(self.Tags) != 3 || !strings.Contains(string(data), "-odd tag") {
			t.Errorf("tags are %q", self.Tags)
		}
	})
	t.Run("leave the bundle as it was", func(t *testing.T) {
		got := must(filepath.Glob(filepath.Join(place.bundle, "*cache*")))
		got = append(got, must(filepath.Glob(filepath.Join(place.bundle, ".metaflow*")))...)
		if len(got) > 0 {
			t.Errorf("bundle has %q", got)
		}
	})
	t.Run("elsewhere", func(t *testing.T) { parametersElsewhere(t, finished) })
}

// parametersElsewhere runs the same in a second folder: neither its path nor
// the order in sets of texts may enter a version, an included file's content
// must.
func parametersElsewhere(t *testing.T, first *runner.Run) {
	place := newPlace(t.TempDir())
	second, _ := succeed(t, parametersJob(t, place))
	if first.DataVersion != second.DataVersion {
		t.Errorf("data version depends on the folder: %s, %s", first.DataVersion, second.DataVersion)
	}
	for _, name := range []string{"colours", "words"} {
		if a, b := first.Outputs[name].DataVersion, second.Outputs[name].DataVersion; a != b {
			t.Errorf("version of %s depends on the folder: %s, %s", name, a, b)
		}
	}
	output := must(Runner{}.OutputVersion(place.root, &record.Record{RunID: second.ID, Pathspec: second.Pathspec}, "colours"))
	if diff := cmp.Diff(second.Outputs["colours"], output); diff != "" {
		t.Errorf("OutputVersion (-Outcome +OutputVersion):\n%s", diff)
	}
	if err := os.WriteFile(filepath.Join(place.bundle, "pipeline", "clean", "words.txt"), []byte("four"), 0o644); err != nil {
		t.Fatal(err)
	}
	third, _ := succeed(t, parametersJob(t, place))
	if second.DataVersion == third.DataVersion || second.Outputs["words"].DataVersion == third.Outputs["words"].DataVersion {
		t.Error("an included file's content does not count")
	}
	if second.Outputs["colours"].DataVersion != third.Outputs["colours"].DataVersion {
		t.Error("version of an output depends on a parameter")
	}
}
