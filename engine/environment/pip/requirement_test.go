package pip

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

const nested = `
-- requirements.txt --
# what we need
pandas>=2      # tables
-r more/base.txt
scikit-learn ; \
    python_version >= "3.10"
--index-url https://index.example/simple
--find-links wheels
--only-binary=:all:
-- more/base.txt --
--constraint limits.txt
numpy
-- more/limits.txt --
numpy<3
`

func TestRequirementFilesAreFollowed(t *testing.T) {
	want, err := project(t, nested, Spec{Requirements: []string{"requirements.txt"}, Packages: map[string]string{"metaflow": ">=2.19", "dask[array]": "", "idna": "3.7"}}).wanted()
	if err != nil {
		t.Fatal(err)
	}
	wantLines := []string{"dask[array]", "idna==3.7", "metaflow>=2.19", "numpy", "pandas>=2", `scikit-learn ; python_version >= "3.10"`}
	if diff := cmp.Diff(wantLines, want.requirements); diff != "" {
		t.Errorf("requirements (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"numpy<3"}, want.constraints); diff != "" {
		t.Errorf("constraints (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"--only-binary :all:"}, want.options); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	if want.source.index != "https://index.example/simple" || len(want.source.findLinks) != 1 || filepath.Base(want.source.findLinks[0]) != "wheels" {
		t.Errorf("source is %+v", want.source)
	}
}

// Whoever sorts or comments a requirement file, or moves to a mirror, has not
// asked for anything else.
func TestSpecificationDigest(t *testing.T) {
	of := func(files string, spec Spec) string {
		t.Helper()
		want, err := project(t, files, spec).wanted()
		if err != nil {
			t.Fatal(err)
		}
		return want.digest()
	}
	spec := Spec{Requirements: []string{"r.txt"}, Python: ">=3.10,<4"}
	base := of("-- r.txt --\npandas>=2\nnumpy<3\n", spec)
	same := map[string]string{
		"order":    "-- r.txt --\nnumpy<3\npandas>=2\n",
		"comments": "-- r.txt --\n# tables\npandas>=2 # now\n\nnumpy<3\n",
		"mirror":   "-- r.txt --\n--extra-index-url https://mirror.example/simple\npandas>=2\nnumpy<3\n",
		"files":    "-- r.txt --\n-r s.txt\nnumpy<3\n-- s.txt --\npandas>=2\n",
	}
	for name, files := range same {
		if of(files, spec) != base {
			t.Errorf("%s changes the specification", name)
		}
	}
	if of("-- r.txt --\npandas>=2\nnumpy<3\n", Spec{Requirements: []string{"r.txt"}, Python: ">= 3.10, <4"}) != base {
		t.Error("spaces in python change the specification")
	}
	other := map[string]string{
		"version":    "-- r.txt --\npandas>=2.1\nnumpy<3\n",
		"package":    "-- r.txt --\npandas>=2\nnumpy<3\nscipy\n",
		"constraint": "-- r.txt --\npandas>=2\n-c c.txt\n-- c.txt --\nnumpy<3\n",
		"binaries":   "-- r.txt --\npandas>=2\nnumpy<3\n--no-binary numpy\n",
		"prerelease": "-- r.txt --\npandas>=2\nnumpy<3\n--pre\n",
	}
	for name, files := range other {
		if of(files, spec) == base {
			t.Errorf("another %s does not change the specification", name)
		}
	}
}

func TestSpecificationMistakes(t *testing.T) {
	cases := []struct {
		name, files string
		packages    map[string]string
		want        string
	}{
		{"no file", "-- s.txt --\n", nil, "environment.ml: requirement file r.txt does not exist"},
		{"outside", "-- r.txt --\n-r ../../etc/passwd\n", nil, `r.txt:1: requirement file ../../etc/passwd lies outside`},
		{"on the network", "-- r.txt --\n\n-r https://example.org/r.txt\n", nil, "r.txt:2: https://example.org/r.txt lies on the network"},
		{"editable", "-- r.txt --\nsix\n-e .\n", nil, "r.txt:2: an editable package has no hash"},
		{"local", "-- r.txt --\n./wheels/a.whl\n", nil, "is a file of this machine"},
		{"local by name", "-- r.txt --\na @ file:///tmp/a.whl\n", nil, "is a file of this machine"},
		{"repository", "-- r.txt --\na @ git+https://token@example.org/a@main\n", nil, `"a @ git+https://****@example.org/a@main" is a repository, which has no hash`},
		{"password", "-- r.txt --\na @ https://ann:secret@example.org/a.whl\n", nil, `"a @ https://****@example.org/a.whl" has a password or token`},
		{"unknown option", "-- r.txt --\n--frobnicate\n", nil, "option --frobnicate is not known here"},
		{"package name", "-- r.txt --\n", map[string]string{"--index-url": "https://example.org"}, `package "--index-url" is not a package name`},
		{"package version", "-- r.txt --\n", map[string]string{"six": "latest"}, `package "six": version "latest" is not a version: write it like ">=2.19"`},
		{"two lines", "-- r.txt --\n", map[string]string{"six": ">=1\n-e ."}, "is not a version"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			env := project(t, c.files, Spec{Requirements: []string{"r.txt"}, Packages: c.packages})
			_, err := env.wanted()
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestRequirementFileMayNotLeaveByLink(t *testing.T) {
	env := project(t, "-- kept.txt --\n", Spec{Requirements: []string{"r.txt"}})
	outside := filepath.Join(t.TempDir(), "r.txt")
	if err := os.WriteFile(outside, []byte("six\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(env.spec.Root, "r.txt")); err != nil {
		t.Fatal(err)
	}
	if _, err := env.wanted(); err == nil || !strings.Contains(err.Error(), "r.txt cannot be read") {
		t.Errorf("error %v, want the link refused", err)
	}
}

// project writes files (txtar) into a new root folder and declares
// environment.ml there, with a cache of its own and no Python but those in
// spec.Environ's PATH.
func project(t *testing.T, files string, spec Spec) *Environment {
	t.Helper()
	spec.Root, spec.Name = t.TempDir(), "ml"
	for _, file := range txtar.Parse([]byte(files)).Files {
		path := filepath.Join(spec.Root, file.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if spec.Cache == "" {
		spec.Cache = t.TempDir()
	}
	if spec.Environ == nil {
		spec.Environ = []string{}
	}
	env := New(spec)
	env.places = []string{}
	return env
}
