package draft

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/engine/runner/metaflow"
	"github.com/flowrider/flowrider/internal/pysource"
	"github.com/flowrider/flowrider/schema"
)

func TestNames(t *testing.T) {
	for class, want := range map[string]string{
		"MovieStats": "movie_stats", "HTTPServer": "http_server", "Train2": "train2", "02-movie stats": "movie_stats", "X": "x", "ÄÖ": "", "_A": "a",
	} {
		if got := snake(class); got != want {
			t.Errorf("snake(%q) = %q, want %q", class, got, want)
		}
	}
	taken := map[string]bool{}
	var got []string
	for range 3 {
		got = append(got, unique(taken, "", "a", "b"))
	}
	if diff := cmp.Diff([]string{"a", "b", "a_2"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestVersionsOfPoetry(t *testing.T) {
	for version, want := range map[string]string{
		"^1.2.3": ">=1.2.3,<2", "^0.3": ">=0.3,<0.4", "^0": ">=0,<1", "~1.2": "~=1.2", "*": "", "1.5": "==1.5", ">=2,<3": ">=2,<3", "^3.10,!=3.11.0": ">=3.10,<4,!=3.11.0",
	} {
		if got := caret(version); got != want {
			t.Errorf("caret(%q) = %q, want %q", version, got, want)
		}
	}
}

// Of several files that say what to install, the better one counts, with the
// version of Python that another has.
func TestOneFileSaysWhatToInstall(t *testing.T) {
	files := map[string]string{
		"requirements.txt": "metaflow[x]>=2\n",
		"pyproject.toml":   "[project]\nrequires-python = '>=3.11'\ndependencies = ['a']\n",
		"environment.yml":  "dependencies: [python=3.9, b=1, pip, cudatoolkit=11.8]\n",
	}
	const head = "environment \"pip\" \"py\" {\n"
	for _, test := range []struct{ without, want string }{
		{"", head + "  python       = \">=3.11\"\n  requirements = [\"requirements.txt\"]\n}\n"},
		{"requirements.txt", "# From pyproject.toml. What changes there is to be changed here too.\n" + head +
			"  python = \">=3.11\"\n\n  packages = {\n    metaflow = \">=2.19\"\n    a        = \"\"\n  }\n}\n"},
		{"pyproject.toml", "# Not taken over: cudatoolkit=11.8, which PyPI does not have\n# From environment.yml, whose names are those of conda: some packages have others on PyPI.\n" + head +
			"  python = \"==3.9.*\"\n\n  packages = {\n    metaflow = \">=2.19\"\n    b        = \"==1.*\"\n  }\n}\n"},
	} {
		delete(files, test.without)
		f := &folder{root: t.TempDir(), there: map[string]bool{}}
		for name, text := range files {
			f.there[name] = true
			if err := os.WriteFile(filepath.Join(f.root, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		list := f.environments([]*flow{{Definition: &metaflow.Definition{File: "a/flow.py"}}})
		if diff := cmp.Diff(test.want, list[0].block()); diff != "" || len(f.notes) > 0 {
			t.Errorf("without %s (-want +got):\n%s\n%v", test.without, diff, f.notes)
		}
	}
}

// A file that cannot be read may be the flow that somebody looks for.
func TestAFileThatCannotBeReadIsTold(t *testing.T) {
	root := t.TempDir()
	f := &folder{root: root, tree: pysource.NewTree(root), files: []bundle.Name{{Path: "gone.py"}, {Path: "gone.txt"}}}
	f.flows()
	if diff := cmp.Diff([]string{"gone.py: passed over: it cannot be read: no such file or directory"}, f.notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// Whatever the sources say, the draft is a configuration whose form is right and
// that is formatted.
func FuzzDraft(f *testing.F) {
	f.Add("from metaflow import *\nclass A(FlowSpec):\n  \"\"\"Text \\\\ ${x} %{y}. More\"\"\"\n  a = Parameter('a-b c', default='${\\x01', help='a\\tb')\n  b = Parameter('for', type=JSONType, default={'if': [1e-7, None], 'b c': ()})\nA()\n", "a==1\n-r b", "[project]\nrequires-python='>=3'\ndependencies=['x ; y', 'z @ https://a', '\"']", "dependencies:\n- a=1\n- pip:\n  - b\n")
	f.Add("import metaflow, numpy, \u00e4\nclass \u00c4(metaflow.FlowSpec): x = metaflow.Parameter('x', default=-0x1F)\n\u00c4()", "", "[tool.poetry.dependencies]\npython='^3.9'\na={version='^1'}\nb={git='x'}", "")
	f.Fuzz(func(t *testing.T, source, requirements, project, conda string) {
		root := t.TempDir()
		for name, text := range map[string]string{"flow.py": source, "requirements.txt": requirements, "pyproject.toml": project, "environment.yml": conda} {
			if text == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		d, err := Make(root)
		if err != nil {
			t.Fatal(err)
		}
		text := d.Files[0].Text
		if err := os.WriteFile(filepath.Join(root, d.Files[0].Name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, diags := schema.Load(root); diags.HasErrors() {
			t.Errorf("%v\n%s", diags, text)
		}
		if diff := cmp.Diff(string(hclwrite.Format([]byte(text))), text); diff != "" {
			t.Errorf("not formatted (-want +got):\n%s", diff)
		}
	})
}
