package metaflow

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/flowrider/flowrider/engine/runner"
)

// launcherName is the name of the program that starts a flow, at the base of
// its bundle. The hyphen keeps it from being imported, and it must not change
// between a run and its resume.
func launcherName(flow string) string { return "flowrider-" + flow + ".py" }

// launcherText is a program that runs the flow file, a slash path below the
// launcher's folder, where it is. Being argv[0] at the base of the bundle, it
// makes Metaflow take the whole bundle for the code package; and the project,
// the file's siblings and what lies beside the file are all found.
func launcherText(file string) string {
	return `import os as _os, sys as _sys
_root = _os.path.dirname(_os.path.abspath(__file__))
__file__ = _os.path.join(_root, ` + strconv.QuoteToASCII(file) + `)
_sys.path[:0] = [_os.path.dirname(__file__), _root]
try:
    with open(__file__, "rb") as _f:
        exec(compile(_f.read(), __file__, "exec"))
except ModuleNotFoundError as _e:
    if _e.name != "metaflow":
        raise
    _sys.exit(_sys.executable + " has no metaflow.\n" + ` + strconv.QuoteToASCII(noMetaflow) + `)
`
}

// noMetaflow is what the log says in the place of a traceback where Python has no
// Metaflow.
const noMetaflow = "Give the flow an environment that has it, as in environment \"pip\" \"ml\" { packages = { metaflow = \"\" } }."

// writeLauncher puts the launcher for the flow file into the bundle. A file of
// the project that has its name is not replaced: the run would not be of the
// bytes that were hashed.
func writeLauncher(job *runner.Job, file string) error {
	name, text := launcherName(job.Name), launcherText(file)
	path := filepath.Join(job.Dir, name)
	there, err := os.ReadFile(path)
	switch {
	case err == nil && string(there) == text:
		return nil
	case err == nil:
		return misuse("the project's file %s has a name that flowrider needs for itself; rename it", name)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("launcher cannot be written: %w", err)
	}
	// Whoever else uses the folder sees it whole, or not at all.
	aside := path + "." + job.Attempt
	err = os.WriteFile(aside, []byte(text), 0o644)
	if err == nil {
		err = os.Rename(aside, path)
	}
	if err != nil {
		return fmt.Errorf("launcher cannot be written: %w", err)
	}
	return nil
}
