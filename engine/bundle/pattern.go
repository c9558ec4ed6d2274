package bundle

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// maxAlternatives bounds the braces of a glob: matching takes time
// exponential in their number.
const maxAlternatives = 8

// CheckPattern says what is wrong with a glob of include, exclude or link, or
// returns nil. The error names neither the argument nor the glob.
func CheckPattern(pattern string) error {
	switch {
	case pattern == "":
		return errors.New("is empty; write \".\" for the whole project")
	case strings.ContainsRune(pattern, 0):
		return errors.New("contains a NUL character")
	case strings.HasPrefix(pattern, "/"):
		return errors.New("is an absolute path; write it from the project's root")
	case strings.Count(pattern, "{") > maxAlternatives:
		return fmt.Errorf("has more than %d braces; write several globs", maxAlternatives)
	}
	for part := range strings.SplitSeq(pattern, "/") {
		if part == ".." {
			return errors.New("leaves the project by \"..\"; only files below the project's root can be bundled")
		}
	}
	if !doublestar.ValidatePattern(path.Clean(pattern)) {
		return errors.New("is not a glob: a bracket or brace is not closed, or it ends in a backslash")
	}
	return nil
}

// Match says whether a glob, which CheckPattern accepts, names a slash path
// or one of the folders that it lies in.
func Match(pattern, name string) bool {
	p := compilePattern(pattern)
	if p.names(name, false) {
		return true
	}
	for dir := path.Dir(name); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if p.names(dir, true) {
			return true
		}
	}
	return false
}

// pattern is one glob, ready to be matched while a tree is walked.
type pattern struct {
	written  string   // as the author wrote it
	text     string   // cleaned; "**" for the whole project
	files    string   // text, but "x/**" does not match a file named x
	segments []string // text between slashes
	literal  bool     // has no wildcard
}

type patterns []pattern

func compilePattern(written string) pattern {
	text := path.Clean(written)
	if text == "." {
		text = "**"
	}
	p := pattern{written: written, text: text, files: text, segments: strings.Split(text, "/")}
	p.literal = !strings.ContainsAny(text, `*?[{\`)
	// doublestar lets "x/**" match x itself, as a folder would be.
	if strings.HasSuffix(text, "/**") {
		p.files = text + "/*"
	}
	return p
}

// compileOmit reads each path both as it stands and as a glob, since the name
// of an output or a key may hold brackets. What lies outside the project
// needs no omitting.
func compileOmit(omit []string) patterns {
	var ps patterns
	for _, text := range omit {
		text = path.Clean(text)
		if text == "." || text == ".." || strings.HasPrefix(text, "../") || strings.HasPrefix(text, "/") {
			continue
		}
		p := compilePattern(escapeGlob(text))
		ps = append(ps, p)
		if !p.literal && CheckPattern(text) == nil {
			ps = append(ps, compilePattern(text))
		}
	}
	return ps
}

// names says whether the glob matches the path itself. That a matched folder
// means all below it is the walk's business.
func (p pattern) names(name string, folder bool) bool {
	if folder {
		return doublestar.MatchUnvalidated(p.text, name)
	}
	return doublestar.MatchUnvalidated(p.files, name)
}

// reaches says whether the glob might match something below the folder. It
// may say yes too often, never too seldom.
func (p pattern) reaches(folder string) bool {
	rest := p.segments
	for part := range strings.SplitSeq(folder, "/") {
		if len(rest) == 0 || rest[0] == "**" || strings.ContainsAny(rest[0], `[{\`) {
			return true
		}
		if !doublestar.MatchUnvalidated(rest[0], part) {
			return false
		}
		rest = rest[1:]
	}
	return true
}

func (ps patterns) names(name string, folder bool) bool {
	for i := range ps {
		if ps[i].names(name, folder) {
			return true
		}
	}
	return false
}

func (ps patterns) reaches(folder string) bool {
	for i := range ps {
		if ps[i].reaches(folder) {
			return true
		}
	}
	return false
}

// escapeGlob writes a path as the glob that matches it and nothing else.
func escapeGlob(name string) string {
	return globEscapes.Replace(name)
}

var globEscapes = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `{`, `\{`, `}`, `\}`)
