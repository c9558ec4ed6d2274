package source

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/internal/pysource"
)

// hook looks for the function of a hook: in the project, and else where Python
// finds its module.
func (c *checker) hook(h plan.HookFunction) {
	subject, address := h.Block.Argument("function").Expr.Range(), h.Block.Address.Whole().String()
	tree := c.tree(h.Project)
	target, ok := tree.Module(h.Module)
	if !ok {
		if tree, target, ok = c.elsewhere(h); !ok {
			c.noModule(h, subject, address)
			return
		}
	}
	if target.Module == nil && target.Err == nil {
		return // nobody can see into it
	}
	if c.unreadable(subject, address, pythonOf(h.Environment), tree.Root, target.File, target.Err) || target.Err != nil {
		return
	}
	if target.Name != "" {
		c.noModule(h, subject, address)
		return
	}
	first, inside, _ := strings.Cut(h.Function, ".")
	found := tree.Find(target.File, first)
	switch {
	case found.External != "" || found.Module == nil:
		return // it is taken from elsewhere
	case found.Name == "" || !found.Defined():
		if m := target.Module; !m.Open && !m.Mentions(first) && !stars(m) {
			c.noFunction(h, subject, address, target)
		}
		return
	}
	switch function := found.Module.Function(found.Name); {
	case inside != "":
	case function != nil:
		c.call(h, address, found.File, function)
	default:
		if value, ok := found.Module.Constant(found.Name); ok && slices.Contains(plainKinds, value.Kind) {
			c.wrong(subject, "Unknown function", "%s: %s in %s is no function: it is %s.", address, found.Name, found.File, value.Source)
		}
	}
}

// plainKinds are the kinds of expressions whose values are surely no functions, nor
// stand there until one takes their place.
var plainKinds = []pysource.ExprKind{pysource.Bool, pysource.Number, pysource.String}

// stars says whether a module takes all names of another.
func stars(m *pysource.Module) bool {
	return slices.ContainsFunc(m.Imports, func(i pysource.Import) bool { return i.Name == "*" })
}

func (c *checker) noFunction(h plan.HookFunction, subject hcl.Range, address string, target pysource.Target) {
	var names []string
	for _, function := range target.Module.Functions {
		if !strings.HasPrefix(function.Name, "_") {
			names = append(names, function.Name)
		}
	}
	text := fmt.Sprintf("%s: %s has no function %q.", address, target.File, h.Function)
	best := diag.Suggest(h.Function, names)
	switch {
	case best != "":
		text += fmt.Sprintf(" Did you mean %q?", h.Module+":"+best)
	case len(names) > 0 && len(names) < 20:
		text += " " + diag.Listing("It has", names)
	}
	if d := c.wrong(subject, "Unknown function", "%s", text); best != "" {
		d.Extra = diag.Suggestion(h.Module + ":" + best)
	}
}

// noModule tells of a module that is nowhere. Without Python nobody knows what
// is installed.
func (c *checker) noModule(h plan.HookFunction, subject hcl.Range, address string) {
	where := "the project's folder"
	python := pythonOf(h.Environment)
	if a := c.answers[python]; a != nil && a.has(h.Module) {
		if h.Environment != nil {
			where += " and " + h.Environment.Block.Address.String()
		} else {
			where += " and the Python on PATH"
		}
	} else if target, inProject := c.tree(h.Project).Module(h.Module); !inProject || target.Module != nil && target.Module.Open {
		return
	}
	if compiled, _ := filepath.Glob(filepath.Join(h.Project, filepath.FromSlash(strings.ReplaceAll(h.Module, ".", "/")+".*"))); len(compiled) > 0 {
		return // it is written in another language
	}
	text := fmt.Sprintf("%s: there is no module %s in %s.", address, h.Module, where)
	modules := c.modules(h.Project)
	best := strings.ReplaceAll(strings.TrimSuffix(h.Module, ".py"), "/", ".") // of the path of a file
	if !slices.Contains(modules, best) {
		best = diag.Suggest(h.Module, modules)
	}
	if best != "" {
		text += fmt.Sprintf(" Did you mean %q?", best+":"+h.Function)
	}
	if d := c.wrong(subject, "No such module", "%s", text); best != "" {
		d.Extra = diag.Suggestion(best + ":" + h.Function)
	}
}

// modules are the names of modules in a project's folder, two levels deep.
func (c *checker) modules(root string) []string {
	var names []string
	for _, pattern := range []string{"*.py", "*/*.py", "*/*/*.py"} {
		matches, _ := filepath.Glob(filepath.Join(root, pattern)) // of a root with brackets in it there are none
		for _, match := range matches {
			name, err := filepath.Rel(root, strings.TrimSuffix(strings.TrimSuffix(match, ".py"), "/__init__"))
			if err == nil {
				names = append(names, strings.ReplaceAll(filepath.ToSlash(name), "/", "."))
			}
		}
	}
	return names
}

// call says whether a function takes the arguments that a hook gives it. What a
// decorator makes of it nobody knows.
func (c *checker) call(h plan.HookFunction, address, file string, f *pysource.Function) {
	if f.Conditional || len(f.Decorators) > 0 {
		return
	}
	place := func(argument string) hcl.Range {
		if a := h.Block.Argument(argument); a != nil {
			return a.NameRange
		}
		return h.Block.Argument("function").Expr.Range()
	}
	wrong := func(argument, format string, arguments ...any) {
		c.wrong(place(argument), "Unsuitable arguments", "%s: %s (%s:%d) %s", address, f.Name, file, f.Line, fmt.Sprintf(format, arguments...))
	}
	if f.Async {
		wrong("function", "is async, and a hook calls plain functions.")
		return
	}
	var positional, named, needed []string
	rest, anyName := false, false
	for i, p := range f.Params {
		switch p.Kind {
		case pysource.Rest:
			rest = true
			continue
		case pysource.Keywords:
			anyName = true
			continue
		case pysource.PositionalOnly, pysource.Ordinary:
			positional = append(positional, p.Name)
		}
		if p.Kind != pysource.PositionalOnly {
			named = append(named, p.Name)
		}
		if given := h.Args < 0 || p.Kind != pysource.KeywordOnly && i < h.Args; !given && !p.Default && !slices.Contains(h.Kwargs, p.Name) {
			needed = append(needed, p.Name)
		}
	}
	for _, name := range h.Kwargs {
		at := slices.Index(positional, name)
		switch {
		case at >= 0 && at < h.Args && slices.Contains(named, name):
			wrong("kwargs", "is given %q twice: args has it too.", name)
		case !anyName && !slices.Contains(named, name):
			text := fmt.Sprintf("has no argument %q.", name)
			if best := diag.Suggest(name, named); best != "" {
				text += fmt.Sprintf(" Did you mean %q?", best)
				needed = slices.DeleteFunc(needed, func(other string) bool { return other == best })
			} else if len(named) > 0 {
				text += " " + diag.Listing("It takes", named)
			}
			key, _ := places(&h.Block.Block, "kwargs", name)
			c.wrong(key, "Unsuitable arguments", "%s: %s (%s:%d) %s", address, f.Name, file, f.Line, text)
		}
	}
	switch {
	case h.Args > len(positional) && !rest:
		wrong("args", "takes %s, and args has %d.", count(len(positional), "positional argument"), h.Args)
	case len(needed) > 0 && h.AllKwargs:
		wrong("function", "needs %s. Write kwargs = { %s = … }.", quoted(needed), needed[0])
	}
}

func count(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun + "s"
	case 1:
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func quoted(names []string) string {
	var list []string
	for _, name := range names {
		list = append(list, fmt.Sprintf("%q", name))
	}
	return strings.Join(list, " and ")
}
