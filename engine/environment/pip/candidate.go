package pip

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// candidate is a file that may be a Python.
type candidate struct {
	path  string
	minor int  // what its name promises, 11 of python3.11; 0 where it does not say
	first bool // it is what `python3` means on PATH
}

// search finds Pythons on this machine. uv is not asked: it stumbles over
// pyenv's shims, and its choice would differ from version to version.
type search struct {
	environ map[string]string
	root    string   // where pyenv would look for .python-version
	places  []string // folders to look in after PATH and pyenv
}

var (
	pythonName   = regexp.MustCompile(`^python3(?:\.(\d+))?$`)
	pyenvVersion = regexp.MustCompile(`^3\.(\d+)(?:\.\d+(?:(?:a|b|rc)\d+)?)?$`)
)

// candidates lists files in the order in which a user would expect them: PATH,
// then pyenv's versions, then the usual places. Each file is there once.
func (s search) candidates() []candidate {
	var found []candidate
	var pyenvs []string
	for _, dir := range filepath.SplitList(s.environ["PATH"]) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if root, ok := pyenvOfShims(dir); ok {
			pyenvs = append(pyenvs, root)
			for _, version := range s.pyenvChoice(root) {
				found = append(found, pythonsIn(filepath.Join(root, "versions", version, "bin"))...)
			}
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, "pyenv")); err == nil {
			pyenvs = append(pyenvs, filepath.Dir(dir))
		}
		found = append(found, pythonsIn(dir)...)
	}
	for i := range found {
		if filepath.Base(found[i].path) == "python3" {
			found[i].first = true
			break
		}
	}
	pyenvs = append(pyenvs, s.environ["PYENV_ROOT"], s.home(".pyenv"))
	for _, root := range pyenvs {
		found = append(found, pyenvVersions(root)...)
	}
	for _, dir := range s.places {
		found = append(found, pythonsIn(dir)...)
	}
	return withoutTwins(found)
}

// pyenvOfShims recognises pyenv's folder of shims by what stands beside it, so
// that neither pyenv itself nor a home folder is needed.
func pyenvOfShims(dir string) (root string, ok bool) {
	root = filepath.Dir(filepath.Clean(dir))
	if filepath.Base(dir) != "shims" {
		return "", false
	}
	info, err := os.Stat(filepath.Join(root, "versions"))
	return root, err == nil && info.IsDir()
}

// pyenvChoice is what pyenv's shims would start: the versions named by
// PYENV_VERSION, else by .python-version in the project or above, else by
// pyenv's own file.
func (s search) pyenvChoice(root string) []string {
	text := s.environ["PYENV_VERSION"]
	for dir := s.root; text == "" && filepath.IsAbs(dir); dir = filepath.Dir(dir) {
		data, _ := os.ReadFile(filepath.Join(dir, ".python-version"))
		text = string(data)
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if strings.TrimSpace(text) == "" {
		data, _ := os.ReadFile(filepath.Join(root, "version"))
		text = string(data)
	}
	var versions []string
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ':' || r == ' ' || r == '\n' || r == '\r' || r == '\t' }) {
		name = strings.TrimPrefix(name, "python-")
		if filepath.IsLocal(name) {
			versions = append(versions, newestWithPrefix(filepath.Join(root, "versions"), name))
		}
	}
	return versions
}

// newestWithPrefix resolves "3.11" to the newest installed 3.11.x, as pyenv
// does.
func newestWithPrefix(dir, name string) string {
	if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
		return name
	}
	entries, _ := os.ReadDir(dir)
	best, bestMicro := name, -1
	for _, entry := range entries {
		rest, ok := strings.CutPrefix(entry.Name(), name+".")
		if micro, err := strconv.Atoi(rest); ok && err == nil && micro > bestMicro {
			best, bestMicro = entry.Name(), micro
		}
	}
	return best
}

// pyenvVersions lists plain Pythons of a pyenv folder, leaving out virtual
// environments and other makes.
func pyenvVersions(root string) []candidate {
	if !filepath.IsAbs(root) {
		return nil
	}
	entries, _ := os.ReadDir(filepath.Join(root, "versions"))
	var found []candidate
	for _, entry := range entries {
		if match := pyenvVersion.FindStringSubmatch(entry.Name()); match != nil {
			minor, _ := strconv.Atoi(match[1])
			path := filepath.Join(root, "versions", entry.Name(), "bin", "python3."+match[1])
			if _, err := os.Stat(path); err == nil {
				found = append(found, candidate{path: path, minor: minor})
			}
		}
	}
	slices.Reverse(found) // newer before older, roughly; what counts is asked
	return found
}

// usualPlaces are folders where installers put Pythons that PATH may not name.
func usualPlaces(home func(string) string) []string {
	patterns := []string{
		"/usr/local/bin", "/usr/bin", "/bin",
		"/opt/homebrew/bin", "/opt/homebrew/opt/python@3.*/bin", "/usr/local/opt/python@3.*/bin",
		"/Library/Frameworks/Python.framework/Versions/3.*/bin",
		"/opt/python/*/bin",
		home(".local/bin"), home(".local/share/uv/python/cpython-3.*/bin"),
		home(".asdf/installs/python/3.*/bin"), home(".local/share/mise/installs/python/3.*/bin"),
	}
	var dirs []string
	for _, pattern := range patterns {
		if pattern != "" {
			matches, _ := filepath.Glob(pattern)
			dirs = append(dirs, matches...)
		}
	}
	return dirs
}

// home is a path below the home folder, or "" where there is none.
func (s search) home(rest string) string {
	if home := s.environ["HOME"]; filepath.IsAbs(home) {
		return filepath.Join(home, rest)
	}
	return ""
}

// pythonsIn lists python3 first, then python3.N from new to old.
func pythonsIn(dir string) []candidate {
	if runtime.GOOS == "darwin" && dir == "/usr/bin" && !hasDeveloperTools() {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var found []candidate
	for _, entry := range entries {
		match := pythonName.FindStringSubmatch(entry.Name())
		if match == nil {
			continue
		}
		c := candidate{path: filepath.Join(dir, entry.Name())}
		info, err := os.Stat(c.path)
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			continue
		}
		c.minor, _ = strconv.Atoi(match[1])
		if c.minor == 0 {
			c.minor = minorOfTarget(c.path)
		}
		found = append(found, c)
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		if plain := filepath.Base(a.path) == "python3"; plain != (filepath.Base(b.path) == "python3") {
			if plain {
				return -1
			}
			return 1
		}
		return b.minor - a.minor
	})
	return found
}

// minorOfTarget reads 11 off the file that python3 is a link to.
func minorOfTarget(path string) int {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return 0
	}
	match := pythonName.FindStringSubmatch(filepath.Base(target))
	if match == nil {
		return 0
	}
	minor, _ := strconv.Atoi(match[1])
	return minor
}

// hasDeveloperTools says whether macOS's own python3 is more than a stub that
// opens a window asking to install something.
func hasDeveloperTools() bool {
	for _, dir := range []string{"/Library/Developer/CommandLineTools", "/Applications/Xcode.app"} {
		if _, err := os.Stat(dir); err == nil {
			return true
		}
	}
	return false
}

// withoutTwins keeps the first path to each file: python3 and python3.11 of one
// folder are mostly the same.
func withoutTwins(candidates []candidate) []candidate {
	seen := map[string]int{}
	var kept []candidate
	for _, c := range candidates {
		target, err := filepath.EvalSymlinks(c.path)
		if err != nil {
			continue
		}
		// Two virtual environments link to one file and are not the same.
		key := target
		if _, err := os.Stat(filepath.Join(filepath.Dir(filepath.Dir(c.path)), "pyvenv.cfg")); err == nil {
			key = filepath.Dir(c.path)
		}
		if at, twin := seen[key]; twin {
			kept[at].first = kept[at].first || c.first
			continue
		}
		seen[key] = len(kept)
		kept = append(kept, c)
	}
	return kept
}
