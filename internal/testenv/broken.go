//go:build full

package testenv

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Broken is a test that is run with one rule taken out of the program: in a
// file, a text that occurs once and what stands there instead.
type Broken struct {
	Root           string // of the repository
	File, Old, New string
	Environ        []string // beside that of this process
}

// Test runs go test with some arguments. The sources stay as they are: the
// compiler gets an overlay, by GOFLAGS, so that a test that builds the program
// builds the broken one.
func (b Broken) Test(t testing.TB, arguments ...string) (output string, passed bool) {
	t.Helper()
	root, err := filepath.Abs(b.Root)
	if err != nil {
		t.Fatal(err)
	}
	source := OccursOnce(t, root, b.File, b.Old)
	if t.Failed() {
		t.FailNow()
	}
	file := filepath.Join(root, filepath.FromSlash(b.File))
	folder := t.TempDir()
	broken, overlay := filepath.Join(folder, "broken.go"), filepath.Join(folder, "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {file: broken}})
	if err == nil {
		err = os.WriteFile(broken, []byte(strings.Replace(source, b.Old, b.New, 1)), 0o644)
	}
	if err == nil {
		err = os.WriteFile(overlay, replace, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	test := exec.Command("go", append([]string{"test", "-vet=off", "-count=1"}, arguments...)...)
	test.Dir = root
	test.Env = append(os.Environ(), "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -overlay="+overlay))
	test.Env = append(test.Env, b.Environ...)
	text, err := test.CombinedOutput()
	return string(text), err == nil && !strings.Contains(string(text), "no tests to run")
}
