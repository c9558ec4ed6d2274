package draft

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowrider/flowrider/engine/bundle"
)

// large is a file that is too large to be copied for each run without a thought.
const large = 50 << 20

const ownHeading = `# Files that no flow sees, in git's syntax, besides what .gitignore leaves out.
# What flows see counts: a change of it runs them again. What is listed here can
# be neither imported nor opened by them.
`

// group are patterns with why they are there.
type group struct {
	why      string
	patterns []string
}

var groups = []group{
	{"Pages and notebooks, which flows do not read.", []string{"README*", "CHANGELOG*", "LICENSE*", "*.ipynb", ".ipynb_checkpoints/", "/docs/"}},
	{"Tests, and what checks and builds.", []string{"/tests/", "test_*.py", "conftest.py", ".github/", ".gitlab-ci.yml", ".pre-commit-config.yaml", ".vscode/", ".idea/", ".pytest_cache/", ".mypy_cache/", ".ruff_cache/"}},
}

// ownIgnore drafts a .flowriderignore, nil where there is one.
func (f *folder) ownIgnore(flows []*flow) (*File, error) {
	if text, err := f.read(".flowriderignore"); text != "" || err != nil {
		f.notes = append(f.notes, ".flowriderignore is there already, and stays as it is")
		return nil, err
	}
	var out strings.Builder
	out.WriteString(ownHeading)
	for _, g := range groups {
		out.WriteString("\n# " + g.why + "\n")
		for _, pattern := range g.patterns {
			if !hides(pattern, flows) {
				out.WriteString(pattern + "\n")
			}
		}
	}
	if list := f.large(); len(list) > 0 {
		out.WriteString("\n# Large files are copied for each run of a flow. Take the # away where no flow\n" +
			"# reads the file; else write bundle { link = [\"PATH\"] } in the flow that does.\n")
		for _, text := range list {
			out.WriteString("# " + text + "\n")
		}
	}
	return &File{Name: ".flowriderignore", Text: out.String()}, nil
}

// hides says whether a pattern would hide a flow.
func hides(pattern string, flows []*flow) bool {
	return slices.ContainsFunc(flows, func(f *flow) bool {
		if folder, ok := strings.CutPrefix(pattern, "/"); ok {
			return strings.HasPrefix(f.File, folder)
		}
		matched, _ := path.Match(pattern, path.Base(f.File))
		return matched
	})
}

// large lists the large files, as patterns, the largest first.
func (f *folder) large() []string {
	files := slices.Clone(f.files)
	slices.SortStableFunc(files, func(a, b bundle.Name) int { return int(min(max(b.Size-a.Size, -1), 1)) })
	var list []string
	for _, file := range files[:min(len(files), 10)] {
		if file.Size >= large {
			list = append(list, fmt.Sprintf("/%s", file.Path))
		}
	}
	return list
}

// gitIgnore drafts what is to be added to .gitignore, nil where nothing is or
// where there is no git, and no .gitignore for one to come. Of flowrider's own folders .flowrider ignores itself,
// and so does .metaflow, unless Metaflow has made it.
func (f *folder) gitIgnore([]*flow) (*File, error) {
	text, err := f.read(".gitignore")
	if err != nil || text == "" && !inGit(f.root) {
		return nil, err
	}
	for line := range strings.Lines(text) {
		if strings.Trim(strings.TrimSpace(line), "/") == ".metaflow" {
			return nil, nil
		}
	}
	added := []string{"# Runs of Metaflow, on this machine.", ".metaflow/"}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if text != "" {
		text += "\n"
	}
	return &File{Name: ".gitignore", Text: text + strings.Join(added, "\n") + "\n", Added: added}, nil
}

// inGit says whether a folder lies in a git repository.
func inGit(folder string) bool {
	folder, err := filepath.Abs(folder)
	for ; err == nil; folder = filepath.Dir(folder) {
		if _, err := os.Lstat(filepath.Join(folder, ".git")); err == nil {
			return true
		}
		if folder == filepath.Dir(folder) {
			break
		}
	}
	return false
}
