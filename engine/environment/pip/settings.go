package pip

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// settings are pip's own, by option name ("index-url"), as its configuration
// files and PIP_* variables give them. uv reads neither.
type settings map[string]string

// pipSettings reads pip's settings in pip's order: for all users, for this
// one, for the installation (prefix), the file that PIP_CONFIG_FILE names, and
// variables last. Files that cannot be read are as good as absent, as they are
// to pip.
func pipSettings(environ map[string]string, prefix string) settings {
	s := settings{}
	for _, file := range pipConfigFiles(environ, prefix) {
		if data, err := os.ReadFile(file); err == nil {
			s.addFile(string(data))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(environ)) {
		if option, ok := strings.CutPrefix(name, "PIP_"); ok && environ[name] != "" {
			s[strings.ReplaceAll(strings.ToLower(option), "_", "-")] = environ[name]
		}
	}
	return s
}

func pipConfigFiles(environ map[string]string, prefix string) []string {
	named := environ["PIP_CONFIG_FILE"]
	if named == os.DevNull {
		return nil
	}
	home := environ["HOME"]
	var files []string
	for _, dir := range filepath.SplitList(environ["XDG_CONFIG_DIRS"]) {
		files = append(files, filepath.Join(dir, "pip", "pip.conf"))
	}
	if runtime.GOOS == "darwin" {
		files = append(files, "/Library/Application Support/pip/pip.conf")
	}
	files = append(files, "/etc/xdg/pip/pip.conf", "/etc/pip.conf")
	if filepath.IsAbs(home) {
		files = append(files, filepath.Join(home, ".pip", "pip.conf"))
		if runtime.GOOS == "darwin" {
			files = append(files, filepath.Join(home, "Library", "Application Support", "pip", "pip.conf"))
		}
		files = append(files, filepath.Join(home, ".config", "pip", "pip.conf"))
	}
	if dir := environ["XDG_CONFIG_HOME"]; filepath.IsAbs(dir) {
		files = append(files, filepath.Join(dir, "pip", "pip.conf"))
	}
	if prefix != "" {
		files = append(files, filepath.Join(prefix, "pip.conf"))
	}
	if named != "" {
		files = append(files, named)
	}
	return files
}

// addFile reads the sections that count for installing. What [install] says
// wins over [global], in whatever order they stand.
func (s settings) addFile(text string) {
	section, option := "", ""
	sections := map[string]settings{"global": {}, "install": {}}
	for _, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		trimmed := strings.TrimSpace(line)
		switch into := sections[section]; {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
		case trimmed[0] == '[':
			section, option = strings.Trim(trimmed, "[]"), ""
		case into == nil:
		case (line[0] == ' ' || line[0] == '\t') && option != "":
			into[option] += "\n" + trimmed
		default:
			end := strings.IndexAny(trimmed, "=:")
			if end < 0 {
				continue
			}
			option = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(trimmed[:end])), "_", "-")
			into[option] = strings.TrimSpace(trimmed[end+1:])
		}
	}
	maps.Copy(s, sections["global"])
	maps.Copy(s, sections["install"])
}

// list splits a setting that holds several values.
func (s settings) list(option string) []string { return strings.Fields(s[option]) }

// on reports whether a switch is set.
func (s settings) on(option string) bool {
	switch strings.ToLower(s[option]) {
	case "1", "true", "yes", "on", "y", "t":
		return true
	}
	return false
}
