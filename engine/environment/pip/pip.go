// Package pip locks and builds virtual environments from the Python package
// index, with uv. The entry point is New; Environment has the four steps that
// the engine asks for (Locked, Lock, Built, Build), each in a file of its own.
//
// It leaves to others: what the environment block looks like (schema), when to
// lock or build (engine/apply), how a flow is started inside (engine/runner),
// and how a lock file is written so that it survives (internal/durable).
package pip

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/flowrider/flowrider/engine/environment"
)

// Spec is a declared pip environment, evaluated.
type Spec struct {
	Root         string            // folder of flowrider.hcl, absolute
	Name         string            // as in environment.<name>, for messages
	File         string            // slash path of the lock file below LocksDir, without .lock; "" is Name
	Python       string            // versions allowed, ">=3.10"; "" allows all
	Packages     map[string]string // "name" or "name[extra]" -> ">=2", "1.2.3" (exactly that), "@ https://…", or "" for any
	Requirements []string          // requirement files, slash paths below Root; their content counts
	LocksDir     string            // slash path below Root; "" is "locks"
	Offline      bool              // Locked starts no Python: the one that the lock prefers is taken to be here

	Cache   string   // folder shared by all projects; "" is environment.CacheDir(Root)
	Environ []string // variables of the caller as NAME=value; nil is os.Environ()
}

// Environment is a pip environment. It holds no state besides its
// specification: what it knows is in the lock file and in the cache.
type Environment struct {
	spec    Spec
	cache   string
	environ map[string]string
	places  []string // where else to look for Pythons; nil is the usual places
}

var _ environment.Environment = (*Environment)(nil)

// New returns the environment of a specification. Mistakes in it are errors of
// Locked and Lock.
func New(spec Spec) *Environment {
	if spec.LocksDir == "" {
		spec.LocksDir = "locks"
	}
	if spec.Cache == "" {
		spec.Cache = environment.CacheDir(spec.Root)
	}
	if spec.Environ == nil {
		spec.Environ = os.Environ()
	}
	environ := make(map[string]string, len(spec.Environ))
	for _, entry := range spec.Environ {
		if name, value, ok := strings.Cut(entry, "="); ok && name != "" {
			environ[name] = value
		}
	}
	return &Environment{spec: spec, cache: spec.Cache, environ: environ}
}

// Locked reads the lock and chooses the Python it is used with on this
// machine: the minor version that the lock prefers, else the newest installed
// one that fits, which the lock's Note says. A lock that is absent, damaged, or
// made for another specification is an *environment.Stale; one written by a
// newer flowrider, or a machine without a fitting Python, is another error.
//
// Where the environment is built already, no process is started.
func (e *Environment) Locked() (*environment.Lock, error) {
	want, err := e.wanted()
	if err != nil {
		return nil, err
	}
	file, err := e.readLock()
	if err != nil {
		return nil, err
	}
	if file.specification != want.digest() {
		return nil, &environment.Stale{Reason: e.lockPath() + " was made for another specification of environment." + e.spec.Name + ": lock it again (flowrider env lock)"}
	}
	if want.python.allowsMinor(file.python) {
		lock := e.lock(file, file.python, "")
		if _, built := e.Built(lock); built {
			return lock, nil
		}
	}
	if e.spec.Offline {
		if want.python.allowsMinor(file.python) {
			return e.lock(file, file.python, ""), nil
		}
		return nil, &environment.Stale{Reason: "which Python environment." + e.spec.Name + " is used with is not known without asking those of this machine"}
	}
	chosen, note, err := e.choose(want.python, file)
	if err != nil {
		return nil, err
	}
	return e.lock(file, chosen.minor(), note), nil
}

// Built finds the prefix of a lock if it stands complete on this machine and
// the interpreter it was made from is still there.
func (e *Environment) Built(lock *environment.Lock) (*environment.Prefix, bool) {
	dir, ok := e.place(lock).complete()
	if !ok {
		return nil, false
	}
	prefix := prefixAt(dir)
	// The stat follows the link to the interpreter the prefix was made from,
	// which may have been uninstalled since.
	if _, err := os.Stat(prefix.Python); err != nil {
		return nil, false
	}
	return prefix, true
}

// lockPath is the lock file's slash path below the root folder.
func (e *Environment) lockPath() string {
	return path.Join(filepath.ToSlash(e.spec.LocksDir), cmp.Or(e.spec.File, e.spec.Name)+".lock")
}

// lockFile is the lock file's path on this machine.
func (e *Environment) lockFile() string {
	return filepath.Join(e.spec.Root, filepath.FromSlash(e.lockPath()))
}

// readLock reads and parses the lock file. What is wrong with it is a *Stale
// with the file's name, unless writing over it would lose something.
func (e *Environment) readLock() (*lockFile, error) {
	data, err := os.ReadFile(e.lockFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &environment.Stale{Reason: e.lockPath() + " does not exist yet: flowrider env lock makes it"}
	}
	if err != nil {
		return nil, fmt.Errorf("lock of environment.%s cannot be read: %w", e.spec.Name, err)
	}
	file, err := parseLock(string(data))
	var newer *newerFormat
	if errors.As(err, &newer) {
		return nil, fmt.Errorf("%s %w: install a newer flowrider", e.lockPath(), err)
	}
	if err != nil {
		return nil, &environment.Stale{Reason: e.lockPath() + " " + err.Error()}
	}
	if file.checksum != file.sum() {
		return nil, &environment.Stale{Reason: e.lockPath() + " was changed by hand or by a merge, so that its checksum does not fit: lock it again (flowrider env lock), which keeps the versions that still fit"}
	}
	return file, nil
}

// lock makes the engine's view of a lock file used with a Python.
func (e *Environment) lock(file *lockFile, python, note string) *environment.Lock {
	return &environment.Lock{
		Digest:   file.digest(python),
		Path:     e.lockPath(),
		Python:   python,
		Packages: file.packages(),
		Text:     file.text,
		Facts:    file.facts(python),
		Note:     note,
	}
}
