package python

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/flowrider/flowrider/internal/testenv"
)

// runTests runs the Python tests in the files that pattern names, and shows
// what they printed.
func runTests(t *testing.T, interpreter, pattern string) string {
	t.Helper()
	cmd := exec.Command(interpreter, "-m", "unittest", "discover", "--verbose", "--start-directory", "tests", "--pattern", pattern)
	cmd.Env = append(testenv.Environ(t), "PYTHONPATH=.", "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	t.Logf("%s", out)
	return string(out)
}

// anyPython is a Python of at least 3.10 on PATH.
func anyPython(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"python3", "python"} {
		path, err := exec.LookPath(name)
		if err == nil && exec.Command(path, "-c", "import sys; sys.exit(sys.version_info < (3, 10))").Run() == nil {
			return path
		}
	}
	if os.Getenv("FLOWRIDER_REQUIRE_REAL") == "1" {
		t.Fatal("no Python of at least 3.10 on PATH")
	}
	t.Skip("SKIPPED: no Python of at least 3.10 on PATH")
	return ""
}

func TestPythonWithTheStandardLibraryOnly(t *testing.T) {
	out := runTests(t, anyPython(t), "test_[!m]*.py")
	if strings.Contains(out, "skipped") {
		t.Error("a test was skipped that needs nothing but Python")
	}
}

func TestPythonReadsWhatMetaflowWrites(t *testing.T) {
	out := runTests(t, testenv.Python(t, map[string]string{"metaflow": ""}).Python, "test_metaflow.py")
	if strings.Contains(out, "skipped") {
		t.Error("a test was skipped although Metaflow is there")
	}
}
