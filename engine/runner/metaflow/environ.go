package metaflow

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/runner"
)

// defaultUser is who runs a flow where Metaflow would find nobody and refuse.
const defaultUser = "flowrider"

// scrubbed are the variables that could change what a flow computes behind
// its configuration, or that break it. A star at the end stands for any rest.
var scrubbed = []string{
	"METAFLOW_RUN_*", "METAFLOW_RESUME_*", // every option and parameter of `run` and `resume`
	"METAFLOW_FLOW_*",                                                                    // decorators' options and configs
	"METAFLOW_QUIET", "METAFLOW_DECOSPECS", "METAFLOW_PYLINT", "METAFLOW_DATASTORE_ROOT", // options before `run`
	"METAFLOW_METADATA", "METAFLOW_DATASTORE", "METAFLOW_ENVIRONMENT", "METAFLOW_PACKAGE_SUFFIXES",
	"METAFLOW_EVENT_LOGGER", "METAFLOW_MONITOR",
	"METAFLOW_DEFAULT_DECOSPECS", "METAFLOW_DEFAULT_ENVIRONMENT", // their defaults
	"METAFLOW_CARD_LOCALROOT", // with it set, Metaflow loses local cards without a word
	"METAFLOW_ENABLED_*",      // taken letter by letter; Metaflow then fails
	"PYTHONDONTWRITEBYTECODE", // a flow then takes more than twice the time
	"PYTHONHOME", "PYTHONSTARTUP",
}

// environ is the job's environment as Metaflow needs it: one datastore for
// all flows of the root folder, no stray files in the bundle, and stable
// digests.
func environ(job *runner.Job) map[string]string {
	env := map[string]string{}
	for name, value := range job.Env {
		if !slices.ContainsFunc(scrubbed, func(pattern string) bool { return matches(pattern, name) }) {
			env[name] = value
		}
	}
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if !contains(env[name], job.Python) { // another environment's
			delete(env, name)
		}
	}
	store := filepath.Join(job.Root, datastoreFolder)
	env["METAFLOW_DATASTORE_SYSROOT_LOCAL"] = job.Root
	env["METAFLOW_DATATOOLS_LOCALROOT"] = filepath.Join(store, "data")
	// Only local runs can be read so far. Steps that call the client must look
	// where their flow's runs go, whatever the user's own settings say.
	env["METAFLOW_DEFAULT_DATASTORE"] = "local"
	env["METAFLOW_DEFAULT_METADATA"] = "local"
	env["METAFLOW_TEMPDIR"] = temporary(job)
	env["METAFLOW_ARTIFACT_LOCALROOT"] = temporary(job)
	if env["PYTHONHASHSEED"] == "" {
		env["PYTHONHASHSEED"] = "0" // else sets of texts get another digest in each process
	}
	if !hasUser(env) {
		env["METAFLOW_USER"] = defaultUser
	}
	return env
}

// matches says whether a name is the pattern, or begins as it does up to its
// star.
func matches(pattern, name string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, prefix)
	}
	return pattern == name
}

// contains says whether a file lies in the folder.
func contains(folder, file string) bool {
	rel, err := filepath.Rel(folder, file)
	return folder != "" && file != "" && err == nil && filepath.IsLocal(rel)
}

// hasUser says whether Metaflow would find a name. It takes root for none.
func hasUser(env map[string]string) bool {
	for _, name := range []string{"METAFLOW_USER", "SUDO_USER", "USERNAME", "USER"} {
		if user := env[name]; user != "" && user != "root" {
			return true
		}
	}
	return false
}
