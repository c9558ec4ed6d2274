package pysource

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// maxHops bounds how many files a name is followed through.
const maxHops = 20

// Tree reads the files of a project, each once, and follows names from one to
// the other.
type Tree struct {
	Root string // the project's folder
	// Path are the folders that Python looks for modules in, as slash paths
	// below Root, in this order; "." is Root.
	Path []string

	files map[string]file
}

type file struct {
	module *Module
	err    error
}

// NewTree is the tree of a project.
func NewTree(root string) *Tree {
	return &Tree{Root: root, Path: []string{"."}, files: map[string]file{}}
}

// From is the same tree for programs that begin in a file: its folder comes
// first on their path.
func (t *Tree) From(name string) *Tree {
	other := *t
	if folder := path.Dir(name); folder != "." {
		other.Path = []string{folder, "."}
	}
	return &other
}

// File reads a file, a slash path below Root. A file that is no Python is a
// *SyntaxError.
func (t *Tree) File(name string) (*Module, error) {
	known, ok := t.files[name]
	if !ok {
		known.module, known.err = t.read(name)
		t.files[name] = known
	}
	return known.module, known.err
}

func (t *Tree) read(name string) (*Module, error) {
	place := filepath.Join(t.Root, filepath.FromSlash(name))
	info, err := os.Stat(place)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New(name + " is no file")
	case info.Size() > maxSource:
		return nil, TooLarge
	}
	source, err := os.ReadFile(place)
	if err != nil {
		return nil, err
	}
	return Read(source)
}

// Target is what a name stands for.
type Target struct {
	// File and Module are where a name of the project is looked for, and Name is
	// what is left of it there; "" is the module itself.
	File   string
	Module *Module
	Name   string
	// External is the full name of what is not of the project, such as
	// "metaflow.FlowSpec".
	External string
	Err      error // of a file that cannot be read
}

// Find follows a dotted name that stands in a file to where it is defined.
func (t *Tree) Find(name, dotted string) Target { return t.find(name, dotted, maxHops) }

func (t *Tree) find(name, dotted string, hops int) Target {
	m, err := t.File(name)
	here := Target{File: name, Module: m, Name: dotted, Err: err}
	first, rest, _ := strings.Cut(dotted, ".")
	if err != nil || dotted == "" || hops == 0 || m.Class(first) != nil || m.Function(first) != nil {
		return here
	}
	for _, i := range slices.Backward(m.Imports) {
		if i.As == first {
			return t.follow(name, i, rest, hops)
		}
	}
	if slices.ContainsFunc(m.Assigned, func(a Assignment) bool { return a.Name == first }) {
		return here
	}
	for _, i := range slices.Backward(m.Imports) {
		if i.Name != "*" {
			continue
		}
		i.Name = ""
		i.As = i.Module
		if target := t.follow(name, i, dotted, hops); target.External != "" || target.Defined() {
			return target
		}
	}
	return here
}

// follow goes where an import leads; rest is what is asked for of it.
func (t *Tree) follow(name string, i Import, rest string, hops int) Target {
	full := i.Module
	if first, _, dotted := strings.Cut(i.Module, "."); i.Name == "" && dotted && i.As == first {
		full = first // import a.b binds a
	}
	for _, part := range []string{i.Name, rest} {
		if part != "" {
			full = strings.TrimPrefix(full+"."+part, ".")
		}
	}
	if target, ok := t.locate(name, i.Level, full, hops); ok {
		return target
	}
	return Target{External: strings.Repeat(".", i.Level) + full}
}

// Module finds what a full name such as "package.module.function" stands for in
// the project.
func (t *Tree) Module(full string) (Target, bool) { return t.locate("", 0, full, maxHops) }

// locate finds the module that a full name begins with, the longest one, and
// in it what is left.
func (t *Tree) locate(from string, level int, full string, hops int) (Target, bool) {
	folders := t.Path
	if level > 0 {
		folder := path.Dir(from)
		for range level - 1 {
			folder = path.Dir(folder)
		}
		folders = []string{folder}
	}
	parts := strings.Split(full, ".")
	for _, folder := range folders {
		for n := len(parts); n > 0; n-- {
			if name := t.moduleFile(path.Join(folder, path.Join(parts[:n]...))); name != "" && name != from {
				return t.find(name, strings.Join(parts[n:], "."), hops-1), true
			}
		}
	}
	return Target{}, false
}

// moduleFile is the file of a module, or "".
func (t *Tree) moduleFile(module string) string {
	for _, name := range []string{module + "/__init__.py", module + ".py"} {
		if t.has(name) {
			return name
		}
	}
	return ""
}

func (t *Tree) has(name string) bool {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return false
	}
	_, err := t.File(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// Defined says whether the target is a name that its module binds: whatever
// it stands for, it is there.
func (t Target) Defined() bool {
	if t.Module == nil {
		return false
	}
	first, _, _ := strings.Cut(t.Name, ".")
	return t.Name == "" || t.Module.binds(first)
}

func (s *Scope) binds(word string) bool {
	return s.Class(word) != nil || s.Function(word) != nil ||
		slices.ContainsFunc(s.Imports, func(i Import) bool { return i.As == word }) ||
		slices.ContainsFunc(s.Assigned, func(a Assignment) bool { return a.Name == word })
}
