package draft

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	toml "github.com/pelletier/go-toml/v2"
	yaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"

	"github.com/flowrider/flowrider/engine/bundle"
	"github.com/flowrider/flowrider/internal/pysource"
)

// environment is an environment block in the making.
type environment struct {
	name     string
	folder   string // whose requirement files it is made of, slash path; "." is the root
	comments []string
	python   string
	packages []entry // unless the requirement file has them all
	files    []string
}

// entry is a package, perhaps as a comment.
type entry struct {
	name, version string
	comment       string // stands above it
	off           bool   // it is a comment itself
}

// metaflowVersion is the oldest Metaflow that is known to work.
const metaflowVersion = ">=2.19"

// environments are those that the flows need, and gives each flow its own:
// that of the nearest folder, from its own upwards, that says what to install.
func (f *folder) environments(flows []*flow) []*environment {
	var list []*environment
	known, taken := map[string]*environment{}, map[string]bool{}
	for _, flow := range flows {
		folder := f.nearest(path.Dir(flow.File))
		e := known[folder]
		if e == nil {
			e = &environment{folder: folder}
			f.require(e)
			known[folder] = e
			list = append(list, e)
		}
		flow.environment = e
	}
	for _, e := range list {
		if e.folder == "." {
			e.name = unique(taken, "py")
		} else {
			e.name = unique(taken, snake(path.Base(e.folder)), snake(e.folder), "py")
		}
		f.complete(e, flows)
	}
	return list
}

// requirementFiles are the files that say what to install, the better ones
// first.
var requirementFiles = []string{"requirements.txt", "pyproject.toml", "environment.yml", "environment.yaml"}

// nearest is the folder, from one upwards, that has such a file, or ".".
func (f *folder) nearest(folder string) string {
	for ; folder != "."; folder = path.Dir(folder) {
		for _, name := range requirementFiles {
			if f.there[path.Join(folder, name)] {
				return folder
			}
		}
	}
	return "."
}

// require reads the files of the environment's folder: the packages of the
// first one that has some, and the version of Python of any.
func (f *folder) require(e *environment) {
	for _, name := range requirementFiles {
		name = path.Join(e.folder, name)
		if !f.there[name] {
			continue
		}
		text, err := f.read(name)
		if err == nil {
			err = map[string]func(*environment, string, string) error{
				".txt": requireText, ".toml": requireProject, ".yml": requireConda, ".yaml": requireConda,
			}[path.Ext(name)](e, name, text)
		}
		if err != nil {
			f.notes = append(f.notes, fmt.Sprintf("%s: passed over: %v", name, err))
		}
	}
}

func (e *environment) has(name string) bool {
	return slices.ContainsFunc(e.packages, func(p entry) bool { return normal(p.name) == normal(name) })
}

// normal is the name that package indexes compare by, without extras.
func normal(name string) string {
	name, _, _ = strings.Cut(name, "[")
	return strings.ToLower(separators.ReplaceAllString(strings.TrimSpace(name), "-"))
}

var separators = regexp.MustCompile(`[-_.]+`)

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

// condaOnly are packages of conda's that no pip environment has or needs.
var condaOnly = map[string]bool{"pip": true, "nodefaults": true, "setuptools": true, "wheel": true, "cudatoolkit": true, "nodejs": true}

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
	switch {
	case m[1] == "python":
		e.python = version
	case !condaOnly[m[1]] && !e.has(m[1]):
		e.packages = append(e.packages, entry{name: m[1], version: version})
	}
}

// complete adds what the flows of an environment need that no file has said:
// Metaflow, and, where no file has said anything, what the flows import.
func (f *folder) complete(e *environment, flows []*flow) {
	if len(e.files) > 0 {
		return
	}
	guess := len(e.packages) == 0
	if !e.has("metaflow") {
		e.packages = slices.Insert(e.packages, 0, entry{name: "metaflow", version: metaflowVersion})
	}
	if !guess {
		return
	}
	var unknown []entry
	for _, flow := range flows {
		if flow.environment != e || manager(flow.Decorators) != "" || remote(flow.Decorators) != "" {
			continue
		}
		for _, module := range f.foreign(flow) {
			if name, ok := packageOf[module]; ok && !e.has(name) {
				e.packages = append(e.packages, entry{name: name})
			} else if !ok && !slices.ContainsFunc(unknown, func(p entry) bool { return p.name == module }) {
				unknown = append(unknown, entry{name: module, off: true, comment: flow.File + " imports it; its package may be called otherwise."})
			}
		}
	}
	said := "There was no requirements.txt or the like: these are what the flows import."
	if len(e.packages)+len(unknown) == 1 {
		said = "There was no requirements.txt or the like, and the flows import nothing else."
	}
	e.comments = append(e.comments, said)
	e.packages = append(e.packages, unknown...)
}

// foreign are the modules that a flow's file imports from neither Python nor the
// project, sorted.
func (f *folder) foreign(flow *flow) []string {
	module, err := f.tree.File(flow.File)
	if err != nil {
		return nil
	}
	tree := f.tree.From(flow.File)
	var list []string
	for _, i := range module.Imported {
		first, _, _ := strings.Cut(i.Module, ".")
		_, ours := tree.Module(first)
		if i.Level == 0 && first != "" && first != "metaflow" && first != "flowrider" && !ours && !pysource.Standard(first) && !f.isFolder(first) {
			list = append(list, first)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// isFolder says whether there is something of the project below a folder.
func (f *folder) isFolder(name string) bool {
	return slices.ContainsFunc(f.files, func(file bundle.Name) bool {
		return strings.HasPrefix(file.Path, name+"/") || strings.HasPrefix(file.Path, "src/"+name+"/")
	})
}

// packageOf are well-known packages by the module that is imported. Others are
// not guessed: anybody may have taken their name on the package index.
var packageOf = map[string]string{
	"PIL": "pillow", "altair": "altair", "boto3": "boto3", "bs4": "beautifulsoup4", "catboost": "catboost", "cv2": "opencv-python",
	"dask": "dask", "datasets": "datasets", "dateutil": "python-dateutil", "duckdb": "duckdb", "fastparquet": "fastparquet", "gensim": "gensim",
	"httpx": "httpx", "jax": "jax", "joblib": "joblib", "keras": "keras", "lightgbm": "lightgbm", "matplotlib": "matplotlib", "mlflow": "mlflow",
	"networkx": "networkx", "nltk": "nltk", "numba": "numba", "numpy": "numpy", "openpyxl": "openpyxl", "optuna": "optuna", "pandas": "pandas",
	"plotly": "plotly", "polars": "polars", "pyarrow": "pyarrow", "pydantic": "pydantic", "pyspark": "pyspark", "requests": "requests",
	"scipy": "scipy", "seaborn": "seaborn", "sentence_transformers": "sentence-transformers", "shap": "shap", "skimage": "scikit-image",
	"sklearn": "scikit-learn", "spacy": "spacy", "sqlalchemy": "sqlalchemy", "statsmodels": "statsmodels", "sympy": "sympy",
	"tensorflow": "tensorflow", "torch": "torch", "torchvision": "torchvision", "tqdm": "tqdm", "transformers": "transformers", "umap": "umap-learn",
	"wandb": "wandb", "xgboost": "xgboost", "yaml": "pyyaml",
}
