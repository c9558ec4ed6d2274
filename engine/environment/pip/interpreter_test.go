package pip

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// python is an installed Python that answers as a real one does.
type python struct {
	version        string
	implementation string // "" is cpython
	stage          string // "" is final
	threaded       bool
	base           string // of a virtual environment: folder of the installation
}

// put writes a program that answers as p to root/path, and returns its path.
func (p python) put(t *testing.T, root, path string) string {
	t.Helper()
	file := filepath.Join(root, path)
	prefix := filepath.Dir(filepath.Dir(file))
	base := p.base
	if base == "" {
		base = prefix
	}
	if p.implementation == "" {
		p.implementation = "cpython"
	}
	text := fmt.Sprintf("#!/bin/sh\necho '{\"version\": [%s], \"final\": %t, \"implementation\": %q, \"threaded\": %t, \"executable\": %q, \"prefix\": %q, \"base\": %q}'\n",
		strings.ReplaceAll(p.version, ".", ","), p.stage == "", p.implementation, p.threaded, file, prefix, base)
	write(t, file, text, 0o755)
	return file
}

func write(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func TestChoosePython(t *testing.T) {
	cases := []struct {
		name      string
		installed map[string]python // by path below the root
		path      string            // folders of PATH
		python    string            // the argument
		prefers   string            // minor version and lower end of a lock; "" is no lock
		want      string
		note      string
	}{
		{
			name:      "first lock takes what python3 is on PATH",
			installed: map[string]python{"a/python3": {version: "3.10.4"}, "b/python3.12": {version: "3.12.1"}},
			path:      "a b", want: "a/python3",
		}, {
			name:      "unless it does not fit",
			installed: map[string]python{"a/python3": {version: "3.10.4"}, "b/python3.12": {version: "3.12.1"}, "b/python3.11": {version: "3.11.1"}},
			path:      "a b", python: ">=3.11", want: "b/python3.12",
		}, {
			name:      "a lock's preference beats PATH",
			installed: map[string]python{"a/python3": {version: "3.12.4"}, "b/python3.11": {version: "3.11.1"}},
			path:      "a b", prefers: "3.11 3.10", want: "b/python3.11",
		}, {
			name:      "without it the newest is taken, and said",
			installed: map[string]python{"a/python3": {version: "3.12.4"}, "b/python3.13": {version: "3.13.1"}},
			path:      "a b", prefers: "3.11 3.10", want: "b/python3.13",
			note: "environment.ml: locks/ml.lock prefers Python 3.11, which does not fit or is not on this machine; using Python 3.13.1",
		}, {
			name:      "a released one before a newer candidate",
			installed: map[string]python{"a/python3.12": {version: "3.12.4"}, "a/python3.15": {version: "3.15.0", stage: "beta"}},
			path:      "a", want: "a/python3.12",
		}, {
			name:      "a candidate where there is nothing else",
			installed: map[string]python{"a/python3.15": {version: "3.15.0", stage: "beta"}},
			path:      "a", want: "a/python3.15",
		}, {
			name:      "no other make, none without the lock",
			installed: map[string]python{"a/python3": {version: "3.13.4", implementation: "pypy"}, "a/python3.14": {version: "3.14.0", threaded: true}, "b/python3.10": {version: "3.10.0"}},
			path:      "a b", want: "b/python3.10",
		}, {
			name:      "an older patch release that fits is found behind one that does not",
			installed: map[string]python{"a/python3.11": {version: "3.11.0"}, "b/python3.11": {version: "3.11.7"}},
			path:      "a b", python: ">=3.11.5", prefers: "3.11 3.11.5", want: "b/python3.11",
		}, {
			name:      "a virtual environment leads to its installation",
			installed: map[string]python{"venv/bin/python3": {version: "3.11.2", base: "real"}, "real/bin/python3.11": {version: "3.11.2"}},
			path:      "venv/bin", want: "real/bin/python3.11",
		}, {
			name:      "a name that promises more than it holds",
			installed: map[string]python{"a/python3.13": {version: "3.9.2"}, "b/python3.12": {version: "3.12.1"}},
			path:      "a b", python: ">=3.10", want: "b/python3.12",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			for path, p := range c.installed {
				if p.base != "" {
					p.base = filepath.Join(root, p.base)
				}
				p.put(t, root, path)
			}
			env := project(t, "", Spec{Python: c.python, Environ: []string{"PATH=" + searchPath(root, c.path)}})
			var lock *lockFile
			if minor, floor, ok := strings.Cut(c.prefers, " "); ok {
				lock = &lockFile{python: minor, floor: mustVersion(t, floor)}
			}
			want, err := env.wanted()
			if err != nil {
				t.Fatal(err)
			}
			got, note, err := env.choose(want.python, lock)
			if err != nil {
				t.Fatal(err)
			}
			if got.path != filepath.Join(root, c.want) {
				t.Errorf("chose %s, want %s", got.path, c.want)
			}
			if diff := cmp.Diff(c.note, note); diff != "" {
				t.Errorf("note (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoPythonSaysWhatIsThere(t *testing.T) {
	root := t.TempDir()
	python{version: "3.9.2"}.put(t, root, "a/python3")
	python{version: "3.6.15"}.put(t, root, "a/python3.6")
	python{version: "3.10.2", implementation: "pypy"}.put(t, root, "b/python3")
	write(t, filepath.Join(root, "b/python3.7"), "#!/bin/sh\nexit 3\n", 0o755)
	write(t, filepath.Join(root, "b/python3.12"), "not a program", 0o644)
	env := project(t, "", Spec{Python: ">=3.10", Environ: []string{"PATH=" + searchPath(root, "a b")}})
	_, err := env.Locked()
	if err == nil || !strings.Contains(err.Error(), "does not exist yet") {
		t.Errorf("Locked: error %v, want that of a lock that is absent", err)
	}
	_, err = env.Lock(t.Context(), os.Stderr)
	want := `environment.ml needs a Python that fits python = ">=3.10", and there is none. Found: 3.10.2 (ROOT/b/python3, not CPython), 3.9.2 (ROOT/a/python3), 3.6.15 (ROOT/a/python3.6, too old); did not start: ROOT/b/python3.7: exit status 3. Install one that fits (https://www.python.org/downloads, or ` + "`uv python install 3.12`) or change the `python` argument"
	if diff := cmp.Diff(want, strings.ReplaceAll(fmt.Sprint(err), root, "ROOT")); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	none := project(t, "", Spec{Environ: []string{}})
	if _, err := none.Lock(t.Context(), os.Stderr); err == nil || !strings.Contains(err.Error(), "No Python was found on PATH") {
		t.Errorf("error %v, want that no Python was found", err)
	}
}

// A lock says nothing about Pythons below those it was made for.
func TestNoPythonForALock(t *testing.T) {
	root := t.TempDir()
	python{version: "3.9.2"}.put(t, root, "a/python3")
	env := project(t, "", Spec{Environ: []string{"PATH=" + searchPath(root, "a")}})
	want, err := env.wanted()
	if err != nil {
		t.Fatal(err)
	}
	made, err := newLock(want.digest(), "3.11", version{3, 10}, "")
	if err != nil {
		t.Fatal(err)
	}
	write(t, env.lockFile(), made.text, 0o644)
	_, err = env.Locked()
	message := "environment.ml needs a Python 3.8 or newer, from 3.10 on as in locks/ml.lock, and there is none. Found: 3.9.2 (ROOT/a/python3). "
	if err == nil || !strings.HasPrefix(strings.ReplaceAll(err.Error(), root, "ROOT"), message) {
		t.Errorf("error %v, want %s", err, message)
	}
	python{version: "3.12.2"}.put(t, root, "a/python3.12")
	locked, err := env.Locked()
	if err != nil || locked.Python != "3.12" || !strings.Contains(locked.Note, "prefers Python 3.11") {
		t.Errorf("Locked is %+v, %v, want Python 3.12 and a note", locked, err)
	}
}

// Offline no Python is asked, or even needed: the one that the lock prefers is
// taken to be here, unless the specification forbids it.
func TestOfflineStartsNothing(t *testing.T) {
	env := project(t, "", Spec{Environ: []string{"PATH=/nowhere"}, Offline: true})
	want, err := env.wanted()
	if err != nil {
		t.Fatal(err)
	}
	made, err := newLock(want.digest(), "3.11", version{3, 10}, "")
	if err != nil {
		t.Fatal(err)
	}
	write(t, env.lockFile(), made.text, 0o644)
	if locked, err := env.Locked(); err != nil || locked.Python != "3.11" || locked.Digest != made.digest("3.11") {
		t.Errorf("Locked is %+v, %v, want the lock with its own Python", locked, err)
	}
	env.spec.Offline = false
	env.places = []string{"/nowhere"}
	if _, err := env.Locked(); err == nil {
		t.Error("there is a Python in /nowhere")
	}
}

// The lower end of a lock without a range is the lowest Python that ever made
// it, so that a colleague with a newer one takes nothing away.
func TestLowestToLock(t *testing.T) {
	ranged, _ := parsePythonRange(">=3.9.2,<3.13")
	cases := []struct {
		name   string
		python pythonRange
		old    *lockFile
		want   string
	}{
		{"of the range", ranged, &lockFile{floor: version{3, 8}}, "3.9.2"},
		{"of the Python in use", nil, nil, "3.11"},
		{"of the old lock", nil, &lockFile{floor: version{3, 10}}, "3.10"},
		{"of an older Python", nil, &lockFile{floor: version{3, 12}}, "3.11"},
	}
	for _, c := range cases {
		if got := lowestToLock(&wanted{python: c.python}, c.old, interpreter{version: version{3, 11, 7}}); got.short() != c.want {
			t.Errorf("%s: %s, want %s", c.name, got.short(), c.want)
		}
	}
}

// pyenv's shims fail without pyenv's settings, and so would everything that
// starts them.
func TestPyenvIsFoundThroughItsShims(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "pyenv/shims/python3"), "#!/bin/sh\nexit 127\n", 0o755)
	for _, v := range []string{"3.9.1", "3.10.3", "3.11.7", "3.12.1"} {
		minor := mustVersion(t, v).minor()
		python{version: v}.put(t, root, "pyenv/versions/"+v+"/bin/python"+minor)
		if err := os.Symlink("python"+minor, filepath.Join(root, "pyenv/versions", v, "bin/python3")); err != nil {
			t.Fatal(err)
		}
	}
	python{version: "3.13.0"}.put(t, root, "pyenv/versions/some-virtualenv/bin/python3.13")
	write(t, filepath.Join(root, "pyenv/version"), "3.11.7\n", 0o644)
	shims := "PATH=" + filepath.Join(root, "pyenv/shims")
	cases := []struct {
		name    string
		environ []string
		files   string
		python  string
		want    string
	}{
		{"pyenv's own choice", []string{shims, "HOME="}, "", "", "3.11.7"},
		{"no home at all", []string{shims}, "", "", "3.11.7"},
		{"the project's choice", []string{shims, "HOME="}, "-- .python-version --\n3.10\n", "", "3.10.3"},
		{"the shell's choice", []string{shims, "HOME=", "PYENV_VERSION=3.9.1:3.12.1"}, "-- .python-version --\n3.10\n", "", "3.9.1"},
		{"a version that is not chosen", []string{shims, "HOME="}, "", ">=3.12", "3.12.1"},
		{"without shims on PATH", []string{"PATH=/nowhere", "PYENV_ROOT=" + filepath.Join(root, "pyenv")}, "", "<3.11,>=3.10", "3.10.3"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			env := project(t, c.files, Spec{Python: c.python, Environ: c.environ})
			want, err := env.wanted()
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := env.choose(want.python, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got.version.String() != c.want {
				t.Errorf("chose %s (%s), want %s", got.version, got.path, c.want)
			}
		})
	}
}

// searchPath makes PATH of folders below root.
func searchPath(root, dirs string) string {
	var path []string
	for _, dir := range strings.Fields(dirs) {
		path = append(path, filepath.Join(root, dir))
	}
	return strings.Join(path, string(filepath.ListSeparator))
}
