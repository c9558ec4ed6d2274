package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flowrider/flowrider/internal/testenv"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"flowrider": checked})
}

// The scenarios need a POSIX shell's tools and nothing else.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", Setup: testenv.Script(t),
		Cmds: commands, RequireExplicitExec: true, UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
	})
}

// The scenarios in testdata/real run real Metaflow in an environment that
// flowrider builds.
func TestRealScripts(t *testing.T) {
	testenv.Real(t)
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/real", Setup: testenv.Script(t),
		Cmds: commands, RequireExplicitExec: true, UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
	})
}
