package pip

import (
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// kept are the caller's own uv settings that say where packages come from and
// how to get there. All others could change what is installed, or where.
var kept = regexp.MustCompile(`^UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|INDEX_STRATEGY|INDEX_.+_(USERNAME|PASSWORD)|FIND_LINKS|NO_INDEX|INSECURE_HOST|KEYRING_PROVIDER|HTTP_TIMEOUT|HTTP_RETRIES|OFFLINE|NATIVE_TLS|SYSTEM_CERTS|CONCURRENT_.+)$`)

// leaking are variables of the caller that would reach into an environment
// being built, or lead away from it.
var leaking = regexp.MustCompile(`^(UV_.*|PIP_.*|PYTHON.*|__PYVENV_LAUNCHER__|VIRTUAL_ENV.*|CONDA_.*|PYENV_VERSION|SOURCE_DATE_EPOCH)$`)

// buildEnviron is the caller's environment without what would leak.
func buildEnviron(caller map[string]string) map[string]string {
	env := maps.Clone(caller)
	maps.DeleteFunc(env, func(name, _ string) bool { return leaking.MatchString(name) })
	return env
}

// pipEnviron is the environment for pip itself: its settings stay, but for
// those that lead away from the virtual environment it installs into.
func pipEnviron(caller map[string]string) map[string]string {
	env := buildEnviron(caller)
	for name, value := range caller {
		if strings.HasPrefix(name, "PIP_") {
			env[name] = value
		}
	}
	for _, option := range []string{"TARGET", "PREFIX", "ROOT", "REQUIRE_HASHES", "CONSTRAINT", "REQUIREMENT", "EDITABLE", "NO_DEPS", "DRY_RUN", "REPORT", "IGNORE_INSTALLED"} {
		delete(env, "PIP_"+option)
	}
	env["PIP_USER"] = "0" // a configuration file may say otherwise
	env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
	return env
}

// uvEnviron is the environment for uv: the caller's, uv's settings of it that
// name package indexes, and pip's settings under uv's names. What a
// requirement file says about indexes wins over pip's settings, as with pip.
func uvEnviron(caller map[string]string, pip settings, from source, cache string) map[string]string {
	env := buildEnviron(caller)
	for name, value := range caller {
		if kept.MatchString(name) {
			env[name] = value
		}
	}
	// Cache and environments share a file system, so files are linked, not
	// copied.
	env["UV_CACHE_DIR"] = filepath.Join(cache, "uv")
	env["UV_PYTHON_DOWNLOADS"] = "never"
	env["UV_NO_CONFIG"] = "1"
	env["UV_NO_PROGRESS"] = "1"
	env["NO_COLOR"] = "1"

	setIndexes(env, pip, from)
	setLinks(env, pip, from)
	if trusted := append(pip.list("trusted-host"), from.trusted...); len(trusted) > 0 && env["UV_INSECURE_HOST"] == "" {
		env["UV_INSECURE_HOST"] = strings.Join(trusted, " ")
	}
	if pip.on("no-index") || from.noIndex {
		env["UV_NO_INDEX"] = "1"
	}
	setCertificates(env, pip)
	setDefault(env, "UV_HTTP_TIMEOUT", firstOf(pip["timeout"], pip["default-timeout"]))
	setDefault(env, "UV_KEYRING_PROVIDER", keyring(pip["keyring-provider"]))
	if proxy := pip["proxy"]; proxy != "" {
		setDefault(env, "HTTPS_PROXY", proxy)
		setDefault(env, "HTTP_PROXY", proxy)
	}
	return env
}

func setIndexes(env map[string]string, pip settings, from source) {
	if from.index != "" {
		delete(env, "UV_INDEX_URL")
		env["UV_DEFAULT_INDEX"] = from.index
	} else if env["UV_INDEX_URL"] == "" {
		setDefault(env, "UV_DEFAULT_INDEX", pip["index-url"])
	}
	extra := slices.Clone(from.extra)
	if env["UV_INDEX"] == "" && env["UV_EXTRA_INDEX_URL"] == "" {
		extra = append(extra, pip.list("extra-index-url")...)
	} else if env["UV_INDEX"] != "" {
		extra = append(extra, env["UV_INDEX"])
	}
	if len(extra) > 0 {
		env["UV_INDEX"] = strings.Join(extra, " ")
	}
}

// setLinks carries over --find-links. A folder that is not there stops uv,
// where pip only says so.
func setLinks(env map[string]string, pip settings, from source) {
	links := slices.Clone(from.findLinks)
	if own := env["UV_FIND_LINKS"]; own != "" {
		links = append(links, strings.Split(own, ",")...)
	} else {
		links = append(links, pip.list("find-links")...)
	}
	var present []string
	for _, link := range links {
		if link = strings.TrimSpace(link); link != "" && linkExists(link, env["HOME"]) {
			present = append(present, link)
		}
	}
	delete(env, "UV_FIND_LINKS")
	if len(present) > 0 {
		env["UV_FIND_LINKS"] = strings.Join(present, ",")
	}
}

func linkExists(link, home string) bool {
	if parsed, err := url.Parse(link); err == nil && parsed.Scheme == "file" {
		link = parsed.Path
	} else if strings.Contains(link, "://") {
		return true
	}
	if rest, ok := strings.CutPrefix(link, "~/"); ok {
		link = filepath.Join(home, rest)
	}
	_, err := os.Stat(link)
	return err == nil
}

// setCertificates gives uv the certificates that pip would use: its own
// setting, else those that Python programs are commonly told.
func setCertificates(env map[string]string, pip settings) {
	for _, file := range []string{pip["cert"], env["REQUESTS_CA_BUNDLE"], env["CURL_CA_BUNDLE"]} {
		if _, err := os.Stat(file); file != "" && err == nil {
			setDefault(env, "SSL_CERT_FILE", file)
		}
	}
	setDefault(env, "SSL_CLIENT_CERT", pip["client-cert"])
}

// keyring keeps the provider that uv has as well.
func keyring(provider string) string {
	if provider == "subprocess" {
		return provider
	}
	return ""
}

func setDefault(env map[string]string, name, value string) {
	if env[name] == "" && value != "" {
		env[name] = value
	}
}

func firstOf(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}
