package plan

import (
	"maps"
	"os"
	"path/filepath"

	"github.com/flowrider/flowrider/engine/environment"
)

// Activate puts an environment's own variables and its programs first into a
// child's environment.
func Activate(env map[string]string, prefix *environment.Prefix) {
	maps.Copy(env, prefix.Env)
	PrependPath(env, "PATH", prefix.Bin)
}

// PrependPath puts a folder before all others in a variable such as PATH.
func PrependPath(env map[string]string, name, folder string) {
	if folder == "" {
		return
	}
	if before := env[name]; before != "" {
		folder += string(os.PathListSeparator) + before
	}
	env[name] = folder
}

// Locate tells flowrider's Python package in a child where the records are
// that count for this walk. None of it is hashed.
func (s *Session) Locate(env map[string]string) {
	env["FLOWRIDER_ROOT"] = s.Config.Root
	env["FLOWRIDER_RUNS"] = filepath.Join(s.Config.Root, filepath.FromSlash(s.Config.Settings.Runs))
	env["FLOWRIDER_WORKSPACE"] = s.tools.Records.Workspace()
}
