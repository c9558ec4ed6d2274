// Package flowrider_test holds the repository to its own rules: which package
// may import which, what each package says of itself, who writes files, and
// that the examples are formatted and valid. It tests no behaviour.
package flowrider_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowrider/flowrider/engine"
	"github.com/flowrider/flowrider/engine/plan"
	"github.com/flowrider/flowrider/internal/diag"
	"github.com/flowrider/flowrider/schema"
)

const module = "github.com/flowrider/flowrider"

// allowed are the imports within the module, by package. They only go down:
// no package is listed before one that it imports.
var allowed = []struct {
	name    string
	imports string
}{
	{"internal/boot", ""},
	{"internal/diag", ""},
	{"internal/durable", "internal/boot"},
	{"internal/fault", ""},
	{"internal/limit", "internal/fault"},
	{"internal/layers", ""},
	{"internal/machine", ""},
	{"internal/heap", "internal/machine"},
	{"internal/redact", ""},
	{"internal/process", "internal/boot internal/fault internal/redact"},
	{"internal/pysource", ""},
	{"internal/screen", ""},
	{"internal/sealed", ""},
	{"python", ""},
	{"schema", "internal/diag internal/fault internal/limit"},
	{"engine/graph", ""},
	{"engine/manifest", ""},
	{"engine/index", "internal/boot"},
	{"engine/bundle", "engine/index internal/durable internal/fault"},
	{"engine/blob", "engine/index internal/durable"},
	{"engine/printed", ""},
	{"engine/hook", "engine/printed internal/process internal/redact"},
	{"engine/environment", ""},
	{"engine/environment/pip", "engine/environment internal/durable internal/process"},
	{"engine/eval", "engine/graph engine/manifest internal/diag internal/fault internal/limit internal/redact schema"},
	{"engine/record", "internal/boot internal/durable internal/sealed schema"},
	{"engine/runner", "engine/record internal/process"},
	{"engine/runner/command", "engine/blob engine/index engine/printed engine/record engine/runner internal/process"},
	{"engine/runner/metaflow", "engine/record engine/runner internal/durable internal/process internal/pysource"},
	{"engine/plan", "engine/blob engine/bundle engine/environment engine/eval engine/graph engine/hook engine/index engine/manifest engine/record engine/runner internal/diag internal/process internal/redact schema"},
	{"engine/attempt", "engine/blob engine/bundle engine/eval engine/plan engine/record engine/runner internal/diag internal/process internal/redact"},
	{"engine/saved", "engine/manifest engine/plan engine/record internal/durable internal/sealed schema"},
	{"engine/verify", "engine/attempt engine/plan engine/record engine/runner"},
	{"engine/apply", "engine/attempt engine/blob engine/bundle engine/eval engine/graph engine/hook engine/plan engine/record engine/runner internal/diag internal/durable internal/heap internal/machine internal/process internal/redact"},
	{"engine/adopt", "engine/plan engine/record"},
	{"engine/gc", "engine/blob engine/record internal/durable schema"},
	{"engine/source", "engine/plan engine/runner/metaflow internal/diag internal/process internal/pysource schema"},
	{"engine/draft", "engine/bundle engine/runner/metaflow internal/pysource"},
	{"engine", "engine/adopt engine/apply engine/attempt engine/blob engine/environment engine/environment/pip engine/eval engine/gc engine/hook engine/index engine/plan engine/record engine/runner engine/runner/command engine/runner/metaflow engine/saved engine/source engine/verify internal/diag internal/durable internal/fault internal/heap internal/limit internal/machine internal/process internal/redact python schema"},
	{"cmd/flowrider", "engine engine/adopt engine/apply engine/attempt engine/draft engine/environment engine/eval engine/gc engine/plan engine/record engine/runner engine/saved engine/source engine/verify internal/diag internal/durable internal/fault internal/limit internal/process internal/layers internal/redact internal/screen schema"},
	{"internal/model", ""}, // for tests alone
	{"internal/testenv", "engine/environment engine/environment/pip"}, // for tests alone
}

// alone may import nothing but the standard library.
var alone = []string{"engine/graph", "engine/manifest", "internal/model"}

// source is one Go file that is no test.
type source struct {
	folder string // slash path below the root; "" is the root
	path   string
	file   *ast.File
}

// sources are the files without those of tests.
func sources(t *testing.T) []source {
	t.Helper()
	return parsed(t, func(name string) bool { return !strings.HasSuffix(name, "_test.go") })
}

// parsed are the files of the names that are asked for.
func parsed(t *testing.T, wanted func(name string) bool) []source {
	t.Helper()
	var list []source
	files := token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return filepath.SkipDir
		case !strings.HasSuffix(name, ".go") || !wanted(name):
			return nil
		}
		file, err := parser.ParseFile(files, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		slash := filepath.ToSlash(name)
		list = append(list, source{folder: strings.TrimPrefix(path.Dir(slash), "."), path: slash, file: file})
		return nil
	})
	if err != nil || len(list) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	return list
}

func imports(file *ast.File) []string {
	var list []string
	for _, spec := range file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		list = append(list, name)
	}
	return list
}

func TestImportsOnlyGoDownwards(t *testing.T) {
	edges, level := map[string][]string{}, map[string]int{}
	for i, entry := range allowed {
		edges[entry.name], level[entry.name] = strings.Fields(entry.imports), i
	}
	for name, list := range edges {
		for _, imported := range list {
			if l, ok := level[imported]; !ok || l >= level[name] {
				t.Errorf("the list itself lets %s import %s, which is not below it", name, imported)
			}
		}
	}
	used := map[[2]string]bool{}
	for _, s := range sources(t) {
		if strings.HasPrefix(s.folder, "bench") {
			continue // programs that measure the others
		}
		if _, ok := edges[s.folder]; !ok {
			t.Errorf("%s: the package is not in the list of allowed imports", s.path)
			continue
		}
		for _, imported := range imports(s.file) {
			below, ours := strings.CutPrefix(imported, module+"/")
			switch {
			case ours && !slices.Contains(edges[s.folder], below):
				t.Errorf("%s imports %s, which is not allowed", s.path, below)
			case !ours && slices.Contains(alone, s.folder) && strings.Contains(strings.Split(imported, "/")[0], "."):
				t.Errorf("%s imports %s; the package has the standard library alone", s.path, imported)
			}
			used[[2]string{s.folder, below}] = true
		}
	}
	for name, list := range edges {
		for _, imported := range list {
			if !used[[2]string{name, imported}] {
				t.Errorf("%s may import %s and does not: take it from the list", name, imported)
			}
		}
	}
}

// Each package says its job, and what it leaves to others.
func TestEachPackageSaysItsJobAndWhatItLeavesToOthers(t *testing.T) {
	comments := map[string]string{}
	for _, s := range sources(t) {
		if s.file.Doc == nil {
			if _, ok := comments[s.folder]; !ok {
				comments[s.folder] = ""
			}
			continue
		}
		if comments[s.folder] != "" {
			t.Errorf("%s: the package has a second package comment", s.path)
		}
		comments[s.folder] = s.file.Doc.Text()
	}
	leaves := []string{" not ", " no ", "nothing", "leaves", " never ", "is not"}
	for folder, comment := range comments {
		if len(strings.Fields(comment)) < 15 {
			t.Errorf("%s: the package comment is missing or too short", folder)
		}
		if folder != "cmd/flowrider" && !slices.ContainsFunc(leaves, func(word string) bool { return strings.Contains(comment, word) }) {
			t.Errorf("%s: the package comment does not say what the package leaves to others", folder)
		}
	}
}

func TestExportedNamesHaveDocComments(t *testing.T) {
	for _, s := range sources(t) {
		for _, declaration := range s.file.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) && !standard[d.Name.Name] {
					t.Errorf("%s: %s has no doc comment", s.path, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if typed, ok := spec.(*ast.TypeSpec); ok && typed.Name.IsExported() && d.Doc == nil && typed.Doc == nil {
						t.Errorf("%s: type %s has no doc comment", s.path, typed.Name.Name)
					}
				}
			}
		}
	}
}

// standard are methods whose meaning everybody knows.
var standard = map[string]bool{"Error": true, "Unwrap": true, "String": true, "Close": true, "Write": true, "Read": true, "Is": true}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	name, ok := t.(*ast.Ident)
	return ok && name.IsExported()
}

// scratch are the places that write files directly, each with the reason why
// what they write need not survive.
var scratch = map[string]string{
	"engine/bundle":          "bundles are private to an attempt",
	"engine/environment/pip": "environments are built again when their stamp is missing",
	"engine/hook":            "the cache of pure hooks may vanish",
	"engine/index":           "an index that is torn or lost costs time alone",
	"engine/runner/command":  "the folders of outputs in a bundle",
	"engine/runner/metaflow": "the launcher in a bundle",
	"engine/attempt":         "the folders of attempts",
	"internal/process":       "logs are written as output comes",
	"internal/testenv":       "for tests alone",
	"python":                 "the unpacked package is unpacked again when it is missing",
}

// Whoever else creates, writes or renames a file must go through
// internal/durable, which fsyncs file and folder.
func TestOnlyDurableWritesWhatMustSurvive(t *testing.T) {
	writes := []string{"WriteFile", "Create", "Rename", "OpenFile", "CreateTemp", "Mkdir", "MkdirAll", "Symlink", "Link", "Truncate"}
	for _, s := range sources(t) {
		if s.folder == "internal/durable" || scratch[s.folder] != "" || strings.HasPrefix(s.folder, "bench") {
			continue
		}
		ast.Inspect(s.file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			selector, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains(writes, selector.Sel.Name) {
				return true
			}
			if from, ok := selector.X.(*ast.Ident); ok && (from.Name == "os" || from.Name == "unix" || from.Name == "syscall") {
				t.Errorf("%s calls %s.%s; files that must survive are written by internal/durable", s.path, from.Name, selector.Sel.Name)
			}
			return true
		})
	}
}

// starts are the files that start processes by themselves, each with the reason why
// what they start needs no marker and no guard.
var starts = map[string]string{
	"internal/process/ask.go":     "the one place for short questions to programs",
	"internal/testenv/alone.go":   "for tests alone",
	"internal/testenv/broken.go":  "for tests alone",
	"internal/testenv/environ.go": "for tests alone",
}

// Whoever else starts a process must go through internal/process, which marks it and
// tells the guard.
func TestOnlyProcessStartsProcesses(t *testing.T) {
	used := map[string]bool{}
	for _, s := range sources(t) {
		if strings.HasPrefix(s.folder, "bench") {
			continue // programs that measure the others
		}
		begins := slices.Contains(imports(s.file), "os/exec")
		ast.Inspect(s.file, func(node ast.Node) bool {
			if selector, ok := node.(*ast.SelectorExpr); ok && s.folder != "internal/process" {
				from, _ := selector.X.(*ast.Ident)
				name := selector.Sel.Name
				begins = begins || from != nil && (from.Name == "os" || from.Name == "syscall" || from.Name == "unix") &&
					(name == "StartProcess" || name == "ForkExec" || name == "Exec")
			}
			return true
		})
		used[s.path] = begins
		if begins && starts[s.path] == "" {
			t.Errorf("%s starts processes; that is for internal/process", s.path)
		}
	}
	for name := range starts {
		if !used[name] {
			t.Errorf("%s starts no processes: take it from the list", name)
		}
	}
}

// Random numbers come of a source that is made of a seed, and the seed is not what
// time it is: it is testenv's, or one that is always the same. What a red test names
// can then be repeated.
func TestRandomTestsBeginAtOneSeed(t *testing.T) {
	for _, s := range parsed(t, func(name string) bool { return strings.HasSuffix(name, "_test.go") }) {
		ast.Inspect(s.file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			made := calledOf(call, "rand")
			if made != "" && made != "New" && made != "NewPCG" {
				t.Errorf("%s calls rand.%s; take the numbers of rand.New(rand.NewPCG(testenv.Seed(t), 0))", s.path, made)
			}
			ast.Inspect(call, func(node ast.Node) bool {
				if inner, ok := node.(*ast.CallExpr); ok && made == "NewPCG" && calledOf(inner, "time") != "" {
					t.Errorf("%s makes a seed of the time; that is for testenv.Seed", s.path)
				}
				return true
			})
			return true
		})
	}
}

// calledOf is the function of a package that is called; "" for any other.
func calledOf(call *ast.CallExpr, of string) string {
	if selector, ok := call.Fun.(*ast.SelectorExpr); ok {
		if from, ok := selector.X.(*ast.Ident); ok && from.Name == of {
			return selector.Sel.Name
		}
	}
	return ""
}

// Every folder with a flowrider.hcl, the root's included, is formatted and
// valid.
func TestExamplesAreFormattedAndValid(t *testing.T) {
	count := 0
	for _, pattern := range []string{"flowrider.hcl", "examples/*/flowrider.hcl", "examples/language/*/flowrider.hcl"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			count++
			t.Run(filepath.ToSlash(name), func(t *testing.T) { checkExample(t, name) })
		}
	}
	if count < 2 {
		t.Errorf("found %d examples, want the root's and hello at least", count)
	}
}

func checkExample(t *testing.T, name string) {
	source, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	formatted, _, _ := schema.Format(name, source)
	if diff := cmp.Diff(string(formatted), string(source)); diff != "" {
		t.Errorf("not formatted (-want +got):\n%s", diff)
	}
	project, diags := engine.Load(filepath.Dir(name), engine.LoadOptions{})
	if !diags.HasErrors() {
		session, moreDiags := project.Session(plan.Options{NoHooks: true, Offline: true})
		if diags = append(diags, moreDiags...); !diags.HasErrors() {
			_, moreDiags = session.Plan(context.Background())
			diags = append(diags, moreDiags...)
		}
	}
	if len(diags) > 0 {
		var text strings.Builder
		diag.WriteText(&text, diag.Problems(diags, project.Config.Sources), "")
		t.Error(text.String())
	}
	if project.Config.Settings.Runs == "" || schema.Version == "" {
		t.Error("the example was not read")
	}
}
