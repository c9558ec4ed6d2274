package bundle

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var noContext = context.Background()

func TestWithoutInclude(t *testing.T) {
	root := newProject(t, map[string]string{
		".gitignore":           "*.log\n/out/\n",
		".flowriderignore":     "README.md\ndocs/\n!kept.log\n",
		"README.md":            "",
		"docs/page.md":         "",
		"a.py":                 "",
		"a.log":                "",
		"kept.log":             "",
		"out/x":                "",
		"pkg/out/x":            "",
		"pkg/.gitignore":       "!b.log\n*.tmp\n",
		"pkg/b.log":            "",
		"pkg/b.tmp":            "",
		"pkg/.flowriderignore": "secret\n",
		"pkg/secret":           "",
		"empty/":               "",
	})
	checkPaths(t, Selection{Root: root},
		".gitignore", "a.py", "kept.log", "pkg/.gitignore", "pkg/b.log", "pkg/out/x")
}

func TestInclude(t *testing.T) {
	root := newProject(t, map[string]string{
		".gitignore": "*.log\n", "a.py": "", "a.log": "", "src/b.py": "", "src/b.log": "", "src/deep/c.py": "",
		"src/deep/c.txt": "", "data": "", "srcs/d.py": "", "[x]/e": "",
	})
	for _, c := range []struct {
		name             string
		include, exclude []string
		want             []string
	}{
		{"nothing", []string{}, nil, nil},
		{"a file", []string{"a.py"}, nil, []string{"a.py"}},
		{"an ignored file", []string{"a.log"}, nil, []string{"a.log"}},
		{"a folder", []string{"src"}, nil, []string{"src/b.log", "src/b.py", "src/deep/c.py", "src/deep/c.txt"}},
		{"a folder with a slash", []string{"./src/deep/"}, nil, []string{"src/deep/c.py", "src/deep/c.txt"}},
		{"folders by a glob", []string{"src*"}, []string{"**/*.log"}, []string{"src/b.py", "src/deep/c.py", "src/deep/c.txt", "srcs/d.py"}},
		{"files by a glob", []string{"**/*.py"}, nil, []string{"a.py", "src/b.py", "src/deep/c.py", "srcs/d.py"}},
		{"alternatives", []string{"{a,src/b}.{py,log}"}, nil, []string{"a.log", "a.py", "src/b.log", "src/b.py"}},
		{"one level", []string{"src/*.py"}, nil, []string{"src/b.py"}},
		{"a file is not a folder", []string{"data/**"}, nil, nil},
		{"one letter", []string{"?"}, nil, nil},
		{"the project", []string{"."}, []string{"src", "srcs/**", "*.log"}, []string{".gitignore", "[x]/e", "a.py", "data"}},
		{"everything", []string{"**"}, []string{"src*/**"}, []string{".gitignore", "[x]/e", "a.log", "a.py", "data"}},
		{"exclude of a folder below", []string{"src"}, []string{"src/deep"}, []string{"src/b.log", "src/b.py"}},
		{"exclude wins", []string{"a.py"}, []string{"a.py"}, nil},
		{"an escaped name", []string{`\[x]`}, nil, []string{"[x]/e"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			checkPaths(t, Selection{Root: root, HasInclude: true, Include: c.include, Exclude: c.exclude}, c.want...)
		})
	}
}

func TestExcludeWithoutInclude(t *testing.T) {
	root := newProject(t, map[string]string{"a.py": "", "data/x": "", "data/y/z": "", "keep/data/x": ""})
	checkPaths(t, Selection{Root: root, Exclude: []string{"data/**"}}, "a.py", "keep/data/x")
	checkPaths(t, Selection{Root: root, Exclude: []string{"**/data"}}, "a.py")
}

func TestNeverBundled(t *testing.T) {
	root := newProject(t, map[string]string{
		".git/config": "", ".flowrider/x": "", ".metaflow/x": "", "sub/.git/config": "", "sub/.metaflow/x": "",
		"sub/x.py": "", "venv/pyvenv.cfg": "", "venv/lib/site.py": "", "sub/env/pyvenv.cfg": "", "sub/env/a.py": "",
		"__pycache__/a.pyc": "", ".r.html.tmp.01ARZ3NDEKTSV4RRFFQ69G5FAV": "", "sub/__pycache__/a.pyc": "", "runs/a.json": "", "flowrider.hcl": "", "other.flow.hcl": "",
		"out[1].html": "", "out1.html": "", "locks/a.lock": "", ".flowriderignore": "", ".GIT/x": "", "submodule/.git": "gitdir: x\n",
		"submodule/a.py": "",
	})
	sel := Selection{Root: root, Omit: []string{"runs", "./locks/", "*.hcl", "out[1].html", "../elsewhere", "/absolute", "."}}
	want := []string{"sub/x.py", "submodule/a.py"}
	checkPaths(t, sel, want...)
	sel.HasInclude = true
	sel.Include = []string{".", ".git", "**/__pycache__/**", "venv/lib/site.py", "runs/a.json", "flowrider.hcl"}
	sel.Link = []string{".metaflow/**"}
	checkPaths(t, sel, want...)
}

// Files that are flowrider's own by their content are looked for only where few
// have to be looked into.
func TestOwnByContent(t *testing.T) {
	root := newProject(t, map[string]string{"private": "own", "open": "own", "other": "mine", "sub/private": "own"})
	for _, name := range []string{"private", "other", "sub/private"} {
		if err := os.Chmod(filepath.Join(root, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var asked []string
	own := func(path string) bool {
		asked = append(asked, filepath.Base(path))
		content, err := os.ReadFile(path)
		return err == nil && string(content) == "own"
	}
	checkPaths(t, Selection{Root: root, Own: own}, "open", "other", "sub/private")
	slices.Sort(asked)
	if diff := cmp.Diff([]string{"other", "private"}, slices.Compact(asked)); diff != "" {
		t.Errorf("asked of (-want +got):\n%s", diff)
	}
}

func TestIgnoreFilesOfTheRepository(t *testing.T) {
	top := newProject(t, map[string]string{
		".gitignore":                   "/outside.txt\nteam/*/build/\n*.log\n", // above the top of the repository
		"repo/.git/HEAD":               "",
		"repo/.gitignore":              "*.csv\nteam/*/build/\n!team/kept.csv\n",
		"repo/.flowriderignore":        "*.md\n",
		"repo/team/.gitignore":         "/project/local.txt\n",
		"repo/team/project/a.py":       "",
		"repo/team/project/a.csv":      "",
		"repo/team/project/a.log":      "",
		"repo/team/project/a.md":       "",
		"repo/team/project/local.txt":  "",
		"repo/team/project/build/x":    "",
		"repo/team/project/s/build/x":  "",
		"repo/team/project/sub/.git":   "gitdir: elsewhere\n",
		"repo/team/project/sub/b.csv":  "",
		"repo/team/project/sub/b.md":   "",
		"repo/team/project/sub/c/.git": "gitdir: elsewhere\n",
	})
	root := filepath.Join(top, "repo", "team", "project")
	checkPaths(t, Selection{Root: root}, "a.log", "a.py", "s/build/x", "sub/b.csv")

	check(t, os.WriteFile(filepath.Join(top, "repo", "team", ".gitignore"), []byte("\n\nproject/ \n"), 0o644))
	_, err := List(Selection{Root: root}, nil)
	checkError(t, err, top, "project folder team/project is ignored by line 3 of ROOT/repo/team/.gitignore (project/), so nothing of it would be bundled; "+
		"take that line away, or name the project's files with include")
	checkPaths(t, Selection{Root: root, HasInclude: true, Include: []string{"a.*"}}, "a.csv", "a.log", "a.md", "a.py")
}

func TestIgnoreFilesThatAreNone(t *testing.T) {
	root := newProject(t, map[string]string{".gitignore/x": "", "sub/.gitignore": "-> rules", "sub/rules": "*\n", "sub/a.py": ""})
	checkPaths(t, Selection{Root: root}, ".gitignore/x", "sub/.gitignore -> rules", "sub/a.py", "sub/rules")
}

func TestGlobsThatCannotBeUsed(t *testing.T) {
	root := newProject(t, map[string]string{"src/a.py": "", "link": "-> src"})
	for _, c := range []struct {
		sel  Selection
		want string
	}{
		{Selection{Include: []string{"[a"}}, `include names "[a", which is not a glob: a bracket or brace is not closed, or it ends in a backslash`},
		{Selection{Exclude: []string{"{a"}}, `exclude names "{a", which is not a glob: a bracket or brace is not closed, or it ends in a backslash`},
		{Selection{Exclude: []string{`a\/`}}, `exclude names "a\\/", which is not a glob: a bracket or brace is not closed, or it ends in a backslash`},
		{Selection{Link: []string{"../data"}}, `link names "../data", which leaves the project by ".."; only files below the project's root can be bundled`},
		{Selection{Include: []string{"/etc"}}, `include names "/etc", which is an absolute path; write it from the project's root`},
		{Selection{Include: []string{""}}, `include names "", which is empty; write "." for the whole project`},
		{Selection{Include: []string{"src/b.py"}}, `include names "src/b.py", which is not in the project: there is no src/b.py`},
		{Selection{Include: []string{"scr/a.py"}}, `include names "scr/a.py", which is not in the project: there is no scr`},
		{Selection{Link: []string{"src/a.py/x"}}, `link names "src/a.py/x", which is not in the project: src/a.py is a file, not a folder`},
		{Selection{Include: []string{"link/a.py"}}, `include names "link/a.py", which lies behind the symlink link; name the folder that it points to`},
		{Selection{Include: []string{strings.Repeat("{a,b}", 9)}},
			`include names "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", which has more than 8 braces; write several globs`},
	} {
		c.sel.Root, c.sel.HasInclude = root, true
		_, err := List(c.sel, nil)
		checkError(t, err, root, c.want)
		if _, ok := errors.AsType[*PatternError](err); !ok {
			t.Errorf("%v is no *PatternError", err)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"out", "out/report.html", true},
		{"out/**", "out", false},
		{"out/**", "out/a/b", true},
		{"*.html", "report.html", true},
		{"*.html", "out/report.html", false},
		{".", "report.html", true},
		{"o*", "out/report.html", true},
	} {
		if got := Match(c.pattern, c.name); got != c.want {
			t.Errorf("%q names %q: %v, want %v", c.pattern, c.name, got, c.want)
		}
	}
}

// What a walk leaves out without looking is never what a glob names.
func TestPatternsReachWhatTheyName(t *testing.T) {
	part := rapid.SampledFrom([]string{"a", "b", "*", "?", "**", "{a,b}", "[ab]", "a*", `\a`, "{a/b,b}", "[!b]"})
	name := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "ab"}), 2, 4)
	named := 0
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(part, 1, 4).Draw(t, "pattern"), "/")
		parts := name.Draw(t, "name")
		full := strings.Join(parts, "/")
		if CheckPattern(text) != nil || !Match(text, full) {
			return
		}
		named++
		for i := 1; i < len(parts); i++ {
			if dir := strings.Join(parts[:i], "/"); !compilePattern(text).reaches(dir) {
				t.Fatalf("%q names %q but does not reach %q", text, full, dir)
			}
		}
	})
	if named == 0 {
		t.Error("nothing was ever named")
	}
}

// A glob made for a path matches it and, where it can be exact, nothing else.
func TestGlobForPath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEntries(t)
		for i := range e {
			glob := globFor(e[i].Path)
			if err := CheckPattern(glob); err != nil {
				if strings.HasPrefix(glob, "..") || strings.Count(glob, "{") > maxAlternatives {
					continue
				}
				t.Fatalf("%q for %q: %v", glob, e[i].Path, err)
			}
			if !Match(glob, e[i].Path) {
				t.Fatalf("%q does not name %q", glob, e[i].Path)
			}
			if !strings.Contains(glob, "?") && Match(glob, e[i].Path+"x") {
				t.Fatalf("%q names more than %q", glob, e[i].Path)
			}
		}
	})
}

// Times, owners' umask and the order of creation are not part of a bundle.
func TestEqualTreesHaveEqualDigests(t *testing.T) {
	files := map[string]string{"a.py": "1", "b/c.py": "2", "b/d": "-> c.py", "x:run": "3", "z/y/x": strings.Repeat("x", chunksAbove+1)}
	first := newProject(t, files)
	second := t.TempDir()
	for _, name := range []string{"z/y/x", "x:run", "b/d", "b/c.py", "a.py"} {
		writeInto(t, second, name, files[name])
		if full := filepath.Join(second, name); files[name] != "-> c.py" && name != "x:run" {
			check(t, os.Chtimes(full, time.Unix(1, 2), time.Unix(3, 4)))
			check(t, os.Chmod(full, 0o660))
		}
	}
	a, b := mustList(t, Selection{Root: first}), mustList(t, Selection{Root: second})
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("listings differ:\n%s", diff)
	}
	check(t, os.Chmod(filepath.Join(second, "a.py"), 0o744))
	if b = mustList(t, Selection{Root: second}); a.Digest == b.Digest {
		t.Error("the executable bit does not count")
	}
}

func TestRootThatIsNone(t *testing.T) {
	root := newProject(t, map[string]string{"file": ""})
	for _, name := range []string{"missing", "file"} {
		if _, err := List(Selection{Root: filepath.Join(root, name)}, nil); err == nil {
			t.Errorf("%s is listed", name)
		}
	}
	check(t, os.Symlink(root, filepath.Join(root, "again")))
	checkPaths(t, Selection{Root: filepath.Join(root, "again"), HasInclude: true, Include: []string{"file"}}, "file")
}

// Many and deep folders, one of them above the longest path that the system
// takes.
func TestLargeTree(t *testing.T) {
	files := map[string]string{}
	for i := range 700 {
		files[strings.Join([]string{"many", string(rune('a' + i%7)), strings.Repeat("n", i%50+1) + "-" + count(i)}, "/")] = count(i)
	}
	root := newProject(t, files)
	deep, err := os.OpenRoot(root)
	check(t, err)
	part := strings.Repeat("d", 200)
	for range 9 {
		check(t, deep.Mkdir(part, 0o755))
		below, err := deep.OpenRoot(part)
		check(t, err)
		deep.Close()
		deep = below
	}
	check(t, deep.WriteFile("bottom", []byte("x"), 0o644))
	deep.Close()
	l := mustList(t, Selection{Root: root})
	if want := len(files) + 1; len(l.Entries) != want {
		t.Errorf("%d entries, want %d", len(l.Entries), want)
	}
	copied, err := Copy(noContext, Selection{Root: root}, filepath.Join(t.TempDir(), "bundle"), nil)
	check(t, err)
	if diff := cmp.Diff(l, copied); diff != "" {
		t.Errorf("copy differs:\n%s", diff)
	}
}
