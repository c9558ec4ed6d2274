package pip

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/flowrider/flowrider/engine/environment"
	"github.com/flowrider/flowrider/internal/durable"
)

// Lock resolves the specification for every platform and for every Python from
// the lowest that `python` allows (without one, from the Python in use), and
// writes the lock file, unless its text stays the same. Pins of the existing
// lock are kept where they still fit, of one with git conflict markers those
// of this side. log receives uv's own words. A failed resolution is an
// *environment.BuildError, and the lock file stays as it was.
func (e *Environment) Lock(ctx context.Context, log io.Writer) (*environment.Lock, error) {
	want, err := e.wanted()
	if err != nil {
		return nil, err
	}
	old, err := e.oldLock()
	if err != nil {
		return nil, err
	}
	python, preferred, note, err := e.pythonToLock(want, old)
	if err != nil {
		return nil, err
	}
	floor := lowestToLock(want, old, python)
	body, err := e.resolve(ctx, want, old, python, floor, log)
	if absentUV(err) {
		fmt.Fprintln(log, "the package index has no uv for this machine: pip resolves instead")
		preferred, floor = python.minor(), version{3, python.version[1]}
		note = fmt.Sprintf("environment.%s: %s was made by pip, for this platform and Python %s only; lock it again where uv can be installed", e.spec.Name, e.lockPath(), preferred)
		body, err = e.resolveWithPip(ctx, want, old, python, log)
	}
	if err != nil {
		return nil, err
	}
	file, err := newLock(want.digest(), preferred, floor, body)
	if err != nil {
		return nil, fmt.Errorf("environment.%s cannot be locked: what uv resolved %w", e.spec.Name, err)
	}
	if err := file.check(); err != nil {
		return nil, e.failed(err)
	}
	if current, err := os.ReadFile(e.lockFile()); err != nil || string(current) != file.text {
		if err := durable.WriteFile(e.lockFile(), []byte(file.text)); err != nil {
			return nil, err
		}
	}
	return e.lock(file, python.minor(), note), nil
}

// oldLock is the lock whose pins are to be kept; nil is none.
func (e *Environment) oldLock() (*lockFile, error) {
	old, err := e.readLock()
	var stale *environment.Stale
	if !errors.As(err, &stale) {
		return old, err
	}
	data, err := os.ReadFile(e.lockFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	old, err = parseLock(oursOf(string(data)))
	if err != nil {
		return nil, nil
	}
	if old.checksum != old.sum() {
		for i := range old.pins {
			old.pins[i].hashes = nil // uv would keep a wrong one with its version
		}
	}
	return old, nil
}

// pythonToLock chooses the Python to resolve with, and the minor version that
// the lock prefers from now on: what it preferred before, as long as that is
// allowed, so that a colleague with fewer Pythons does not change it for all.
func (e *Environment) pythonToLock(want *wanted, old *lockFile) (python interpreter, preferred, note string, err error) {
	if old == nil || !want.python.allowsMinor(old.python) {
		python, _, err = e.choose(want.python, nil)
		return python, python.minor(), "", err
	}
	// The lower end is made anew below, so the old one does not count.
	python, note, err = e.choose(want.python, &lockFile{python: old.python})
	return python, old.python, note, err
}

// lowestToLock is the lowest Python that the packages must fit.
func lowestToLock(want *wanted, old *lockFile, python interpreter) version {
	if floor, ok := want.python.floor(); ok {
		return floor
	}
	floor := version{3, python.version[1]}
	if old != nil && old.floor.compare(floor) < 0 {
		floor = old.floor
	}
	return floor
}

// resolve lets uv choose the packages, and returns its lines.
func (e *Environment) resolve(ctx context.Context, want *wanted, old *lockFile, python interpreter, floor version, log io.Writer) (string, error) {
	if len(want.requirements) == 0 {
		return "", nil
	}
	uv, err := e.uv(ctx, python, log)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "flowrider-lock-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	in, limits, out := filepath.Join(dir, "requirements.in"), filepath.Join(dir, "constraints.txt"), filepath.Join(dir, "out.txt")
	files := map[string]string{in: want.input(), limits: lines(want.constraints)}
	if old != nil {
		files[out] = old.requirements() // uv keeps what it finds there
	}
	for name, text := range files {
		if err := writeText(name, text); err != nil {
			return "", err
		}
	}
	args := []string{"pip", "compile", "--universal", "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links",
		"--quiet", "--python", python.path, "--python-version", floor.short(), "-c", limits, "--output-file", out}
	if want.prerelease {
		args = append(args, "--prerelease", "allow")
	}
	t := tool{doing: "resolving packages of environment." + e.spec.Name, path: uv, args: append(args, in)}
	if err := e.runUV(ctx, t, python, want.source, log); err != nil {
		return "", err
	}
	body, err := os.ReadFile(out)
	return string(body), err
}

// check refuses packages that must not stand in a committed file.
func (f *lockFile) check() error {
	for _, p := range f.pins {
		if _, err := checkedLine(p.name + " " + p.version); err != nil {
			return err
		}
	}
	return nil
}

// lines is a file's text.
func lines(list []string) string {
	text := ""
	for _, line := range list {
		text += line + "\n"
	}
	return text
}
