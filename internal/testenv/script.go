package testenv

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Script makes the Setup function of testscript.Params: each script gets the
// variables of Environ, with its home folder in $WORK/home and temporary files
// in $WORK/.tmp. The programs that testscript.Main puts on PATH stay there.
func Script(t testing.TB) func(*testscript.Env) error {
	t.Helper()
	HearSignals()
	shared := Environ(t)
	return func(env *testscript.Env) error {
		for _, entry := range shared {
			name, value, _ := strings.Cut(entry, "=")
			env.Setenv(name, value)
		}
		for name, folder := range map[string]string{"HOME": "home", "TMPDIR": ".tmp"} {
			dir := filepath.Join(env.WorkDir, folder)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			env.Setenv(name, dir)
		}
		return nil
	}
}
