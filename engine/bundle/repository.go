package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// maxIgnoreFile is the largest ignore file that is read, in bytes.
const maxIgnoreFile = 16 << 20

// findRules reads the ignore files that stand above the project: those of the
// repository that it lies in, from the repository's top (the folder with
// .git) downwards. prefix is the project's place in the repository, with a
// slash at its end, or "". Without a repository there are none.
func findRules(root string) (rules ignoreRules, prefix string, err error) {
	root, err = filepath.EvalSymlinks(root)
	if err != nil {
		return rules, "", fmt.Errorf("project folder: %w", err)
	}
	top := findTop(root)
	relative, err := filepath.Rel(top, root)
	if err != nil || relative == "." {
		return rules, "", err
	}
	dir, at := top, "" // at is dir from top, with a slash at its end
	for part := range strings.SplitSeq(filepath.ToSlash(relative), "/") {
		if rules, err = readRules(dir, at, rules); err != nil {
			return rules, "", err
		}
		if f, line := rules.decide(at+part, true); line != nil && !line.negative {
			return rules, "", fmt.Errorf("project folder %s is ignored by line %d of %s (%s), so nothing of it would be bundled; "+
				"take that line away, or name the project's files with include",
				at+part, line.number, filepath.Join(top, filepath.FromSlash(f.folder), f.name), quote(line.text))
		}
		dir, at = filepath.Join(dir, part), at+part+"/"
	}
	return rules, at, nil
}

// findTop is the nearest folder with .git, from root upwards, or root itself.
func findTop(root string) string {
	for dir := root; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return root
		}
	}
}

// readRules adds the ignore files of a folder above the project.
func readRules(dir, at string, rules ignoreRules) (ignoreRules, error) {
	f, err := openRoot(dir)
	if err != nil {
		return rules, err
	}
	defer f.close()
	git, err := f.readIgnore(gitIgnore)
	if err != nil {
		return rules, ignoreError(filepath.Join(dir, gitIgnore), err)
	}
	own, err := f.readIgnore(ownIgnore)
	if err != nil {
		return rules, ignoreError(filepath.Join(dir, ownIgnore), err)
	}
	return rules.with(at, git, own), nil
}

// readIgnore reads an ignore file of a folder. Like git it takes what is not
// a regular file, a symlink too, for no ignore file.
func (f *folder) readIgnore(name string) ([]byte, error) {
	st, err := f.stat(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && st.kind != kindFile {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if st.Size > maxIgnoreFile {
		return nil, fmt.Errorf("holds %s, more than an ignore file can", size(st.Size))
	}
	fd, err := f.openFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // removed since
	}
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	data := make([]byte, st.Size)
	for at := 0; at < len(data); {
		n, err := readAt(fd, data[at:], int64(at))
		if err != nil {
			return nil, err
		}
		at += n
	}
	return data, nil
}

func ignoreError(path string, err error) error {
	return fmt.Errorf("ignore file %s: %w; make it readable, or name the project's files with include", path, err)
}
