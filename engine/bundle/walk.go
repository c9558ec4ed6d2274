package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/internal/durable"
)

// tree is what a walk found of a project, before any content is read.
type tree struct {
	files    []found
	symlinks []found
}

// found is one selected file.
type found struct {
	path   string
	status status
	linked bool   // link names it
	behind bool   // a symlink out of the project leads to it
	target string // a symlink's text
	digest string // what the index knows; "" if it has to be read
}

// visit is a folder to be walked, and what is known of it.
type visit struct {
	path    string      // slash path, "" for the project's root
	rules   ignoreRules // of the folders above it
	outside bool        // neither named by include nor left by the ignore files
	linked  bool        // named by link
}

// result is what one visit found.
type result struct {
	tree
	folders []visit
	errs    []error
}

type walk struct {
	*compiled
	top    *folder
	prefix string // of the project in its repository
}

// walkProject finds what the selection selects. It goes down level by level,
// the folders of a level on all cores, so that the outcome depends on nothing
// but the tree. Its errors are those of a selection and of files, all of
// them.
func walkProject(c *compiled, top *folder) (*tree, error) {
	w := &walk{compiled: c, top: top}
	first := visit{outside: c.hasInclude}
	if !c.hasInclude {
		var err error
		if first.rules, w.prefix, err = findRules(c.root); err != nil {
			return nil, err
		}
	}
	if err := w.checkNamed(); err != nil {
		return nil, err
	}
	all := &tree{}
	var errs []error
	for level := []visit{first}; len(level) > 0; {
		results := make([]result, len(level))
		inParallel(len(level), func(i int, s *scratch) { results[i] = w.visit(level[i], s) })
		level = nil
		for i := range results {
			all.files = append(all.files, results[i].files...)
			all.symlinks = append(all.symlinks, results[i].symlinks...)
			level = append(level, results[i].folders...)
			errs = append(errs, results[i].errs...)
		}
		if w.most > 0 && len(all.files) > w.most {
			return nil, tooMany(w.most)
		}
	}
	return all, joinErrors(errs)
}

// checkNamed refuses a path without wildcards that include or link names and
// that is not there: it is misspelt.
func (w *walk) checkNamed() error {
	var errs []error
	for _, list := range []struct {
		argument string
		patterns patterns
	}{{"include", w.include}, {"link", w.link}} {
		for _, p := range list.patterns {
			if !p.literal {
				continue
			}
			if reason := w.missing(p.text); reason != "" {
				errs = append(errs, &PatternError{Argument: list.argument, Pattern: p.written, Reason: reason})
			}
		}
	}
	return joinErrors(errs)
}

// missing says why a path names nothing, or returns "".
func (w *walk) missing(name string) string {
	parts := strings.Split(name, "/")
	for i := range parts {
		dir, err := w.top.open(strings.Join(parts[:i], "/"))
		if err != nil {
			return "" // the walk says what is wrong with that folder
		}
		st, err := dir.stat(parts[i])
		dir.close()
		at := strings.Join(parts[:i+1], "/")
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Sprintf("is not in the project: there is no %s", quote(at))
		case err == nil && st.kind == kindSymlink && i < len(parts)-1:
			return fmt.Sprintf("lies behind the symlink %s; name the folder that it points to", quote(at))
		case err == nil && st.kind != kindFolder && i < len(parts)-1:
			return fmt.Sprintf("is not in the project: %s is %s, not a folder", quote(at), st.kind)
		}
	}
	return ""
}

// visit looks through one folder.
func (w *walk) visit(v visit, s *scratch) (r result) {
	dir, err := w.top.open(v.path)
	if err != nil {
		if v.path == "" || !errors.Is(err, fs.ErrNotExist) { // else removed since
			r.errs = append(r.errs, unreadable(v.path, "cannot be opened", err))
		}
		return r
	}
	defer dir.close()
	names, err := dir.names(s.buffer)
	if err != nil {
		r.errs = append(r.errs, unreadable(v.path, "cannot be listed", err))
		return r
	}
	if v.path != "" && slices.Contains(names, "pyvenv.cfg") {
		return r // a virtual environment; the project's root is named, whatever it is
	}
	if !w.hasInclude && !v.outside {
		if err := w.enter(&v, dir, names); err != nil {
			r.errs = append(r.errs, err)
			return r
		}
	}
	for _, name := range names {
		w.look(v, dir, name, &r)
	}
	return r
}

// enter adds the ignore files of a folder to the rules of its visit. Inside a
// repository of its own, such as a submodule, the .gitignore files above it
// do not count.
func (w *walk) enter(v *visit, dir *folder, names []string) error {
	var git, own []byte
	for _, name := range names {
		var err error
		switch name {
		case ".git":
			v.rules.git = nil
		case gitIgnore:
			git, err = dir.readIgnore(name)
		case ownIgnore:
			own, err = dir.readIgnore(name)
		}
		if err != nil {
			return ignoreError(quote(path.Join(v.path, name)), err)
		}
	}
	at := w.prefix
	if v.path != "" {
		at += v.path + "/"
	}
	v.rules = v.rules.with(at, git, own)
	return nil
}

// look decides about one name in a folder.
func (w *walk) look(v visit, dir *folder, name string, r *result) {
	if isNever(name) {
		return
	}
	at := name
	if v.path != "" {
		at = v.path + "/" + name
	}
	st, err := dir.stat(name)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			r.errs = append(r.errs, unreadable(at, "cannot be looked at", err))
		}
		return
	}
	// To a glob a symlink may stand for a folder; to git it is none.
	isFolder := st.kind == kindFolder || st.kind == kindSymlink
	if w.omit.names(at, isFolder) || w.exclude.names(at, isFolder) {
		return
	}
	linked := v.linked || w.link.names(at, isFolder)
	outside := v.outside
	if w.hasInclude {
		outside = outside && !w.include.names(at, isFolder)
	} else {
		outside = outside || v.rules.ignores(w.prefix+at, st.kind == kindFolder)
	}
	selected := linked || !outside
	switch st.kind {
	case kindFolder:
		if wanted := selected || w.include.reaches(at) || w.link.reaches(at); wanted && len(at) > longest {
			top, _, _ := strings.Cut(at, "/")
			r.errs = append(r.errs, &FileError{Path: top,
				Reason: fmt.Sprintf("holds folders so deep that their paths have more than %s bytes, and few programs can open what is there", count(longest)),
				Advice: excludeAdvice(top)})
		} else if wanted {
			r.folders = append(r.folders, visit{path: at, rules: v.rules, outside: outside, linked: linked})
		}
	case kindFile:
		if selected && !w.isOwn(v, st, name) {
			r.files = append(r.files, found{path: at, status: st, linked: linked})
		}
	case kindSymlink:
		if !selected {
			return
		}
		target, err := dir.readlink(name)
		if err != nil {
			r.errs = append(r.errs, unreadable(at, "cannot be read", err))
			return
		}
		r.symlinks = append(r.symlinks, found{path: at, status: st, linked: linked, target: target})
	default:
		if selected {
			r.errs = append(r.errs, &FileError{Path: at,
				Reason: fmt.Sprintf("is %s, and only files, folders and symlinks can be bundled", st.kind),
				Advice: "remove it, or " + excludeAdvice(at)})
		}
	}
}

// longest is the path of the deepest folder that is walked, in bytes. With the
// path of a bundle before it, it is still one that programs can open; and
// to open folders one by one, as it is done here, takes too long further down.
const longest = 2000

// isOwn says whether a file is flowrider's own by its content.
func (w *walk) isOwn(v visit, st status, name string) bool {
	return w.own != nil && v.path == "" && st.Mode&0o777 == 0o600 && w.own(filepath.Join(w.root, name))
}

// isNever says whether a name is never bundled, wherever it stands. Case does
// not matter, since some file systems do not see it.
func isNever(name string) bool {
	switch strings.ToLower(name) {
	case ".git", ".flowrider", ".metaflow", ownIgnore, "__pycache__":
		return true
	}
	return durable.IsTemp(name) // an output that is just being placed
}

// unreadable is a file that the system does not let us read.
func unreadable(name, reason string, err error) error {
	if name == "" {
		return fmt.Errorf("project folder %s: %w", reason, err)
	}
	return &FileError{Path: name, Reason: reason + ": " + systemError(err),
		Advice: "make it readable, or " + excludeAdvice(name), Err: err}
}

func systemError(err error) string {
	if errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENOTDIR) {
		return "it was replaced while the project was read"
	}
	return err.Error()
}
