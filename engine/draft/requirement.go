package draft

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	toml "github.com/pelletier/go-toml/v2"
	yaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
)

// requireText takes a requirements.txt as it is.
func requireText(e *environment, name, text string) error {
	e.files = append(e.files, name)
	for line := range strings.Lines(text) {
		if m := requirement.FindStringSubmatch(strings.TrimSpace(line)); m != nil && normal(m[1]) == "metaflow" {
			return nil
		}
	}
	e.packages = append(e.packages, entry{name: "metaflow", version: metaflowVersion, comment: name + " does not have it."})
	return nil
}

// requirement is a line of PEP 508: name, extras, and what follows.
var requirement = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*\(?([^)]*)\)?$`)

// add adds a requirement as PEP 508 has it.
func (e *environment) add(text string) {
	m := requirement.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		e.comments = append(e.comments, "Not taken over: "+text)
		return
	}
	if !e.has(m[1]) {
		e.packages = append(e.packages, entry{name: m[1] + strings.ReplaceAll(m[2], " ", ""), version: strings.TrimSpace(m[3])})
	}
}

// requireProject reads a pyproject.toml, that of Poetry too.
func requireProject(e *environment, name, text string) error {
	var file struct {
		Project struct {
			RequiresPython string   `toml:"requires-python"`
			Dependencies   []string `toml:"dependencies"`
		} `toml:"project"`
		Tool struct {
			Poetry struct {
				Dependencies map[string]any `toml:"dependencies"`
			} `toml:"poetry"`
		} `toml:"tool"`
	}
	if err := toml.Unmarshal([]byte(text), &file); err != nil {
		return fmt.Errorf("it is no TOML: %w", err)
	}
	poetry := file.Tool.Poetry.Dependencies
	if e.python = strings.TrimSpace(file.Project.RequiresPython); e.python == "" {
		if version, ok := poetry["python"].(string); ok {
			e.python = caret(version)
		}
	}
	if len(e.files) > 0 {
		return nil // a requirements.txt says what to install
	}
	for _, line := range file.Project.Dependencies {
		e.add(line)
	}
	for _, name := range slices.Sorted(maps.Keys(poetry)) {
		if name == "python" || len(file.Project.Dependencies) > 0 {
			continue
		}
		version, ok := poetry[name].(string)
		if table, is := poetry[name].(map[string]any); is {
			version, ok = table["version"].(string)
		}
		if !ok {
			e.comments = append(e.comments, "Not taken over: "+name+", which Poetry gets from elsewhere")
			continue
		}
		e.add(name + " " + caret(version))
	}
	if len(e.packages) > 0 {
		e.comments = append(e.comments, "From "+name+". What changes there is to be changed here too.")
	}
	return nil
}

// caret writes a version of Poetry's as everybody else does: ^1.2 is >=1.2,<2.
func caret(version string) string {
	var clauses []string
	for clause := range strings.SplitSeq(version, ",") {
		clause = strings.TrimSpace(clause)
		number, isCaret := strings.CutPrefix(clause, "^")
		switch {
		case clause == "*" || clause == "":
		case isCaret:
			clauses = append(clauses, ">="+number, "<"+above(number))
		case strings.HasPrefix(clause, "~") && !strings.HasPrefix(clause, "~="):
			clauses = append(clauses, "~="+strings.TrimPrefix(clause, "~"))
		case clause[0] >= '0' && clause[0] <= '9':
			clauses = append(clauses, "=="+clause)
		default:
			clauses = append(clauses, clause)
		}
	}
	return strings.Join(clauses, ",")
}

// above is the first version that ^number does not allow.
func above(number string) string {
	parts := strings.Split(number, ".")
	for i, part := range parts {
		if strings.Trim(part, "0") != "" || i == len(parts)-1 {
			var n int
			fmt.Sscanf(part, "%d", &n)
			return strings.Join(append(slices.Clone(parts[:i]), fmt.Sprint(n+1)), ".")
		}
	}
	return number
}

// requireConda reads an environment.yml.
func requireConda(e *environment, name, text string) error {
	if len(e.files) > 0 || len(e.packages) > 0 {
		return nil
	}
	t, err := yaml.ImpliedType([]byte(text))
	if err != nil {
		return fmt.Errorf("it is no YAML: %w", err)
	}
	value, err := yaml.Unmarshal([]byte(text), t)
	if err != nil || !t.IsObjectType() || !t.HasAttribute("dependencies") {
		return err
	}
	for _, item := range elements(value.GetAttr("dependencies")) {
		if !item.Type().IsObjectType() {
			e.addConda(item)
		} else if item.Type().HasAttribute("pip") {
			for _, line := range elements(item.GetAttr("pip")) {
				if line.Type() == cty.String && !line.IsNull() {
					e.add(line.AsString())
				}
			}
		}
	}
	e.comments = append(e.comments, "From "+name+", whose names are those of conda: some packages have others on PyPI.")
	return nil
}

func elements(v cty.Value) []cty.Value {
	if v.IsNull() || !v.CanIterateElements() {
		return nil
	}
	return v.AsValueSlice()
}

// condaOnly are packages of conda's that are in no pip environment: true are those
// that none needs.
var condaOnly = map[string]bool{"pip": true, "nodefaults": true, "setuptools": true, "wheel": true, "cudatoolkit": false, "nodejs": false}

// addConda adds a package as conda writes it: name, name=1.2, name>=1.2.
func (e *environment) addConda(item cty.Value) {
	if item.IsNull() || item.Type() != cty.String {
		return
	}
	_, text, found := strings.Cut(item.AsString(), "::")
	if !found {
		text = item.AsString()
	}
	m := requirement.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		e.comments = append(e.comments, "Not taken over: "+text)
		return
	}
	version := strings.TrimSpace(m[3])
	if number, fuzzy := strings.CutPrefix(version, "="); fuzzy && !strings.HasPrefix(number, "=") {
		number, _, _ = strings.Cut(number, "=") // without the build
		version = "==" + strings.TrimSuffix(number, ".*") + ".*"
	}
	switch needless, foreign := condaOnly[m[1]]; {
	case m[1] == "python":
		e.python = version
	case foreign && !needless:
		e.comments = append(e.comments, "Not taken over: "+text+", which PyPI does not have")
	case !foreign && !e.has(m[1]):
		e.packages = append(e.packages, entry{name: m[1], version: version})
	}
}
