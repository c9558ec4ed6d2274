package testenv

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Environ is the whole environment for a child process, as NAME=value, sorted:
// an empty home folder, the shared cache, certificates, proxies, pip's and Go's
// settings, and a user name for Metaflow. Nothing else of the caller's
// environment is in it, and every name is there once.
func Environ(t testing.TB) []string {
	t.Helper()
	return environ(t, t.TempDir())
}

// wanted are the caller's variables that say how to reach the network and
// where tools look for packages.
var wanted = regexp.MustCompile(`^(PIP_.*|SSL_CERT_.*|.*_CA_BUNDLE|(?i:.*_proxy)|NETRC|GOPROXY|GONOSUMDB|GONOPROXY|GOPRIVATE|GOSUMDB|GOINSECURE|GOTOOLCHAIN|GOROOT|FLOWRIDER_REQUIRE_REAL|FLOWRIDER_TEST_CACHE)$`)

func environ(t testing.TB, home string) []string {
	t.Helper()
	env := map[string]string{}
	for _, entry := range os.Environ() {
		if name, value, _ := strings.Cut(entry, "="); wanted.MatchString(name) {
			env[name] = value
		}
	}
	for name, value := range goSettings() {
		env[name] = value
	}
	env["PATH"] = searchPath()
	env["HOME"] = home
	env["FLOWRIDER_CACHE_DIR"] = Cache(t)
	env["FLOWRIDER_TEST_CACHE"] = Cache(t)
	env["METAFLOW_USER"] = "tester"
	env["LANG"] = "C.UTF-8"
	env["TMPDIR"] = os.TempDir()
	if file := pipConfig(); env["PIP_CONFIG_FILE"] == "" && file != "" {
		env["PIP_CONFIG_FILE"] = file
	}
	entries := make([]string, 0, len(env))
	for name, value := range env {
		entries = append(entries, name+"="+value)
	}
	slices.Sort(entries)
	return entries
}

// pipConfig is the user's own pip configuration, which pip does not find under
// another home folder.
func pipConfig() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	file := filepath.Join(dir, "pip", "pip.conf")
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

// goSettings keeps Go's caches where they are: under another home folder all
// would be downloaded and compiled again.
var goSettings = sync.OnceValue(func() map[string]string {
	out, err := exec.Command("go", "env", "-json", "GOMODCACHE", "GOCACHE", "GOFLAGS", "GOPROXY").Output()
	settings := map[string]string{}
	if err == nil {
		_ = json.Unmarshal(out, &settings)
	}
	for name, value := range settings {
		if value == "" {
			delete(settings, name)
		}
	}
	return settings
})

// searchPath is the caller's PATH with the folder of the real python3 in place
// of pyenv's shims, which need the user's own home folder and settings.
var searchPath = sync.OnceValue(func() string {
	var dirs []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if filepath.Base(dir) != "shims" {
			dirs = append(dirs, dir)
			continue
		}
		out, err := exec.Command(filepath.Join(dir, "python3"), "-c", "import sys; print(sys.executable)").Output()
		if real := strings.TrimSpace(string(out)); err == nil && filepath.IsAbs(real) {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	return strings.Join(dirs, string(filepath.ListSeparator))
})
