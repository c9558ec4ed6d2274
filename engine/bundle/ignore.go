package bundle

import (
	"bytes"
	"path"
	"strings"
)

// The names of the files that leave files out of a bundle.
const (
	gitIgnore = ".gitignore"
	ownIgnore = ".flowriderignore"
)

// ignoreLine is one pattern of an ignore file.
type ignoreLine struct {
	glob     glob
	number   int    // from 1
	text     string // as written, without what git drops
	negative bool   // takes files back in
	folders  bool   // matches folders only
	anywhere bool   // compared with the last part of the path
}

// ignoreFile is what one ignore file says, and the files that stand above it.
type ignoreFile struct {
	above  *ignoreFile
	folder string // of the file: slash path with a slash at its end, or ""
	name   string // of the file, for messages
	lines  []ignoreLine
}

// parseIgnore reads an ignore file as git does. Every text is valid; a
// pattern that is malformed matches nothing.
func parseIgnore(data []byte) []ignoreLine {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var lines []ignoreLine
	number := 0
	for raw := range bytes.SplitSeq(data, []byte("\n")) {
		number++
		if len(raw) == 0 || raw[0] == '#' {
			continue
		}
		text := string(bytes.TrimSuffix(raw, []byte("\r")))
		if end := strings.IndexByte(text, 0); end >= 0 {
			text = text[:end]
		}
		if line, ok := parseIgnoreLine(trimSpaces(text)); ok {
			line.number = number
			lines = append(lines, line)
		}
	}
	return lines
}

func parseIgnoreLine(text string) (line ignoreLine, ok bool) {
	line.text = text
	text, line.negative = strings.CutPrefix(text, "!")
	text, line.folders = strings.CutSuffix(text, "/")
	line.anywhere = !strings.Contains(text, "/")
	text = strings.TrimPrefix(text, "/")
	if text == "" {
		return line, false
	}
	line.glob = compileGlob(text)
	return line, true
}

// trimSpaces takes the spaces off the end of a line, but for one that a
// backslash stands before. A line that ends in a lone backslash keeps them.
func trimSpaces(text string) string {
	end := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case ' ':
			continue
		case '\\':
			if i++; i == len(text) {
				return text
			}
		}
		end = i + 1
	}
	return text[:end]
}

// matches says whether the pattern applies to a path that is given from the
// folder of the ignore file.
func (l *ignoreLine) matches(name string, folder bool) bool {
	if l.folders && !folder {
		return false
	}
	if l.anywhere {
		name = path.Base(name)
	}
	return l.glob.match(name)
}

// decide says what the ignore files say of a path of the project, whose
// folders are not ignored: the last line of the deepest file that matches
// decides. It returns nils if none does.
func (f *ignoreFile) decide(name string, folder bool) (*ignoreFile, *ignoreLine) {
	for ; f != nil; f = f.above {
		inside, ok := strings.CutPrefix(name, f.folder)
		if !ok {
			continue
		}
		for i := len(f.lines) - 1; i >= 0; i-- {
			if f.lines[i].matches(inside, folder) {
				return f, &f.lines[i]
			}
		}
	}
	return nil, nil
}

// ignoreRules are the ignore files that apply in one folder: the
// repository's, and flowrider's, which have the last word.
type ignoreRules struct {
	git *ignoreFile
	own *ignoreFile
}

// decide is the file and the line that decide about a path, or nils.
func (r ignoreRules) decide(name string, folder bool) (*ignoreFile, *ignoreLine) {
	if f, line := r.own.decide(name, folder); line != nil {
		return f, line
	}
	return r.git.decide(name, folder)
}

// ignores says whether a path, whose folders are not ignored, is ignored.
func (r ignoreRules) ignores(name string, folder bool) bool {
	_, line := r.decide(name, folder)
	return line != nil && !line.negative
}

// with adds what the ignore files of a folder say. folder is a slash path
// with a slash at its end, or "".
func (r ignoreRules) with(folder string, git, own []byte) ignoreRules {
	if len(git) > 0 {
		r.git = &ignoreFile{above: r.git, folder: folder, name: gitIgnore, lines: parseIgnore(git)}
	}
	if len(own) > 0 {
		r.own = &ignoreFile{above: r.own, folder: folder, name: ownIgnore, lines: parseIgnore(own)}
	}
	return r
}
