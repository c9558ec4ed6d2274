package process

import (
	"path"
	"strings"
)

// allowed are the caller's variables that every child gets: those that say
// where, as whom and how, not what is computed. FLOWRIDER_CACHE_DIR is not
// among them: a flow has no business in flowrider's cache.
var allowed = []string{
	"PATH", "HOME", "USER", "LANG", "LC_*", "TZ", "TMPDIR", "TERM",
	"*_PROXY", "*_proxy", "SSL_CERT_*", "*_CA_BUNDLE",
	"AWS_*", "AZURE_*", "GOOGLE_*", "CUDA_*", "METAFLOW_*", "PREFECT_*",
}

// Environ picks from the caller's environment, in the form of os.Environ,
// what a child gets: the allow-list, and what pass names. Both know the
// globs of path.Match. Of a variable that is there twice the first counts.
// The marker of an outer flowrider is never passed on.
func Environ(caller []string, pass []string) map[string]string {
	env := map[string]string{}
	for _, entry := range caller {
		name, value, ok := strings.Cut(entry, "=")
		if _, twice := env[name]; !ok || name == "" || twice || name == marker {
			continue
		}
		if matches(name, allowed) || matches(name, pass) {
			env[name] = value
		}
	}
	return env
}

// matches says whether one of the patterns is the name or a glob for it.
func matches(name string, patterns []string) bool {
	for _, pattern := range patterns {
		if pattern == name {
			return true
		}
		if ok, err := path.Match(pattern, name); ok && err == nil {
			return true
		}
	}
	return false
}
