package bundle

import (
	"fmt"
	"path"
	"strings"
)

// maxSteps is how many symlinks are followed to resolve one; the system
// itself stops at 40.
const maxSteps = 40

// symlinkEntries makes entries of the symlinks that stay inside the bundle.
// Those that leave it are left to the caller if link names them, and refused
// otherwise.
func symlinkEntries(symlinks []found) (entries []Entry, leaving []found, err error) {
	targets := make(map[string]string, len(symlinks))
	for _, s := range symlinks {
		targets[s.path] = s.target
	}
	for _, s := range symlinks {
		if s.linked && leaves(targets, s.path) != "" {
			leaving = append(leaving, s)
		}
	}
	for _, s := range leaving { // real files and folders in the bundle
		delete(targets, s.path)
	}
	var errs []error
	for _, s := range symlinks {
		if _, ok := targets[s.path]; !ok {
			continue
		}
		if reason := leaves(targets, s.path); reason != "" {
			errs = append(errs, &FileError{Path: s.path,
				Reason: fmt.Sprintf("is a symlink to %s, which %s", quote(s.target), reason),
				Advice: excludeAdvice(s.path) + ", or have what it points to hashed and linked: bundle { " +
					argumentLine("link", globFor(s.path)) + " }"})
			continue
		}
		entries = append(entries, Entry{Path: s.path, Type: Symlink,
			Size: int64(len(s.target)), Digest: digestText(s.target), Target: s.target})
	}
	return entries, leaving, joinErrors(errs)
}

// leaves says how the symlink at a path leads out of the bundle, or returns
// "". It walks its text as the system would, through the other symlinks of
// the bundle; what is not in the bundle cannot lead further. A loop leads
// nowhere.
func leaves(targets map[string]string, name string) string {
	if path.IsAbs(targets[name]) {
		return "is an absolute path and so is outside the bundle"
	}
	var at []string
	rest := strings.Split(name, "/")
	for steps := 0; len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			if len(at) == 0 {
				return "leaves the project"
			}
			at = at[:len(at)-1]
			continue
		}
		target, ok := targets[strings.Join(append(at[:len(at):len(at)], part), "/")]
		switch {
		case !ok:
			at = append(at, part)
		case path.IsAbs(target):
			return "leaves the project through another symlink"
		default:
			if steps++; steps > maxSteps {
				return ""
			}
			rest = append(strings.Split(target, "/"), rest...)
		}
	}
	return ""
}
