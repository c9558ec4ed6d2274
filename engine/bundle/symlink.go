package bundle

import (
	"fmt"
	"path"
	"slices"
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
	var refused []found
	for _, s := range symlinks {
		if _, ok := targets[s.path]; !ok {
			continue
		}
		if reason := leaves(targets, s.path); reason != "" {
			refused = append(refused, s)
			errs = append(errs, &FileError{Path: s.path,
				Reason: fmt.Sprintf("is a symlink to %s, which %s", quote(s.target), reason),
				Advice: excludeAdvice(s.path) + ", or have what it points to hashed and linked: bundle { " +
					argumentLine("link", globFor(s.path)) + " }"})
			continue
		}
		entries = append(entries, Entry{Path: s.path, Type: Symlink,
			Size: int64(len(s.target)), Digest: digestText(s.target), Target: s.target})
	}
	if len(refused) > fewSymlinks {
		return entries, leaving, manyLeave(refused)
	}
	return entries, leaving, joinErrors(errs)
}

// fewSymlinks is how many are told of one by one.
const fewSymlinks = 3

// manyLeave is the error of many symlinks that lead out of the bundle: how many they
// are, the first, and where they lie.
func manyLeave(symlinks []found) error {
	symlinks = slices.SortedFunc(slices.Values(symlinks), func(a, b found) int { return strings.Compare(a.path, b.path) })
	var first, globs []string
	for _, s := range symlinks {
		if len(first) < fewSymlinks {
			first = append(first, fmt.Sprintf("%s to %s", quote(s.path), quote(s.target)))
		}
		globs = append(globs, aroundSymlink(s.path, path.Dir(s.path)))
	}
	if globs = slices.Compact(globs); len(globs) > 2*fewSymlinks {
		globs = nil
		for _, s := range symlinks {
			top, _, _ := strings.Cut(s.path, "/")
			globs = append(globs, aroundSymlink(s.path, top))
		}
		globs = slices.Compact(globs)
	}
	more := ""
	if hidden := len(globs) - 2*fewSymlinks; hidden > 0 {
		globs, more = globs[:2*fewSymlinks], fmt.Sprintf(", and so on for %s more places", count(hidden))
	}
	return fmt.Errorf("%s symlinks lead out of the project, and so out of the bundle: %s and so on; have what they point to hashed and linked: bundle { %s }, or leave all out that lies there: %s%s",
		count(len(symlinks)), strings.Join(first, ", "), argumentLine("link", globs...), argumentLine("exclude", globs...), more)
}

// aroundSymlink is a glob for all that lies in the folder of a symlink, or for the
// symlink itself if it lies in none.
func aroundSymlink(name, folder string) string {
	if folder == "." || folder == name {
		return globFor(name)
	}
	return globFor(folder) + "/**"
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
