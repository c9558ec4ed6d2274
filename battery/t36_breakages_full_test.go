//go:build full

package battery_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/flowrider/flowrider/internal/testenv"
)

// Each rule is broken by itself, and a test whose name is known turns red, and
// is green without.
func TestT36EachBreakageIsNoticed(t *testing.T) {
	caught := 0
	for _, b := range breakages {
		t.Run(b.rule, func(t *testing.T) {
			output, passed := b.run(t)
			switch {
			case passed:
				t.Errorf("%s has not noticed", b.test)
			case strings.Contains(output, "[build failed]") || strings.Contains(output, "no tests to run"):
				t.Errorf("it is not a test that has failed:\n%s", output)
			default:
				caught++
			}
		})
	}
	if caught < 25 {
		t.Errorf("%d breakages were noticed, want at least 25", caught)
	}
	testenv.Figure(t, "T36", "%d of %d deliberate breakages noticed, each by the test that is named beside it", caught, len(breakages))
}

// run runs the test with the breakage.
func (b breakage) run(t *testing.T) (output string, passed bool) {
	t.Helper()
	// What a broken program leaves running is known by the folder of its tests.
	folder := t.TempDir()
	defer endAllOf(folder)
	environ := []string{"FLOWRIDER_FIGURES=", "TMPDIR=" + folder}
	for _, entry := range os.Environ() { // the whole one, which this process has built
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "FLOWRIDER_BATTERY_PROGRAM_") {
			environ = append(environ, name+"=")
		}
	}
	return testenv.Broken{Root: repository, File: b.file, Old: b.old, New: b.new, Environ: environ}.
		Test(t, "-timeout=90s", "-run", "^("+b.test+")$", "./"+b.folder)
}

// endAllOf ends whatever has the folder in its command line or environment.
func endAllOf(folder string) {
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		line, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "cmdline"))
		env, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "environ"))
		if strings.Contains(string(line)+string(env), folder) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
