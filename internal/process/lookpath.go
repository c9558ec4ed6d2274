package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// LookPath finds the program that name means to a child with that
// environment: a name without a slash on its PATH, one with a slash below
// dir, an absolute one where it is. Entries of PATH that are empty or
// relative are passed over, so that no file of the working folder is taken
// for a tool. The path is absolute, and links in it are kept: a virtual
// environment's Python must be called by its own name.
func LookPath(name string, env map[string]string, dir string) (string, error) {
	switch {
	case name == "":
		return "", fmt.Errorf("the name of the program is empty")
	case filepath.IsAbs(name):
		return found(name, name)
	case strings.Contains(name, "/"):
		if !filepath.IsLocal(name) {
			return "", fmt.Errorf("%s lies outside the folder that it is looked up in; name a file inside it, or an absolute path", name)
		}
		return found(name, filepath.Join(dir, name))
	}
	var problem error
	for _, folder := range filepath.SplitList(env["PATH"]) {
		if !filepath.IsAbs(folder) {
			continue
		}
		path, err := found(name, filepath.Join(folder, name))
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrNotExist) && problem == nil {
			problem = err // said if no later folder has it
		}
	}
	if problem != nil {
		return "", problem
	}
	if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
		return "", fmt.Errorf("%s is not on the PATH; for the file of that name here write ./%s", name, name)
	}
	return "", fmt.Errorf("%s is not on the PATH; install it, or name the environment that has it", name)
}

// found gives path, where name was found, or says why it cannot be run.
func found(name, path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		if cause := (*fs.PathError)(nil); errors.As(err, &cause) {
			err = cause.Err
		}
		return "", fmt.Errorf("%s: %w", name, err)
	case info.IsDir():
		return "", fmt.Errorf("%s is a folder", name)
	case info.Mode()&0o111 == 0:
		return "", fmt.Errorf("%s is not executable; chmod +x it, or run it through its interpreter", name)
	}
	return path, nil
}
