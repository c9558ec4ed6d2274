package pip

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flowrider/flowrider/internal/process"
)

// interpreter is a Python that answered.
type interpreter struct {
	path    string // absolute, of the real program, not of a shim or a virtual environment
	prefix  string // its installation's folder
	version version
	final   bool   // not an alpha, beta or release candidate
	problem string // why no environment is made from it; "" is none
}

func (i interpreter) minor() string { return i.version.minor() }

// question is what a candidate is asked. Virtual environments lead back to the
// installation they were made from.
const question = `import json, sys
print(json.dumps({
    "version": sys.version_info[:3], "final": sys.version_info[3] == "final",
    "implementation": sys.implementation.name, "threaded": "t" in getattr(sys, "abiflags", ""),
    "executable": sys.executable, "prefix": sys.prefix, "base": sys.base_prefix}))`

type answer struct {
	Version        version
	Final          bool
	Implementation string
	Threaded       bool
	Executable     string
	Prefix, Base   string
}

// asked remembers answers while the program runs, by path, size and time.
var asked sync.Map

// ask starts a candidate once and returns what it really is.
func (s search) ask(path string) (interpreter, error) {
	info, err := os.Stat(path)
	if err != nil {
		return interpreter{}, err
	}
	key := fmt.Sprint(path, "|", info.Size(), "|", info.ModTime().UnixNano())
	if known, ok := asked.Load(key); ok {
		return known.(interpreter), nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out, err := process.Ask(ctx, process.Command{
		Path: path, Args: []string{"-I", "-c", question}, Env: buildEnviron(s.environ), Dir: filepath.Dir(path),
	})
	if err != nil {
		return interpreter{}, fmt.Errorf("%s: %w", path, err)
	}
	var a answer
	if err := json.Unmarshal(bytes.TrimSpace(out), &a); err != nil || !filepath.IsAbs(a.Executable) {
		return interpreter{}, fmt.Errorf("%s: it does not answer as a Python does", path)
	}
	if a.Prefix != a.Base {
		base := filepath.Join(a.Base, "bin", "python"+a.Version.minor())
		if _, err := os.Stat(base); err == nil && base != path {
			return s.ask(base)
		}
	}
	found := interpreter{path: a.Executable, prefix: a.Base, version: a.Version, final: a.Final, problem: a.problem()}
	asked.Store(key, found)
	return found, nil
}

func (a answer) problem() string {
	switch {
	case a.Version.compare(version{3, oldestMinor}) < 0:
		return "too old"
	case a.Implementation != "cpython":
		return "not CPython"
	case a.Threaded:
		return "without the GIL"
	}
	return ""
}

// search looks through this machine as the environment's caller would.
func (e *Environment) search() search {
	s := search{environ: e.environ, root: e.spec.Root, places: e.places}
	if s.places == nil {
		s.places = usualPlaces(s.home)
	}
	return s
}

// choose finds the Python for a lock: the minor version it prefers, else the
// newest that fits, with a note that says so. Without a lock (nil) it is
// python3 on PATH if that fits, else the newest that fits.
func (e *Environment) choose(python pythonRange, lock *lockFile) (interpreter, string, error) {
	s := e.search()
	fits := func(i interpreter) bool {
		return i.problem == "" && python.allows(i.version) && (lock == nil || i.version.compare(lock.floor) >= 0)
	}
	candidates := s.candidates()
	if lock == nil {
		if found, ok := s.first(candidates, fits); ok {
			return found, "", nil
		}
	} else if found, ok := s.ofMinor(candidates, lock.python, fits); ok {
		return found, "", nil
	}
	found, ok := s.newest(candidates, fits)
	if !ok {
		return interpreter{}, "", e.noPython(s, candidates, lock)
	}
	if lock == nil {
		return found, "", nil
	}
	note := fmt.Sprintf("environment.%s: %s prefers Python %s, which does not fit or is not on this machine; using Python %s", e.spec.Name, e.lockPath(), lock.python, found.version)
	return found, note, nil
}

// exactly finds a Python of the minor version that a lock is used with.
func (e *Environment) exactly(minor string) (interpreter, error) {
	s := e.search()
	python, err := parsePythonRange(e.spec.Python)
	if err != nil {
		return interpreter{}, e.failed(err)
	}
	candidates := s.candidates()
	fits := func(i interpreter) bool { return i.problem == "" && python.allows(i.version) }
	found, ok := s.ofMinor(candidates, minor, fits)
	if !ok {
		return interpreter{}, fmt.Errorf("environment.%s needs Python %s, which was not found any more. %s", e.spec.Name, minor, s.report(candidates))
	}
	return found, nil
}

// first is what `python3` means on PATH.
func (s search) first(candidates []candidate, fits func(interpreter) bool) (interpreter, bool) {
	for _, c := range candidates {
		if c.first {
			found, err := s.ask(c.path)
			return found, err == nil && found.final && fits(found)
		}
	}
	return interpreter{}, false
}

// ofMinor is the first Python of a minor version, released ones before others.
func (s search) ofMinor(candidates []candidate, minor string, fits func(interpreter) bool) (interpreter, bool) {
	var unfinished *interpreter
	for _, c := range candidates {
		if c.minor != 0 && fmt.Sprintf("3.%d", c.minor) != minor {
			continue
		}
		found, err := s.ask(c.path)
		if err != nil || found.minor() != minor || !fits(found) {
			continue
		}
		if found.final {
			return found, true
		}
		unfinished = &found
	}
	if unfinished != nil {
		return *unfinished, true
	}
	return interpreter{}, false
}

// newest is the newest minor version that fits, released ones before others.
// Candidates are asked from the highest promise down, and no further than
// needed.
func (s search) newest(candidates []candidate, fits func(interpreter) bool) (interpreter, bool) {
	ordered := slices.Clone(candidates)
	slices.SortStableFunc(ordered, func(a, b candidate) int { return promise(b) - promise(a) })
	var best, unfinished *interpreter
	for _, c := range ordered {
		if best != nil && promise(c) <= best.version[1] {
			break
		}
		found, err := s.ask(c.path)
		if err != nil || !fits(found) {
			continue
		}
		if !found.final && unfinished == nil {
			unfinished = &found
		}
		if found.final && (best == nil || found.version[1] > best.version[1]) {
			best = &found
		}
	}
	if best == nil {
		best = unfinished
	}
	if best == nil {
		return interpreter{}, false
	}
	return *best, true
}

// promise is the minor version to expect; a name that does not say may be any.
func promise(c candidate) int {
	if c.minor == 0 {
		return newestMinor
	}
	return c.minor
}

// noPython says what was looked for, what is there, and what to do.
func (e *Environment) noPython(s search, candidates []candidate, lock *lockFile) error {
	wanted := "a Python 3." + fmt.Sprint(oldestMinor) + " or newer"
	if e.spec.Python != "" {
		wanted = "a Python that fits python = \"" + e.spec.Python + "\""
	}
	if lock != nil {
		wanted += ", from " + lock.floor.short() + " on as in " + e.lockPath()
	}
	return fmt.Errorf("environment.%s needs %s, and there is none. %s", e.spec.Name, wanted, s.report(candidates))
}

// report lists the Pythons found, one a minor version, newest first, and the
// ways out.
func (s search) report(candidates []candidate) string {
	var found []interpreter
	var silent error
	for _, c := range candidates {
		i, err := s.ask(c.path)
		if err != nil {
			silent = errors.Join(silent, err)
			continue
		}
		found = append(found, i)
	}
	slices.SortStableFunc(found, func(a, b interpreter) int { return b.version.compare(a.version) })
	found = slices.CompactFunc(found, func(a, b interpreter) bool { return a.minor() == b.minor() && a.problem == b.problem })
	var names []string
	for _, i := range found {
		name := i.version.String() + " (" + i.path
		if i.problem != "" {
			name += ", " + i.problem
		}
		names = append(names, name+")")
	}
	text := "No Python was found on PATH, below pyenv or in the usual places"
	if len(names) > 0 {
		text = "Found: " + strings.Join(names, ", ")
	}
	if silent != nil {
		text += "; did not start: " + strings.ReplaceAll(silent.Error(), "\n", "; ")
	}
	return text + ". Install one that fits (https://www.python.org/downloads, or `uv python install 3.12`) or change the `python` argument"
}
