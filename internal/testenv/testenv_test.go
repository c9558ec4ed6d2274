package testenv_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flowrider/flowrider/internal/testenv"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hello": func() { os.Stdout.WriteString("hello\n") }})
}

func TestScript(t *testing.T) {
	t.Setenv("VIRTUAL_ENV", "/somebody/elses")
	testscript.Run(t, testscript.Params{Dir: "testdata", Setup: testenv.Script(t)})
}

func TestEnvironIsClean(t *testing.T) {
	t.Setenv("UV_INDEX_STRATEGY", "unsafe-best-match")
	t.Setenv("METAFLOW_DEFAULT_DATASTORE", "s3")
	t.Setenv("PIP_TIMEOUT", "99")
	t.Setenv("https_proxy", "http://proxy.invalid")
	env := testenv.Environ(t)
	for _, want := range []string{"METAFLOW_USER=tester", "LANG=C.UTF-8", "PIP_TIMEOUT=99", "https_proxy=http://proxy.invalid", "FLOWRIDER_CACHE_DIR=" + testenv.Cache(t)} {
		if !slices.Contains(env, want) {
			t.Errorf("Environ has no %s", want)
		}
	}
	var names []string
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		names = append(names, name)
		if name == "HOME" && value == os.Getenv("HOME") {
			t.Error("Environ has the caller's home folder")
		}
		if name == "UV_INDEX_STRATEGY" || name == "METAFLOW_DEFAULT_DATASTORE" {
			t.Errorf("Environ lets %s through", entry)
		}
	}
	if distinct := slices.Compact(slices.Clone(names)); !slices.Equal(distinct, names) {
		t.Errorf("Environ names a variable twice: %v", names)
	}
}

func TestPythonImportsItsPackages(t *testing.T) {
	prefix := testenv.Python(t, map[string]string{"six": ""})
	cmd := exec.Command(prefix.Python, "-c", "import six; print(six.__name__)")
	cmd.Env = testenv.Environ(t)
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "six\n" {
		t.Errorf("import six: %v\n%s", err, out)
	}
	if again := testenv.Python(t, map[string]string{"six": ""}); again.Python != prefix.Python {
		t.Errorf("Python built twice: %s and %s", prefix.Python, again.Python)
	}
}

func TestRealFailsWhereItIsRequired(t *testing.T) {
	if os.Getenv("TESTENV_CHILD") == "1" {
		testenv.Real(t)
		return
	}
	testenv.Python(t, map[string]string{"six": ""}) // so that uv is there and need not be installed
	uv, err := filepath.Glob(filepath.Join(testenv.Cache(t), "tools", "uv-latest", "*", "bin"))
	if err != nil {
		t.Fatal(err)
	}
	path := strings.Join(append(uv, os.Getenv("PATH")), ":")
	child := func(required string) (string, error) {
		cmd := exec.Command(os.Args[0], "-test.run=^TestRealFailsWhereItIsRequired$", "-test.v")
		cmd.Env = append(testenv.Environ(t), "TESTENV_CHILD=1", "FLOWRIDER_REQUIRE_REAL="+required, "FLOWRIDER_TEST_CACHE="+t.TempDir(),
			"PIP_INDEX_URL=http://127.0.0.1:9/simple", "PIP_RETRIES=0", "UV_HTTP_RETRIES=0", "PIP_CONFIG_FILE=/dev/null", "PATH="+path)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := child("0"); err != nil || !strings.Contains(out, "SKIP") {
		t.Errorf("without an index: %v, want a test skipped\n%s", err, out)
	}
	if out, err := child("1"); err == nil || !strings.Contains(out, "FLOWRIDER_REQUIRE_REAL=1, but the package index cannot be reached") {
		t.Errorf("without an index it is required: %v, want a failure\n%s", err, out)
	}
}
