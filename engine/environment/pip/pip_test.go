package pip_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/engine/environment/pip"
	"github.com/flowrider/flowrider/internal/testenv"
)

// spec declares environment.ml in a project of its own.
func spec(t *testing.T, environ []string, packages map[string]string) pip.Spec {
	t.Helper()
	return pip.Spec{Root: t.TempDir(), Name: "ml", Packages: packages, Cache: t.TempDir(), Environ: environ}
}

func lock(t *testing.T, s pip.Spec) *environment.Lock {
	t.Helper()
	var log bytes.Buffer
	lock, err := pip.New(s).Lock(t.Context(), &log)
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	return lock
}

func build(t *testing.T, s pip.Spec, lock *environment.Lock) *environment.Prefix {
	t.Helper()
	var log bytes.Buffer
	prefix, err := pip.New(s).Build(t.Context(), lock, &log)
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	return prefix
}

// evaluate runs a line of Python in a prefix.
func evaluate(t *testing.T, prefix *environment.Prefix, line string) string {
	t.Helper()
	cmd := exec.Command(prefix.Python, "-c", line)
	cmd.Env = testenv.Environ(t)
	for name, value := range prefix.Env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return strings.TrimSpace(string(out))
}

// The real package index, from a machine that has no uv: lock, build, import.
func TestRealPackages(t *testing.T) {
	testenv.Real(t)
	s := spec(t, testenv.Environ(t), map[string]string{"six": ">=1.16", "idna": ""})
	s.Python = ">=3.10"
	env := pip.New(s)
	if _, err := env.Locked(); !errors.As(err, new(*environment.Stale)) || !strings.Contains(err.Error(), "locks/ml.lock does not exist yet") {
		t.Errorf("Locked: error %v, want that of an absent lock", err)
	}
	made := lock(t, s)
	if _, ok := env.Built(made); ok {
		t.Error("Built finds a prefix before any build")
	}
	locked, err := env.Locked()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made, locked); diff != "" {
		t.Errorf("Locked differs from what Lock made (-made +locked):\n%s", diff)
	}
	prefix := build(t, s, locked)
	if got := evaluate(t, prefix, "import six, idna, sys; print(six.__name__, idna.__name__, '%d.%d' % sys.version_info[:2])"); got != "six idna "+locked.Python {
		t.Errorf("python printed %q", got)
	}
	if got, ok := env.Built(locked); !ok || got.Python != prefix.Python {
		t.Errorf("Built is %v, %t", got, ok)
	}
	for _, word := range []string{"http", "simple", s.Root, s.Cache} {
		if strings.Contains(locked.Text, word) {
			t.Errorf("the lock has %q in it:\n%s", word, locked.Text)
		}
	}
}

// pip's configuration names the index and the password; neither may get into
// anything that is written down.
func TestIndexOfPipIsUsedAndNowhereNamed(t *testing.T) {
	x := newIndex(t)
	x.release(t, "alpha", "1.0", "beta>=1")
	x.release(t, "beta", "1.5")
	s := spec(t, x.environ(t), map[string]string{"alpha": ""})
	var log bytes.Buffer
	env := pip.New(s)
	made, err := env.Lock(t.Context(), &log)
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	want := []environment.Package{{Name: "alpha", Version: "1.0"}, {Name: "beta", Version: "1.5"}}
	if diff := cmp.Diff(want, made.Packages); diff != "" {
		t.Errorf("packages (-want +got):\n%s", diff)
	}
	prefix, err := env.Build(t.Context(), made, &log)
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	if got := evaluate(t, prefix, "import alpha, beta; print(alpha.version, beta.version)"); got != "1.0 1.5" {
		t.Errorf("python printed %q", got)
	}
	x.release(t, "gamma", "1", "nowhere")
	s.Packages = map[string]string{"gamma": ""}
	_, failure := pip.New(s).Lock(t.Context(), &log)
	if failure == nil || !strings.Contains(failure.Error(), "nowhere") {
		t.Errorf("error %v, want uv's words about the package that is missing", failure)
	}
	host := strings.TrimPrefix(x.URL, "http://")
	for what, text := range map[string]string{"lock": made.Text, "log": log.String(), "error": failure.Error()} {
		if strings.Contains(text, indexPassword) || what == "lock" && strings.Contains(text, host) {
			t.Errorf("the %s names the index:\n%s", what, text)
		}
	}
	if found := grep(t, s.Root, host) + grep(t, filepath.Join(s.Cache, "envs"), indexPassword); found != "" {
		t.Errorf("the index is named in %s", found)
	}
}

// grep names the files below dir that hold a text.
func grep(t *testing.T, dir, text string) string {
	t.Helper()
	found := ""
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(text)) {
			found += path + "\n"
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
