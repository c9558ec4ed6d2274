package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/flowrider/flowrider/engine/index"
)

// followLinks finds the files behind symlinks that link names and that lead
// out of the project: a file, or all files below a folder. Symlinks behind
// them are followed as well, since nothing else would give the flow what it
// was hashed with.
func (c *compiled) followLinks(leaving []found) ([]found, error) {
	var files []found
	var errs []error
	for _, s := range leaving {
		more, err := c.follow(s.path, nil)
		files = append(files, more...)
		if err != nil {
			errs = append(errs, err)
		}
	}
	return files, joinErrors(errs)
}

// follow finds the files at and below a path of the project, through
// symlinks. above are the folders that it was reached through.
func (c *compiled) follow(at string, above []status) ([]found, error) {
	full := c.original(at)
	var st unix.Stat_t
	if _, err := retry(func() (int, error) { return 0, unix.Stat(full, &st) }); err != nil {
		return nil, unreadable(at, "is a symlink that cannot be followed", err)
	}
	s := newStatus(&st)
	switch {
	case s.kind == kindFile:
		return []found{{path: at, status: s, linked: true, behind: true}}, nil
	case s.kind != kindFolder:
		return nil, &FileError{Path: at, Reason: "leads to " + s.kind.String() + ", which cannot be linked", Advice: excludeAdvice(at)}
	case slices.ContainsFunc(above, func(a status) bool { return a.Inode == s.Inode && a.Device == s.Device }):
		return nil, &FileError{Path: at, Reason: "leads back to a folder that it lies in", Advice: excludeAdvice(at)}
	}
	names, err := os.ReadDir(full)
	if err != nil {
		return nil, unreadable(at, "cannot be listed", err)
	}
	if slices.ContainsFunc(names, func(d fs.DirEntry) bool { return d.Name() == "pyvenv.cfg" }) {
		return nil, nil
	}
	var files []found
	var errs []error
	for _, entry := range names {
		below := at + "/" + entry.Name()
		mayBeFolder := !entry.Type().IsRegular()
		if isNever(entry.Name()) || c.omit.names(below, mayBeFolder) || c.exclude.names(below, mayBeFolder) {
			continue
		}
		more, err := c.follow(below, append(above[:len(above):len(above)], s))
		files = append(files, more...)
		if err != nil {
			errs = append(errs, err)
		}
	}
	return files, errors.Join(errs...)
}

// digestOriginal digests a file by its path, through symlinks.
func (s *scratch) digestOriginal(name string) (facts, error) {
	return s.tryStill(func() (facts, error) {
		fd, err := retry(func() (int, error) {
			return unix.Open(name, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		})
		if err != nil {
			return facts{}, err
		}
		defer unix.Close(fd)
		return s.digestOpen(fd)
	})
}

// digestLinked is digestOriginal for what the index does not know. at is the path
// in the project.
func (s *scratch) digestLinked(name, at string, pass *index.Pass) (facts, error) {
	var st unix.Stat_t
	if _, err := retry(func() (int, error) { return 0, unix.Stat(name, &st) }); err != nil {
		return facts{}, err
	}
	now := newStatus(&st)
	if digest, ok := pass.Digest(at, now.Status); ok {
		return facts{now, digest}, nil
	}
	got, err := s.digestOriginal(name)
	if err == nil {
		pass.Put(at, got.status.Status, got.digest)
	}
	return got, err
}

// CheckLinks says, after a run, whether the files that the bundle linked to
// in the project at root are still what the listing says. If not, what the
// run read is not known, and it must not be recorded: the error names the
// files. What the index knows is not read.
func CheckLinks(l *Listing, root string, files *index.Index) error {
	var links []Entry
	for _, e := range l.Entries {
		if e.Type == Link {
			links = append(links, e)
		}
	}
	if len(links) == 0 {
		return nil
	}
	pass := files.Begin()
	changed := make([]string, len(links))
	inParallel(len(links), func(i int, s *scratch) {
		e := links[i]
		now, err := s.digestLinked(filepath.Join(root, filepath.FromSlash(e.Path)), e.Path, pass)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			changed[i] = "was removed"
		case err != nil:
			changed[i] = "cannot be read any more: " + err.Error()
		case now.digest != e.Digest || now.status.executable() != e.Executable:
			changed[i] = "was changed"
		}
	})
	var errs []error
	for i, reason := range changed {
		if reason != "" {
			errs = append(errs, &FileError{Path: links[i].Path, Reason: reason + " while the flow ran, and it is linked, not copied",
				Advice: "run again when nothing writes to it, or take it out of link so that it is copied"})
		}
	}
	return joinErrors(errs)
}

// changing is a file that something writes to.
func changing(name string) error {
	return &FileError{Path: name, Reason: fmt.Sprintf("%s; it was tried %d times", errChanging, len(pauses)+1),
		Advice: "stop what writes to it, or " + excludeAdvice(name), Err: errChanging}
}
