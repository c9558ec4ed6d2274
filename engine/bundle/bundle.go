// Package bundle decides which files of a project a flow can see, digests
// them, and copies them to a folder of their own, so that what is hashed is
// what is run.
//
// List is for plan: it reads and hashes. Copy is for apply: it hashes the very
// bytes that it copies. CheckLinks says after a run whether files that were
// linked and not copied are still what was hashed. A Selection says which
// files; its rules are those of git where it names nothing itself.
//
// The package leaves to its callers which paths are flowrider's own
// (Selection.Omit), where bundles lie, when they are removed, and who prints
// the warnings. What is known of files from earlier calls is engine/index's.
// Bundles are scratch, not state, so they are written directly and not through
// internal/durable.
package bundle

import (
	"fmt"
	"path/filepath"
)

// Selection says which files of a project are bundled.
//
// Include, Exclude and Link are doublestar globs of slash paths from Root; one
// that matches a folder means all below it. Without HasInclude the files are
// those that the repository's .gitignore files and .flowriderignore leave.
// With it they are exactly what Include names, which may be nothing, and
// ignore files do not apply. What Link names is bundled too, ignored or not,
// as symlinks to the originals. Exclude takes away from all of that.
type Selection struct {
	Root       string // the project's folder
	Include    []string
	Exclude    []string
	Link       []string
	HasInclude bool

	// Omit holds slash paths or globs from Root that are never bundled,
	// whatever is named: flowrider's own files, run-ID files, outputs.
	Omit []string

	// Own says of a file whether it is one of flowrider's own by its content. It
	// is asked only of files in Root itself that their owner alone can read: to
	// look into all would cost what an index saves. It may be nil.
	Own func(path string) bool `json:"-"`
}

// compiled is a Selection that has been checked and can be asked.
type compiled struct {
	root       string // absolute
	include    patterns
	exclude    patterns
	link       patterns
	omit       patterns
	own        func(path string) bool // of a file in the root; nil for none
	hasInclude bool
	most       int // files, 0 for any number
}

// compile checks the globs of a selection and makes its root absolute. Its
// errors are *PatternError, or say that the root cannot be found.
func (s Selection) compile() (*compiled, error) {
	root, err := filepath.Abs(s.Root)
	if err != nil {
		return nil, fmt.Errorf("project folder %s: %w", s.Root, err)
	}
	c := &compiled{root: root, hasInclude: s.HasInclude, omit: compileOmit(s.Omit), own: s.Own}
	for _, list := range []struct {
		argument string
		from     []string
		to       *patterns
	}{
		{"include", s.Include, &c.include},
		{"exclude", s.Exclude, &c.exclude},
		{"link", s.Link, &c.link},
	} {
		for _, text := range list.from {
			if err := CheckPattern(text); err != nil {
				return nil, &PatternError{Argument: list.argument, Pattern: text, Reason: err.Error()}
			}
			*list.to = append(*list.to, compilePattern(text))
		}
	}
	return c, nil
}
