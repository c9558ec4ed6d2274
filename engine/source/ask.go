package source

import (
	"context"
	_ "embed"
	"encoding/json"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/process"
	"github.com/flowrider/flowrider/internal/pysource"
)

//go:embed ask.py
var asking string

// patience is how long an interpreter may take.
const patience = time.Minute

// most is how many files one interpreter is asked about at a time: they are
// named in its arguments.
const most = 200

// answer is what an interpreter says. A module that is not there is null, one
// without a file is "".
type answer struct {
	Files   map[string]*pysource.SyntaxError `json:"files"`
	Modules map[string]*string               `json:"modules"`
}

func (a *answer) has(module string) bool {
	_, asked := a.Modules[module]
	return asked
}

// question is what an interpreter is asked.
type question struct {
	Files   []string `json:"files"`
	Modules []string `json:"modules"`
}

// pathPython stands for the first Python on PATH, which runs what has no
// environment.
const pathPython = ""

// notBuilt stands for the Python of an environment that is not built yet: nobody
// can ask it.
const notBuilt = "not built"

// pythonOf is the interpreter of an environment.
func pythonOf(e *plan.Environment) string {
	if e == nil {
		return pathPython
	}
	if prefix, built := e.Prefix(); built {
		return prefix.Python
	}
	return notBuilt
}

// ask asks each interpreter what it is to run. One that gives no answer is not
// at hand, and plan will say why where it matters.
func (c *checker) ask(ctx context.Context, flows []*plan.Flow, hooks []plan.HookFunction) {
	questions := map[string]*question{}
	of := func(python string) *question {
		if questions[python] == nil {
			questions[python] = &question{Files: []string{}, Modules: []string{}}
		}
		return questions[python]
	}
	for _, flow := range flows {
		if !isRead(flow) {
			continue
		}
		if file, known := flow.Resolved.Arguments["file"].Text(); known {
			q := of(pythonOf(flow.Place.Environment))
			if flow.Place.Environment == nil && !slices.Contains(q.Modules, "metaflow") {
				q.Modules = append(q.Modules, "metaflow")
			}
			q.Files = append(q.Files, filepath.Join(flow.Place.Project, filepath.FromSlash(path.Clean(file))))
		}
	}
	for _, h := range hooks {
		q := of(pythonOf(h.Environment))
		if target, ok := c.tree(h.Project).Module(h.Module); ok {
			q.Files = append(q.Files, filepath.Join(h.Project, filepath.FromSlash(target.File)))
		} else {
			q.Modules = append(q.Modules, h.Module)
		}
	}
	c.answers = map[string]*answer{}
	for python, q := range questions {
		if python != notBuilt {
			c.answers[python] = c.askOne(ctx, python, q)
		}
	}
}

func (c *checker) askOne(ctx context.Context, python string, q *question) *answer {
	env := c.session.ChildEnv(nil)
	if python == pathPython {
		found, err := process.LookPath("python3", env, c.session.Config.Root)
		if err != nil {
			return nil
		}
		python = found
	}
	slices.Sort(q.Files)
	files := slices.Compact(q.Files)
	all := &answer{Files: map[string]*pysource.SyntaxError{}}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for first := true; first || len(files) > 0; first = false {
		part := question{Files: files[:min(len(files), most)], Modules: q.Modules}
		files = files[len(part.Files):]
		text, err := json.Marshal(part)
		if err != nil {
			panic("source: " + err.Error()) // texts always encode
		}
		// Neither the working folder nor PYTHONPATH is on the path of -I, so that
		// nothing of the user's stands in for a module of Python's.
		out, err := process.Ask(ctx, process.Command{Path: python, Args: []string{"-I", "-B", "-c", asking, string(text)}, Dir: c.session.Config.Root, Env: env})
		var said answer
		if err != nil || json.Unmarshal(out, &said) != nil {
			return nil
		}
		for name, problem := range said.Files {
			all.Files[name] = problem
		}
		all.Modules = said.Modules
	}
	return all
}

// compiled is what an interpreter has against a file, and whether it was asked.
func (c *checker) compiled(python, file string) (*pysource.SyntaxError, bool) {
	a := c.answers[python]
	if a == nil {
		return nil, false
	}
	problem, asked := a.Files[file]
	return problem, asked
}

// elsewhere finds the module of a hook that is not of the project. A target
// without a module is there, and nobody can see into it.
func (c *checker) elsewhere(h plan.HookFunction) (*pysource.Tree, pysource.Target, bool) {
	a := c.answers[pythonOf(h.Environment)]
	if a == nil || a.Modules[h.Module] == nil {
		return nil, pysource.Target{}, false
	}
	file, ok := strings.CutSuffix(*a.Modules[h.Module], ".py")
	if !ok {
		return nil, pysource.Target{}, true
	}
	root := filepath.Dir(file)
	for range strings.Count(h.Module, ".") {
		root = filepath.Dir(root)
	}
	if filepath.Base(file) == "__init__" {
		root = filepath.Dir(root)
	}
	tree := c.tree(root)
	target, ok := tree.Module(h.Module)
	if !ok {
		return nil, pysource.Target{}, true
	}
	return tree, target, true
}
