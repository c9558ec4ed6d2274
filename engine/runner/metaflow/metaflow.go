// Package metaflow runs Metaflow flows: it makes the command line, the
// environment and the launcher of an attempt, judges by the files of
// Metaflow's local datastore whether it succeeded, and reads digests and data
// versions of finished runs from there, without starting Python.
//
// It evaluates no configuration (engine/eval), starts no process
// (internal/process) and writes no record (engine/record). It unpickles
// nothing: values are for the Python package. It reads local datastores only.
package metaflow

import "github.com/flowrider/flowrider/engine/runner"

// Runner runs flows of the kind "metaflow".
type Runner struct{}

var _ runner.Runner = Runner{}

// Names of the runner's arguments in a flow block.
const (
	argFile         = "file"          // slash path below the project's root
	argOptions      = "options"       // before `run`
	argParameters   = "parameters"    // after `run`
	argRunOptions   = "run_options"   // after `run`
	argConfigs      = "configs"       // file for each Config, below the bundle
	argConfigValues = "config_values" // value for each Config
)

// misuse is the failure of a flow whose arguments cannot be passed on.
func misuse(format string, args ...any) error {
	failure := runner.Failf(format, args...)
	failure.Usage = true
	return failure
}
