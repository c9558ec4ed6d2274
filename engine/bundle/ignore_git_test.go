package bundle

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	seed  = flag.Uint64("seed", 1, "seed of the generated trees")
	trees = flag.Int("trees", 60, "how many trees are compared with git")
)

// git runs git as if nobody had ever configured it.
func git(t *testing.T, dir, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(stdin)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C"}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	// check-ignore exits 1 where nothing is ignored.
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 1 || stderr.Len() > 0) {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return stdout.String()
}

func needGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("FLOWRIDER_REQUIRE_REAL") == "1" {
			t.Fatal("git is required: ", err)
		}
		t.Skip("SKIPPED: comparison with git, which is not on PATH")
	}
}

// repository is a .git folder without a commit, which is moved from tree to
// tree since making one takes git longer than all the rest.
type repository struct {
	t  *testing.T
	at string
}

func newRepository(t *testing.T) *repository {
	r := &repository{t, t.TempDir()}
	git(t, r.at, "", "init", "--quiet", "--template=", ".")
	return r
}

func (r *repository) moveTo(dir string) string {
	check(r.t, os.Rename(filepath.Join(r.at, ".git"), filepath.Join(dir, ".git")))
	r.at = dir
	return dir
}

func nulWords(s string) []string {
	if s == "" {
		return []string{}
	}
	list := strings.Split(strings.TrimSuffix(s, "\x00"), "\x00")
	slices.Sort(list)
	return list
}

// Whatever tree and ignore files: what is listed is what git calls untracked
// and not ignored, and each single path is ignored if git says so.
func TestSelectionIsGits(t *testing.T) {
	needGit(t)
	t.Logf("seed %d", *seed)
	compared, ignored := 0, 0
	repository := newRepository(t)
	for round := range *trees {
		g := newTreeMaker(*seed, uint64(round))
		top := repository.moveTo(t.TempDir())
		g.fill(t, top, 0)
		g.ignoreFiles(t, top, gitIgnore, len(g.folders))
		root := filepath.Join(top, filepath.FromSlash(g.folders[g.Intn(min(3, len(g.folders)))]))

		want := nulWords(git(t, root, "", "ls-files", "--others", "--exclude-standard", "-z"))
		l, err := List(Selection{Root: root}, nil)
		if err != nil && strings.Contains(err.Error(), "is ignored by line") {
			l = &Listing{}
		} else if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, e := range l.Entries {
			got = append(got, e.Path)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d, round %d: files (-git +flowrider):\n%s%s", *seed, round, diff, g.describe(t, top))
		}

		var mine []string
		for _, p := range g.paths {
			if ignoredAt(t, top, p) {
				mine = append(mine, p)
			}
		}
		slices.Sort(mine)
		theirs := nulWords(git(t, top, strings.Join(g.paths, "\x00"), "check-ignore", "--no-index", "--stdin", "-z"))
		if diff := cmp.Diff(theirs, append([]string{}, mine...)); diff != "" {
			t.Fatalf("seed %d, round %d: ignored (-git +flowrider):\n%s%s", *seed, round, diff, g.describe(t, top))
		}
		compared += len(g.paths)
		ignored += len(theirs)
	}
	t.Logf("%d paths compared, %d of them ignored", compared, ignored)
	if want := *trees * 25; compared < want || ignored < compared/10 || ignored > compared*9/10 {
		t.Errorf("the trees show too little: %d paths, %d ignored", compared, ignored)
	}
}

// .flowriderignore files are ignore files of their own, and stand above
// .gitignore as git's per-folder files stand above its exclude file.
func TestOwnIgnoreIsAboveGits(t *testing.T) {
	needGit(t)
	repository := newRepository(t)
	for round := range *trees / 2 {
		g := newTreeMaker(*seed+1000, uint64(round))
		root := repository.moveTo(t.TempDir())
		g.fill(t, root, 0)
		g.ignoreFiles(t, root, gitIgnore, 1)
		g.ignoreFiles(t, root, ownIgnore, len(g.folders))
		writeInto(t, root, gitIgnore, g.ignoreText())

		want := nulWords(git(t, root, "", "ls-files", "--others", "-z",
			"--exclude-per-directory="+ownIgnore, "--exclude-from="+gitIgnore))
		want = slices.DeleteFunc(want, func(p string) bool { return path.Base(p) == ownIgnore })
		got := []string{}
		for _, e := range mustList(t, Selection{Root: root}).Entries {
			got = append(got, e.Path)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d, round %d: files (-git +flowrider):\n%s%s", *seed, round, diff, g.describe(t, root))
		}
	}
}

// ignoredAt asks the rules about one path, from the top of a repository.
func ignoredAt(t *testing.T, top, name string) bool {
	t.Helper()
	var rules ignoreRules
	parts := strings.Split(name, "/")
	for i := range parts {
		dir := strings.Join(parts[:i], "/")
		var err error
		at := dir
		if at != "" {
			at += "/"
		}
		rules, err = readRules(filepath.Join(top, dir), at, rules)
		check(t, err)
		here := at + parts[i]
		st, err := os.Lstat(filepath.Join(top, here))
		check(t, err)
		if rules.ignores(here, st.IsDir()) {
			return true
		}
	}
	return false
}

// treeMaker makes trees and ignore files that are likely to meet.
type treeMaker struct {
	*rand.Rand
	folders []string // slash paths from the top, which is the first, ""
	paths   []string // of everything else
}

func newTreeMaker(seed, round uint64) *treeMaker {
	return &treeMaker{Rand: rand.New(rand.NewPCG(seed, round)), folders: []string{""}}
}

func (g *treeMaker) Intn(n int) int { return g.IntN(n) }

func (g *treeMaker) pick(list ...string) string { return list[g.IntN(len(list))] }

var treeNames = []string{"a", "b", "ab", "abc", "a.txt", "b.py", "A", "foo", "bar", "foo.bar", "a b", " a", "a ", "a  ",
	"#a", "!a", "[a]", "a]", "a*", "a?", `\a`, `a\`, "é", "\xff", "a-b", "-", ".hidden", "data", "build", "-rf", "x\ny", "\t",
	"a\vb", "^a", "a\r", "\x7f", "{a}", "_", "0", "9z", "**", "a,b"}

func (g *treeMaker) fill(t *testing.T, top string, depth int) {
	folder := g.folders[len(g.folders)-1]
	for range 2 + g.IntN(6) {
		name := path.Join(folder, g.pick(treeNames...))
		full := filepath.Join(top, name)
		if _, err := os.Lstat(full); err == nil {
			continue
		}
		g.paths = append(g.paths, name)
		switch {
		case depth < 3 && g.IntN(5) < 2:
			check(t, os.Mkdir(full, 0o755))
			g.folders = append(g.folders, name)
			g.fill(t, top, depth+1)
		case g.IntN(8) == 0:
			check(t, os.Symlink("a", full)) // may well be a folder
		default:
			check(t, os.WriteFile(full, nil, 0o644))
		}
	}
}

// ignoreFiles writes an ignore file into the top folder and some others.
func (g *treeMaker) ignoreFiles(t *testing.T, top, name string, folders int) {
	for i, folder := range g.folders[:folders] {
		if i > 0 && g.IntN(3) > 0 {
			continue
		}
		at := path.Join(folder, name)
		check(t, os.WriteFile(filepath.Join(top, at), []byte(g.ignoreText()), 0o644))
		g.paths = append(g.paths, at)
	}
}

func (g *treeMaker) ignoreText() string {
	var b strings.Builder
	if g.IntN(10) == 0 {
		b.WriteString("\ufeff")
	}
	for range g.IntN(7) {
		b.WriteString(g.line())
		b.WriteString(g.pick("\n", "\n", "\n", "\r\n", "\n\n"))
	}
	text := b.String()
	if g.IntN(4) == 0 {
		text = strings.TrimSuffix(text, "\n")
	}
	return text
}

func (g *treeMaker) line() string {
	if g.IntN(12) == 0 {
		return g.pick("# comment", "", "   ", "!", "/", "\\", "//", "**", "*", "!*", "*/", "/*", "!*/", "a\x00b", "**/", "/**", "!/**/")
	}
	line := g.pick("", "", "", "!") + g.pick("", "", "/", "**/") + g.pattern()
	return line + g.pick("", "", "", "/", "/**", "/*", " ", "  ", `\ `, "\t", "//", `\`)
}

var globParts = []string{"*", "*", "**", "***", "?", "[ab]", "[!a]", "[^a]", "[a-c]", "[]a]", "[a", "[[:alpha:]]", "[[:space:]]",
	"[[:punct:]]", "[[:cntrl:]]", "[[:print:]]", "[[:graph:]]", "[[:bad:]]", "[[:]", "[[:alpha:]-z]", `\*`, `\a`, `[\]]`, `[\a-\c]`, "[a-", "[-a]",
	"[b-a]", "[/]", "[!/]", "[a/b]", "[!]a-]", "[--0]", "*.txt", `\#`, `\!`, `\[`, "[[a]", "[!\\]", "[a-\\", "**/", "/**/", "[0-9]", "[a-c-e]", "[[:digit:]a]"}

// pattern is an existing path or a part of it, with some of it replaced by
// wildcards, or wildcards and names strung together.
func (g *treeMaker) pattern() string {
	if g.IntN(4) == 0 {
		var b strings.Builder
		for range 1 + g.IntN(4) {
			b.WriteString(g.pick(g.pick(globParts...), g.pick(treeNames...), "/"))
		}
		return b.String()
	}
	parts := strings.Split(g.pick(g.paths...), "/")
	parts = parts[g.IntN(len(parts)):]
	parts = parts[:1+g.IntN(len(parts))]
	for i, part := range parts {
		parts[i] = g.mutate(part)
	}
	return strings.Join(parts, g.pick("/", "/", "/", "/**/", "*", "/*/"))
}

func (g *treeMaker) mutate(name string) string {
	switch at := g.IntN(len(name)); g.IntN(8) {
	case 0:
		return name[:at] + "*"
	case 1:
		return "*" + name[at:]
	case 2:
		return name[:at] + "?" + name[at+1:]
	case 3:
		return name[:at] + g.pick(globParts...) + name[at+1:]
	case 4:
		return name[:at] + `\` + name[at:]
	case 5:
		return g.pick("*", "**", "?*", "[!.]*")
	}
	return name
}

func (g *treeMaker) describe(t *testing.T, top string) string {
	var b strings.Builder
	check(t, filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
		if name := d.Name(); err == nil && (name == gitIgnore || name == ownIgnore) {
			data, _ := os.ReadFile(p)
			fmt.Fprintf(&b, "%s: %q\n", p, data)
		}
		return err
	}))
	return b.String()
}
