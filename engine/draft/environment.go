package draft

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
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
