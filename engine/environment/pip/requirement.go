package pip

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/environment"
)

// wanted is a specification with its requirement files read: sorted lines, so
// that order, comments and layout make no difference.
type wanted struct {
	python       pythonRange
	pythonText   string
	requirements []string // what to install
	constraints  []string // what limits it
	options      []string // --no-binary and --only-binary, which change what is installed
	prerelease   bool     // --pre
	source       source   // where to get it from; not in the digest
}

// source says where packages come from, as requirement files name it.
type source struct {
	index     string
	extra     []string
	findLinks []string
	trusted   []string
	noIndex   bool
}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)

func validName(name string) bool { return namePattern.MatchString(name) }

// normalName is the name that package indexes compare by (PEP 503).
func normalName(name string) string {
	return strings.ToLower(separators.ReplaceAllString(strings.TrimSpace(name), "-"))
}

var separators = regexp.MustCompile(`[-_.]+`)

// digest tells one specification from another. Where packages come from is not
// in it: a mirror does not change what was asked for.
func (w *wanted) digest() string {
	var text strings.Builder
	fmt.Fprintf(&text, "flowrider pip specification 1\npython %s\n", w.pythonText)
	for _, line := range w.requirements {
		text.WriteString("require " + line + "\n")
	}
	for _, line := range w.constraints {
		text.WriteString("constrain " + line + "\n")
	}
	for _, line := range w.options {
		text.WriteString("option " + line + "\n")
	}
	fmt.Fprintf(&text, "prerelease %t\n", w.prerelease)
	return digestOf(text.String())
}

// input is the requirements text that uv resolves.
func (w *wanted) input() string {
	return strings.Join(append(slices.Clone(w.options), w.requirements...), "\n") + "\n"
}

// wanted reads the specification. Its errors are the author's mistakes, but
// for files that cannot be read.
func (e *Environment) wanted() (*wanted, error) {
	var mistakes []error
	python, err := parsePythonRange(e.spec.Python)
	if err != nil {
		mistakes = append(mistakes, e.mistake("python", "", err))
	}
	w := &wanted{python: python, pythonText: strings.Join(strings.Fields(e.spec.Python), "")}
	for _, name := range slices.Sorted(maps.Keys(e.spec.Packages)) {
		line, err := requirementLine(name, e.spec.Packages[name])
		if err != nil {
			mistakes = append(mistakes, e.mistake("packages", name, err))
		}
		w.requirements = append(w.requirements, line)
	}
	root, err := os.OpenRoot(e.spec.Root)
	if err != nil {
		return nil, e.failed(err)
	}
	defer root.Close()
	reader := requirementReader{root: root, wanted: w, seen: map[string]bool{}}
	for _, name := range e.spec.Requirements {
		if err := reader.read(filepath.ToSlash(name), false); err != nil {
			mistakes = append(mistakes, e.mistake("requirements", name, err))
		}
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	for _, lines := range []*[]string{&w.requirements, &w.constraints, &w.options} {
		slices.Sort(*lines)
		*lines = slices.Compact(*lines)
	}
	return w, nil
}

func (e *Environment) mistake(argument, element string, err error) error {
	return &environment.Mistake{Name: e.spec.Name, Argument: argument, Element: element, Err: err}
}

func (e *Environment) failed(err error) error {
	return fmt.Errorf("environment.%s: %w", e.spec.Name, err)
}

// requirementLine makes one line of a requirements file of one package.
func requirementLine(name, version string) (string, error) {
	bare, extras, hasExtras := strings.Cut(strings.TrimSpace(name), "[")
	bare = strings.TrimSpace(bare)
	if !validName(bare) || hasExtras && !strings.HasSuffix(extras, "]") {
		return "", fmt.Errorf("package %q is not a package name: write it like \"metaflow\" or \"dask[array]\"", name)
	}
	if hasExtras {
		bare += "[" + extras
	}
	version = strings.TrimSpace(version)
	switch {
	case strings.ContainsAny(version, "\r\n\\#") && !strings.HasPrefix(version, "@"), strings.ContainsAny(version, "\r\n"):
		return "", fmt.Errorf("package %q: version %q is not a version: write it like \">=2.19\"", name, version)
	case version == "":
		return normalLine(bare), nil
	case strings.HasPrefix(version, "@"):
		return checkedLine(bare + " @ " + strings.TrimSpace(version[1:]))
	case version[0] >= '0' && version[0] <= '9':
		return checkedLine(bare + "==" + version)
	case specifiers.MatchString(version):
		return checkedLine(bare + version)
	}
	return "", fmt.Errorf("package %q: version %q is not a version: write it like \">=2.19\", \"2.19.1\" or \"@ https://…\"", name, version)
}

// specifiers are versions that fit, with a marker that says where, if any: ">=2,<3
// ; python_version < '3.12'".
var specifiers = regexp.MustCompile(`^\s*(` + clausePattern + `(\s*,\s*` + clausePattern + `)*)?\s*,?\s*(;.*)?$`)

const clausePattern = `(~=|===?|!=|<=?|>=?)\s*[0-9A-Za-z][0-9A-Za-z.*+!_-]*`

// requirementReader reads requirement files and those they name.
type requirementReader struct {
	root   *os.Root
	wanted *wanted
	seen   map[string]bool
}

// read adds the lines of a file, given by its slash path below the root.
func (r *requirementReader) read(name string, constraint bool) error {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return fmt.Errorf("requirement file %s lies outside the folder of flowrider.hcl: move it there", name)
	}
	name = path.Clean(name)
	key := fmt.Sprint(constraint, name)
	if r.seen[key] {
		return nil
	}
	r.seen[key] = true
	data, err := r.root.ReadFile(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("requirement file %s does not exist", name)
	}
	if err != nil {
		return fmt.Errorf("requirement file %s cannot be read: %w", name, err)
	}
	for _, line := range logicalLines(string(data)) {
		if err := r.add(name, line.text, constraint); err != nil {
			return fmt.Errorf("%s:%d: %w", name, line.number, err)
		}
	}
	return nil
}

// add sorts one line of a requirement file into what is wanted.
func (r *requirementReader) add(file, line string, constraint bool) error {
	if !strings.HasPrefix(line, "-") {
		line, err := checkedLine(line)
		if constraint {
			r.wanted.constraints = append(r.wanted.constraints, line)
		} else {
			r.wanted.requirements = append(r.wanted.requirements, line)
		}
		return err
	}
	option, value := splitOption(line)
	w := r.wanted
	switch option {
	case "-r", "--requirement", "-c", "--constraint":
		if strings.Contains(value, "://") {
			return fmt.Errorf("%s lies on the network, where it can change unseen: copy it into the project", value)
		}
		return r.read(path.Join(path.Dir(file), filepath.ToSlash(value)), constraint || option == "-c" || option == "--constraint")
	case "-i", "--index-url":
		w.source.index = value
	case "--extra-index-url":
		w.source.extra = append(w.source.extra, value)
	case "-f", "--find-links":
		w.source.findLinks = append(w.source.findLinks, r.besideFile(file, value))
	case "--trusted-host":
		w.source.trusted = append(w.source.trusted, value)
	case "--no-index":
		w.source.noIndex = true
	case "--pre":
		w.prerelease = true
	case "--no-binary", "--only-binary":
		w.options = append(w.options, option+" "+value)
	case "--prefer-binary", "--require-hashes", "--use-feature":
		// They change nothing: uv prefers wheels, and a lock always has hashes.
	case "-e", "--editable":
		return fmt.Errorf("an editable package has no hash and changes unseen: leave it out, since a flow can import its own project, or name a release")
	default:
		return fmt.Errorf("option %s is not known here: leave it out", option)
	}
	return nil
}

// besideFile resolves a folder that a requirement file names, as pip does.
func (r *requirementReader) besideFile(file, value string) string {
	if strings.Contains(value, "://") || filepath.IsAbs(value) {
		return value
	}
	return filepath.Join(r.root.Name(), filepath.FromSlash(path.Dir(file)), filepath.FromSlash(value))
}

// splitOption reads "--name=value", "--name value" and "-rvalue".
func splitOption(line string) (option, value string) {
	end := strings.IndexAny(line, "= \t")
	if !strings.HasPrefix(line, "--") && len(line) > 2 {
		end = 2
	}
	if end < 0 {
		return line, ""
	}
	return line[:end], strings.Trim(strings.TrimSpace(strings.TrimPrefix(line[end:], "=")), `"'`)
}

var credentials = regexp.MustCompile(`://[^/\s@]*@`)

// normalLine writes a requirement in one way: "Numpy >=1, <3" as "numpy>=1,<3".
func normalLine(line string) string {
	line = strings.Join(strings.Fields(line), " ")
	head, marker, hasMarker := strings.Cut(line, ";")
	name := requirementName.FindString(head)
	if name == "" || strings.Contains(head, "@") || strings.Contains(head, "://") || strings.Contains(head, " --") {
		return line
	}
	line = normalName(name) + strings.ReplaceAll(head[len(name):], " ", "")
	if hasMarker {
		line += " ; " + strings.TrimSpace(marker)
	}
	return line
}

var requirementName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*`)

// checkedLine refuses what could not be locked or must not be written down.
func checkedLine(line string) (string, error) {
	line = normalLine(line)
	place := line
	if _, url, ok := strings.Cut(line, "@ "); ok {
		place = url
	}
	if strings.HasPrefix(place, ".") || strings.HasPrefix(place, "/") || strings.HasPrefix(place, "~") || strings.HasPrefix(place, "file:") {
		return line, fmt.Errorf("%q is a file of this machine, which others do not have: name a release or a URL, or use install_project for the project itself", line)
	}
	if repository.MatchString(place) {
		return line, fmt.Errorf("%q is a repository, which has no hash to lock: name a release, or the URL of an archive", credentials.ReplaceAllString(line, "://****@"))
	}
	if found := credentials.FindString(line); found != "" && !strings.Contains(found, "${") && !strings.HasPrefix(found, "://git@") {
		return line, fmt.Errorf("%q has a password or token in its URL, and locks are committed: put it into ~/.netrc, or write it as ${NAME} in a requirement file", credentials.ReplaceAllString(line, "://****@"))
	}
	return line, nil
}

var repository = regexp.MustCompile(`^(git|hg|svn|bzr)\+`)

// numberedLine is a line of a file with its number, from 1.
type numberedLine struct {
	number int
	text   string
}

// logicalLines splits a requirement or lock file: continued lines joined,
// comments and empty lines left out.
func logicalLines(text string) []numberedLine {
	var lines []numberedLine
	var current []byte
	start := 0
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n")+"\n", "\n") {
		if start == 0 {
			start = i + 1
		}
		line = strings.TrimSpace(withoutComment(strings.TrimPrefix(line, "\ufeff")))
		rest, continued := strings.CutSuffix(line, `\`)
		current = append(append(current, strings.TrimSpace(rest)...), ' ')
		if continued {
			continue
		}
		if whole := strings.TrimSpace(string(current)); whole != "" {
			lines = append(lines, numberedLine{start, whole})
		}
		current, start = current[:0], 0
	}
	return lines
}

// withoutComment cuts a comment: # at the beginning or after white space, so
// that the fragment of a URL stays.
func withoutComment(line string) string {
	for i, r := range line {
		if r == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return line[:i]
		}
	}
	return line
}
